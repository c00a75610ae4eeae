// Node is one running system with all that belongs to it: actors, the recording of traces, remoting, membership.
// Knows: how the rooms below are put together and in which order they end. Must never know: what any of them does.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/actor/system.h"
#include "core/cluster/cluster.h"
#include "core/remote/remoting.h"
#include "core/trace/writer.h"

namespace motet {

class Node final : public RefCounted {
  public:
    // transport: the third seam; nullptr: ZeroMQ. Errors: NO_THREAD, IO, those of remoting (BAD_VALUE, BAD_ADDRESS,
    // ADDRESS_IN_USE, TRANSPORT) and of membership (BAD_VALUE, BAD_ADDRESS).
    static Result<Ptr<Node>> start(const Config &config, Seams seams = {},
                                   std::unique_ptr<Transport> transport = nullptr);
    ~Node() override;

    System &system() const { return *system_; }

    // Its membership; none when cluster.enabled or remote.enabled is off.
    Ptr<Cluster> cluster() const { return cluster_; }

    // Ends everything, within timeout. Idempotent: a second call waits for the first. On a thread of the engine, where
    // waiting would be waiting for oneself, it only begins. Errors: TIMEOUT.
    Status close(Nanos timeout);

    // Waits until close() has ended, whoever called it. Negative: for ever. Errors: TIMEOUT.
    Status wait_closed(Nanos timeout);

    bool closed() const;

  private:
    Node() = default;
    Status begin(std::unique_ptr<Transport> transport);
    Status begin_membership();
    Status end(Nanos timeout);
    Status close_now(Nanos timeout);
    void close_elsewhere(Nanos timeout);

    Ptr<System> system_;
    Ptr<Remoting> remoting_;
    Ptr<Cluster> cluster_;
    std::unique_ptr<SpanWriter> writer_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    enum class State { open, closing, closed } state_ = State::open;  // under mutex_
    Code outcome_ = Code::OK;                                         // under mutex_
    std::string outcome_text_;                                        // under mutex_
};

}  // namespace motet
