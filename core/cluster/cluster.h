// Cluster is the membership of a running system: it feeds the machine with packets, timers and commands, and carries
// out what the machine wants done, in order.
//
// The machine is under a lock; effects are carried out outside of it by whichever thread comes first, so that a call
// from any thread has its answer at once and nothing is called back while the lock is held.
//
// Knows: actors, timers, the event stream. Must never know: the protocol, sockets.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <variant>

#include "core/actor/cell.h"
#include "core/actor/system.h"
#include "core/cluster/membership.h"

namespace motet {

// What the cluster tells the rooms around it. Called on any thread, never under the cluster's lock.
struct ClusterHooks {
    std::function<void(const Address &, bool member)> member;  // has become one, is none any more
    std::function<void(const UniqueAddress &, const std::string &reason)> node_lost;  // removed: its actors are gone
    std::function<void(bool downed)> ended;                                           // this node is no member any more
};

class Cluster final : public RefCounted {
  public:
    // Creates /system/cluster. REQUIRES: the system has its remote address. Errors: BAD_VALUE, BAD_ADDRESS, and those
    // of System::spawn().
    static Result<Ptr<Cluster>> create(Ptr<System> system, ClusterHooks hooks);

    // Begins to join the seeds of the configuration, if there are any.
    void start();

    // From any thread. Errors as in motet/cluster.h.
    Status join(const Address &address);
    Status leave(const Address &address);
    Status down(const Address &address);
    Status wait_up(Nanos timeout);
    ClusterSnapshot snapshot() const;
    const UniqueAddress &self() const { return self_; }

    // The transport was refused by a node for good.
    void refused(const Address &by, Code code, const std::string &reason);

    // Leaves, and waits until that is done, at most timeout. Whether it was. Before the actors are stopped.
    bool leave_and_wait(Nanos timeout);

    // Nothing is done any more. Before the system is freed.
    void stop();

  private:
    struct Greet {
        Ref subscriber;
        ByteVector state;
    };
    using Work = std::variant<Effect, Greet>;
    class Daemon;

    Cluster(Ptr<System> system, ClusterSettings settings, ClusterHooks hooks);

    // Runs input on the machine, then carries out what follows.
    template <typename Input> void feed(Input input);
    void carry_out_all(std::unique_lock<std::mutex> &lock);
    void carry_out(Work &work);
    void note(const Effect &effect);  // REQUIRES mutex_
    void set_timer();                 // REQUIRES mutex_
    void emit(const ClusterEvent &event);
    void send(const SendPacket &packet);
    void greet(const Ref &subscriber);
    Ref receiver_at(const Address &address);

    const Ptr<System> system_;
    const ClusterHooks hooks_;
    const UniqueAddress self_;
    TypeId packet_type_ = 0;
    TypeId tick_type_ = 0;
    Ptr<Cell> daemon_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Membership machine_;     // under mutex_, as all below
    std::deque<Work> work_;  // still to be carried out
    bool working_ = false;   // some thread is at it
    bool stopped_ = false;
    bool ended_ = false;
    Status refusal_;  // why this node was not let in
    TimerId timer_ = 0;
    Nanos timer_deadline_ = INT64_MAX;
    std::map<Address, Ref> receivers_;  // of the thread that carries out
};

}  // namespace motet
