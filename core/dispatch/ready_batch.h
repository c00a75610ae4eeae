// ReadyBatch gathers what its thread makes ready on pools, and hands it over when it ends: one lock and one waking for
// many. For a thread that delivers many messages in a row, such as those of a frame that has come from another node.
// Knows: pools. Must never know: what is ready.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/dispatch/dispatcher.h"

namespace motet {

class ThreadPool;

class ReadyBatch {
  public:
    ReadyBatch() : outer_(current_) { current_ = this; }
    ~ReadyBatch() {
        flush();
        current_ = outer_;
    }
    ReadyBatch(const ReadyBatch &) = delete;
    ReadyBatch &operator=(const ReadyBatch &) = delete;

    // The innermost of this thread; nullptr when there is none.
    static ReadyBatch *current() { return current_; }

    // False: it holds as much as it can; the caller hands the runnable over itself.
    bool add(ThreadPool &pool, Runnable *runnable);

    void flush();

  private:
    static constexpr size_t kPools = 4;
    static constexpr uint32_t kMost = 64;  // gathered, so that who came first does not wait for long

    struct Ready {
        ThreadPool *pool = nullptr;
        ReadyList list;
        uint32_t count = 0;
    };

    static constinit thread_local ReadyBatch *current_ __attribute__((tls_model("initial-exec")));

    ReadyBatch *const outer_;
    std::array<Ready, kPools> ready_;
    uint32_t gathered_ = 0;
};

}  // namespace motet
