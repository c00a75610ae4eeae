#include "core/dispatch/ready_batch.h"

#include "core/dispatch/thread_pool.h"

namespace motet {

constinit thread_local ReadyBatch *ReadyBatch::current_ __attribute__((tls_model("initial-exec"))) = nullptr;

bool ReadyBatch::add(ThreadPool &pool, Runnable *runnable) {
    if (gathered_ == kMost) {
        flush();
    }
    for (Ready &ready : ready_) {
        if (ready.pool == &pool || !ready.pool) {
            ready.pool = &pool;
            ready.list.push_back(runnable);
            ++ready.count;
            ++gathered_;
            return true;
        }
    }
    return false;
}

void ReadyBatch::flush() {
    for (Ready &ready : ready_) {
        if (ready.pool) {
            ready.pool->schedule_all(ready.list, ready.count);
        }
        ready = {};
    }
    gathered_ = 0;
}

}  // namespace motet
