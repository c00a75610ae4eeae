// Remoting joins the actors of a node to those of other nodes: refs, associations, delivery, death watch.
//
// Senders append to a peer's lanes from any thread. Everything else happens on the transport's one thread: other
// threads hand it work through post(). So a simulated transport makes all of it deterministic.
//
// Knows: system, peers, transport. Must never know: ZeroMQ, membership; the cluster tells it what it has to know.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/actor/remote_provider.h"
#include "core/actor/system.h"
#include "core/remote/peer.h"
#include "core/remote/remote_watcher.h"
#include "core/remote/remoting_events.h"
#include "core/remote/transport.h"

namespace motet {

class RemoteRef;

class Remoting final : public RemoteProvider, public TransportSink {
  public:
    // Binds, plugs itself into the system and begins to serve. The system keeps it until it is itself gone; stop() ends
    // its work. Errors: BAD_VALUE, BAD_ADDRESS, ADDRESS_IN_USE, TRANSPORT, NO_THREAD.
    static Result<Ptr<Remoting>> start(System &system, std::unique_ptr<Transport> transport);

    // The transport of a real node, with the settings of the system.
    static std::unique_ptr<Transport> zmq_transport(const System &system);

    ~Remoting() override;

    // Takes leave of the peers, gives what was sent at most linger to leave, and ends. What is told to a remote ref
    // from then on is a dead letter, CLOSED. Idempotent. REQUIRES: not on the transport's thread.
    void stop(Nanos linger);

    // RemoteProvider
    const Address &address() const override { return address_; }
    bool is_own(const Address &address) const override;
    Result<Ref> ref(const ActorPath &path) override;

    // For the cluster, from any thread.

    // Whether the cluster itself watches over a node; then nothing is concluded here from its silence.
    void set_member(const Address &node, bool member);

    // That life of a node is gone for good: everyone who watches an actor there is told, and the life is quarantined.
    // uid 0: the present one.
    void node_lost(const Address &node, uint64_t uid, const std::string &reason);

    // A peer has refused this node for good: another name, another version, another cookie. Called on the transport's
    // thread. Set before actors are made.
    using Refused = std::function<void(const Address &peer, Code code, const std::string &reason)>;
    void on_refused(Refused refused) { refused_ = std::move(refused); }

    // The suspicion of a node that is watched over here; 0 for others. Not on the transport's thread.
    double phi(const Address &node);

    struct Counters {
        uint64_t frames_in = 0;
        uint64_t frames_out = 0;
        uint64_t envelopes_in = 0;
        uint64_t malformed_frames = 0;
        uint64_t stale_frames = 0;
        uint64_t gaps = 0;  // places where frames were lost
    };
    Counters counters() const;

    // For refs, from any thread.
    Code send(Peer &peer, wire::Lane lane, const OutboundMessage &message);
    void send_system(Ptr<RemoteRef> ref, std::unique_ptr<SystemMessage> message);

    // TransportSink
    void received(Bytes frame, InboundId inbound, ConnectionId connection) override;
    void link_lost(ConnectionId connection, const std::string &reason) override;
    Nanos work(Now now) override;

  private:
    static constexpr size_t kMaxPeers = 65'536;    // addresses that are known at one time
    static constexpr size_t kMaxGarblers = 1'024;  // senders of garbage that are told apart
    static constexpr Nanos kFullRetry = kMillisecond;
    static constexpr Nanos kTerminationPatience = 3 * kSecond;  // with what the actor has sent before

    Remoting(System &system, std::unique_ptr<Transport> transport);
    Status bind();

    // Any thread.
    Result<Ptr<Peer>> peer(const Address &address);
    void post(std::function<void(Now)> job);
    void make_ready(Peer &peer);

