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
#include "core/cluster/discovery.h"
#include "core/cluster/lease.h"
#include "core/cluster/membership.h"

namespace motet {

// What the cluster tells the rooms around it. Called on any thread, never under the cluster's lock.
struct ClusterHooks {
    std::function<void(const Address &, bool member)> member;  // has become one, is none any more
    std::function<void(const UniqueAddress &, const std::string &reason)> node_lost;  // removed: its actors are gone
    std::function<void()> exiting;                   // this node is: confirm_exit() is to follow
    std::function<void(bool downed)> ended;          // this node is no member any more
    std::function<void(bool incompatible)> gave_up;  // joining: for its configuration, or since the time has passed
};

class Cluster final : public RefCounted {
  public:
    // Creates /system/cluster. REQUIRES: the system has its remote address. Errors: BAD_VALUE, BAD_ADDRESS, and those
    // of System::spawn().
    static Result<Ptr<Cluster>> create(Ptr<System> system, ClusterHooks hooks);

    // Begins to join the seeds of the configuration, if there are any.
    void start();

    // From any thread. Errors as in motet/cluster.h.
    Status join(const std::vector<Address> &seeds);
    Status join(const Address &address) { return join(std::vector<Address>{address}); }
    Status leave(const Address &address);
    Status down(const Address &address);
    Status prepare_for_shutdown();
    Status wait_up(Nanos timeout);
    ClusterSnapshot snapshot() const;
    double phi(const UniqueAddress &node) const;  // how strongly this node suspects it; 0 where it does not observe it
    const UniqueAddress &self() const { return self_; }

    // What lease-majority asks, from now on.
    void set_lease(Ptr<Lease> lease);

    // What cluster.discovery.method = program asks, from now on.
    void set_discovery(Ptr<Discovery> discovery);

    // The transport was refused by a node for good.
    void refused(const Address &by, Code code, const std::string &reason);

    // This node has done all that it had to do as a member: it may be removed.
    void confirm_exit();

    // Calls back, once, when this node is Up; when it is Exiting, or no member any more; when it is none. At once if
    // that is so, never once the cluster is stopped.
    void when_up(std::function<void()> call);
    void when_exiting(std::function<void()> call);
    void when_ended(std::function<void()> call);

    // The same, and also when the cluster is stopped.
    void when_removed(std::function<void()> call);

    // Tells an actor the events that lead to the present state, and then those that follow.
    void subscribe_with_events(const ActorRef &subscriber);

    // Nothing is done any more. Before the system is freed.
    void stop();

  private:
    struct Greet {
        Ref subscriber;
        TypeRange events;
        std::vector<std::pair<TypeId, ByteVector>> messages;  // what comes first
    };
    using Work = std::variant<Effect, Greet>;

    // What some wait for; it comes once.
    struct Milestone {
        bool passed = false;
        std::vector<std::function<void()>> waiting;
    };
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
    void look_up();
    void acquire_lease();
    void release_lease();
    Lease::Request lease_request(Lease::Operation operation) const;
    Ptr<Lease> lease() const;
    void greet(const Ref &subscriber, TypeRange events, bool as_events);
    void when(Milestone &milestone, std::function<void()> call);
    void pass(Milestone &milestone);
    Ref receiver_at(const Address &address);

    const Ptr<System> system_;
    const ClusterHooks hooks_;
    const UniqueAddress self_;
    const std::string lease_name_;
    TypeId packet_type_ = 0;
    TypeId tick_type_ = 0;
    Ptr<Cell> daemon_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Membership machine_;     // under mutex_, as all below
    std::deque<Work> work_;  // still to be carried out
    bool working_ = false;   // some thread is at it
    bool stopped_ = false;
    bool ended_ = false;  // as the machine knows it; what follows may still be carried out
    Milestone up_passed_;
    Milestone exiting_passed_;
    Milestone end_passed_;
    Milestone removed_passed_;
    Ptr<Lease> lease_;
    Ptr<Discovery> discovery_;
    bool discovery_failed_ = false;  // and that has been logged
    Status refusal_;                 // why this node was not let in
    Timer timer_;
    Nanos timer_deadline_ = INT64_MAX;
    std::map<Address, Ref> receivers_;  // of the thread that carries out
};

}  // namespace motet
