// Node is one running system with all that belongs to it: actors, the recording of traces, remoting, membership, and
// the shutdown that ends them.
// Knows: how the rooms below are put together and in which order they end. Must never know: what any of them does.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/actor/system.h"
#include "core/cluster/cluster.h"
#include "core/manage/control_socket.h"
#include "core/node/termination.h"
#include "core/remote/remoting.h"
#include "core/shutdown/coordinated_shutdown.h"
#include "core/trace/writer.h"

namespace motet {

class Node final : public RefCounted {
  public:
    // transport: the third seam; nullptr: ZeroMQ. Errors: NO_THREAD, IO, those of phases_from(), of remoting
    // (BAD_VALUE, BAD_ADDRESS, ADDRESS_IN_USE, TRANSPORT) and of membership (BAD_VALUE, BAD_ADDRESS).
    static Result<Ptr<Node>> start(const Config &config, Seams seams = {},
                                   std::unique_ptr<Transport> transport = nullptr);
    ~Node() override;

    System &system() const { return *system_; }

    // Its membership; none when cluster.enabled or remote.enabled is off.
    Ptr<Cluster> cluster() const { return cluster_; }

    // What is known of every other node, with the suspicion of the cluster for its members. Errors: BAD_STATE (no
    // remoting), CLOSED.
    Result<std::vector<PeerReport>> peers() const;

    // See Remoting::reload_keys(). Errors: as there, and BAD_STATE (no remoting).
    Status reload_keys() const;

    // Whoever wants something done before the end adds it here.
    CoordinatedShutdown &shutdown() const { return *shutdown_; }

    // Runs the shutdown, or joins it, and then ends everything; see ShutdownSequence::run() for from and within. Waits
    // for that, but not on a thread of the engine, where waiting would be waiting for oneself. Errors: NOT_FOUND (no
    // such phase), TIMEOUT (something had to be cut off), that of a phase that does not recover.
    Status shut_down(ShutdownReason reason, std::string_view from = {}, Nanos within = -1);
    Status close(Nanos timeout) { return shut_down(ShutdownReason::actor_system_terminate, {}, timeout); }

    // Waits until everything has ended, whoever began it. Negative: for ever. Errors: TIMEOUT.
    Status wait_closed(Nanos timeout);

    bool closed() const;

  private:
    Node() = default;
    Status begin(std::unique_ptr<Transport> transport);
    Status begin_membership();
    Status open_control_socket();
    using Done = std::function<void()>;
    void add_cluster_tasks();
    void add_terminate_task();
    void add_task(std::string_view phase, const char *name, std::function<void(const Done &)> begin);
    void phases_done(Status outcome, Nanos deadline);
    Status wait_and_end();
    Status end(Nanos deadline);

    Ptr<System> system_;
    Ptr<Remoting> remoting_;
    Ptr<Cluster> cluster_;
    Ptr<CoordinatedShutdown> shutdown_;
    std::unique_ptr<SpanWriter> writer_;
    std::unique_ptr<ControlSocket> control_;
    Termination termination_;

    // open until all phases are done; then somebody ends what is left.
    enum class State { open, phases_done, ending, closed };

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    State state_ = State::open;  // under mutex_, as all below
    int waiting_ = 0;            // those who end it when the phases are done
    Nanos deadline_ = 0;         // of what follows the phases
    Code outcome_ = Code::OK;
    std::string outcome_text_;
};

}  // namespace motet