    // remoting_io.cpp: what goes out, and the states of associations.
    void apply(Peer &peer, Now now, const Association::Effects &effects, InboundId inbound = 0);
    void apply_reset(Peer &peer);
    void publish(Peer &peer, const Association::Effect &effect);
    void set_refusal(Peer &peer);
    void pump(Peer &peer, Now now);
    bool pump_lane(Peer &peer, wire::Lane which);
    bool greet(Peer &peer, wire::Lane which);
    void open(Peer &peer, wire::Lane which);
    void append_control(Peer &peer, Bytes record);
    void scan(Now now);
    void drop_queues(Peer &peer, Code cause);
    void say_goodbye();

    // remoting_inbound.cpp: what comes in.
    void handshake(const wire::FrameHeader &header, Bytes body, InboundId inbound, ConnectionId connection);
    void hello(const wire::FrameHeader &header, Bytes body, InboundId inbound);
    std::optional<wire::Reject> judge(const wire::Hello &hello) const;
    void records(Peer &peer, Now now, const wire::FrameHeader &header, Bytes body, InboundId inbound);
    wire::Problem record(Peer &peer, Now now, wire::Lane which, const wire::Record &record);
    wire::Problem define(Peer &peer, InboundLane &lane, const wire::Record &record);
    wire::Problem envelope(Peer &peer, wire::Lane which, Bytes body);
    Ref resolve_target(std::string_view path) const;
    Ref resolve_sender(Peer &peer, std::string_view path) const;
    void unknown_number(Peer &peer, wire::Lane which, const wire::Envelope &envelope);
    void garbage(InboundId inbound, const std::string &from, const std::string &problem);

    // remoting_watch.cpp: system messages and death watch.
    void send_system_now(RemoteRef &ref, Now now, const SystemMessage &message);
    void add_reliable(Peer &peer, Now now, wire::System system);
    wire::Problem system_record(Peer &peer, Now now, Bytes body);
    void watch(RemoteRef &watchee, Now now, const Ref &watcher, const TraceContext &trace);
    void unwatch(RemoteRef &watchee, Now now, const Ref &watcher, const TraceContext &trace);
    void send_watch(RemoteRef &watchee, Now now, wire::SystemKind kind, const ActorRef &watcher,
                    const TraceContext &trace);
    void finish_terminations(Peer &peer, Now now);
    void watch_again(Peer &peer, Now now);
    void tell_lost(Peer &peer);
    void lose(Peer &peer, Now now, uint64_t uid, const std::string &reason);
    std::string own_path(const ActorRef &ref) const;

    System &system_;  // which keeps this
    Address address_;
    std::string text_;  // of the address
    Address bound_;     // where it really listens
    std::string cookie_;
    AssociationSettings association_settings_;
    ReliableSettings reliable_settings_;
    OutboundLane::Settings lane_settings_;
    std::unique_ptr<Transport> transport_;
    Refused refused_;

    mutable std::mutex mutex_;
    std::unordered_map<Address, Ptr<Peer>> peers_;  // under mutex_
    std::vector<Ptr<Peer>> ready_;                  // under mutex_
    std::vector<std::function<void(Now)>> jobs_;    // under mutex_
    bool stopped_ = false;                          // under mutex_
    std::atomic<bool> stopping_{false};

    // Thread of the transport.
    std::unordered_map<uint64_t, Peer *> by_uid_;
    std::unordered_map<ConnectionId, std::pair<Peer *, wire::Lane>> by_connection_;
    std::set<Peer *> full_;  // whose frames the transport did not take
    RemoteWatcher watcher_;
    Nanos next_scan_ = 0;
    std::set<InboundId> garblers_;

    std::atomic<uint64_t> frames_in_{0};
    std::atomic<uint64_t> frames_out_{0};
    std::atomic<uint64_t> envelopes_in_{0};
    std::atomic<uint64_t> malformed_frames_{0};
    std::atomic<uint64_t> stale_frames_{0};
    std::atomic<uint64_t> gaps_{0};
};

}  // namespace motet
