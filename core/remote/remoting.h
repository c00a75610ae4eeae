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
#include "core/base/log_restraint.h"
#include "core/remote/own_addresses.h"
#include "core/remote/peer.h"
#include "core/remote/remote_watcher.h"
#include "core/remote/remoting_events.h"
#include "core/remote/transport.h"
#include "core/remote/trust.h"

namespace motet {

class RemoteRef;
struct RemoteChild;

// What a parent decides about an actor that it has on another node.
enum class ChildOrder { restart, resume, stop };

// What is known of a peer.
struct PeerReport {
    Address address;
    uint64_t uid = 0;  // of the life that was met last; 0: none was
    Association::State state = Association::State::idle;
    double phi = 0;     // suspicion of a node that is watched over here; 0 for others
    size_t queued = 0;  // bytes that wait to be sent
};

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
    Result<Ptr<Cell>> spawn(Cell &parent, const Props &props, ActorName name) override;

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

    // What is known of every peer, by address. Not on the transport's thread. Errors: CLOSED, TIMEOUT.
    Result<std::vector<PeerReport>> peers();

    // Reads the keys again, and listens no longer to those who are not in the list any more. Not on the transport's
    // thread. Errors: as above, and those of Transport::reload_identities().
    Status reload_keys();

    struct Counters {
        uint64_t frames_in = 0;
        uint64_t frames_out = 0;
        uint64_t envelopes_in = 0;
        uint64_t malformed_frames = 0;
        uint64_t stale_frames = 0;
        uint64_t gaps = 0;               // places where frames were lost
        uint64_t refused_hellos = 0;     // of nodes that are not welcome
        uint64_t refused_strangers = 0;  // connections that were not let in
        uint64_t untrusted = 0;          // messages that were dropped in untrusted mode
        uint64_t peers = 0;              // addresses that are known now
    };
    Counters counters() const;

    // For refs, from any thread.
    Code send(Peer &peer, wire::Lane lane, const OutboundMessage &message);
    Code send_large(RemoteRef &target, const OutboundMessage &message, Envelope *envelope);  // takes it when OK
    void when_room(Peer &peer, const RoomWaiters::Waiter &waiter);
    void send_system(Ptr<RemoteRef> ref, std::unique_ptr<SystemMessage> message);

    // For stand-ins, from any thread.
    void create_there(const Ptr<RemoteChild> &child, Cell &stand_in);
    void order(const Ptr<RemoteChild> &child, ChildOrder what, const Status &why);

    // TransportSink
    void received(Bytes frame, InboundId inbound, ConnectionId connection) override;
    void link_lost(ConnectionId connection, const std::string &reason) override;
    void stranger_refused(const std::string &who) override;
    void identities_read(const Status &status) override;
    Nanos work(Now now) override;

  private:
    static constexpr size_t kMaxPeers = 65'536;  // addresses that are known at one time
    static constexpr int64_t kLogCount = 10;     // lines about one kind of unwanted guests
    static constexpr Nanos kLogPause = 60 * kSecond;
    static constexpr Nanos kFullRetry = kMillisecond;
    static constexpr size_t kMaxUnaskedNews = 1'024;            // of terminations that nobody here waits for any more
    static constexpr Nanos kTerminationPatience = 3 * kSecond;  // with what the actor has sent before

    Remoting(System &system, std::unique_ptr<Transport> transport);
    Status bind();

    // Any thread.
    Result<Ptr<Peer>> peer(const Address &address);
    bool post(std::function<void(Now)> job);  // false: everything has ended
    template <typename Answer> Answer ask(std::function<Answer(Now)> question);
    void make_ready(Peer &peer);
    Code admit(Peer &peer, const OutboundMessage &message);

    // remoting_io.cpp: what goes out, and the states of associations.
    void apply(Peer &peer, Now now, const Association::Effects &effects, InboundId inbound = 0);
    void close_connections(Peer &peer);
    void apply_reset(Peer &peer);
    void publish(Peer &peer, const Association::Effect &effect);
    void tell(LogLevel level, TypeId type, const std::string &text, const RemotingEvent &event);
    void close_unused(Peer &peer, Now now);
    PeerReport report(Peer &peer, Now now) const;
    std::vector<Ptr<Peer>> all_peers() const;
    void set_refusal(Peer &peer);
    void pump(Peer &peer, Now now);
    void pump_queues(Peer &peer, Now now);
    bool pump_lane(Peer &peer, wire::Lane which);
    bool take(Peer &peer, wire::Lane which, OutboundLane::Frame &frame);
    bool greet(Peer &peer, wire::Lane which);
    void open(Peer &peer, wire::Lane which);
    void append_control(Peer &peer, Bytes record);
    void scan(Now now);
    void drop_queues(Peer &peer, Code cause);
    void say_goodbye();

    // remoting_handshake.cpp: who is let in.
    void handshake(const wire::FrameHeader &header, Bytes body, InboundId inbound, ConnectionId connection);
    void hello(const wire::FrameHeader &header, Bytes body, InboundId inbound);
    std::optional<wire::Reject> judge(const wire::Hello &hello, const std::string &identity) const;
    void refuse(const wire::Hello &hello, const wire::Reject &reject);

    // remoting_inbound.cpp: what comes in.
    void records(Peer &peer, Now now, const wire::FrameHeader &header, Bytes body);
    wire::Problem record(Peer &peer, Now now, wire::Lane which, const wire::Record &record);
    wire::Problem define(Peer &peer, InboundLane &lane, const wire::Record &record);
    wire::Problem envelope(Peer &peer, wire::Lane which, Bytes body);
    void hand_over(Envelope *envelope, const Ref &target, const std::string &path);
    Ref resolve_target(std::string_view path) const;
    const Ref &resolve_target(InboundLane::Target &target) const;
    Ref resolve_sender(Peer &peer, std::string_view path) const;
    void unknown_number(Peer &peer, wire::Lane which, const wire::Envelope &envelope);
    void garbage(const std::string &from, const std::string &problem);

    // remoting_large.cpp: messages in pieces, and who waits for room.
    wire::Problem large(Peer &peer, Now now, Bytes body);
    wire::Problem piece(Peer &peer, Now now, Bytes body);
    void deliver_large(Peer &peer, Now now);
    void lose_incomplete(Peer &peer);
    Code room(const Peer &peer, const RoomWaiters::Waiter &waiter) const;
    void tell_room(Peer &peer);

    // remoting_watch.cpp: system messages and death watch.
    void send_system_now(RemoteRef &ref, Now now, const SystemMessage &message);
    void send_terminated(RemoteRef &watcher, Now now, const SystemMessage &news);
    void finish_endings(Peer &peer, Now now);
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

    // remoting_creation.cpp: actors that are created on other nodes.
    void report(Peer &peer, const wire::System &system);
    Status may_create(const std::string &type) const;
    void create_here(Peer &peer, Now now, const wire::System &system);
    Ptr<Cell> keeper();
    void send_report(Peer &peer, Now now, const std::string &path, const std::string &stand_in, std::string_view what,
                     const Status &why);
    void obey(Peer &peer, const wire::System &system);
    void forget_created(Peer &peer);
    void stop_created(Peer &peer);
    void forget_if_unneeded(Peer &peer);

    System &system_;  // which keeps this
    Address address_;
    std::string text_;  // of the address
    OwnAddresses own_;
    std::string cookie_;
    const Trust trust_;
    const PeerSettings peer_settings_;
    const Nanos idle_timeout_;  // 0: never
    const bool log_events_;
    std::unique_ptr<Transport> transport_;
    Refused refused_;

    mutable std::mutex mutex_;
    std::unordered_map<Address, Ptr<Peer>> peers_;  // under mutex_
    std::vector<Ptr<Peer>> ready_;                  // under mutex_
    std::vector<std::function<void(Now)>> jobs_;    // under mutex_
    bool stopped_ = false;                          // under mutex_
    std::atomic<bool> stopping_{false};
    std::atomic<uint64_t> created_there_{0};

    // Thread of the transport.
    std::unordered_map<uint64_t, Peer *> by_uid_;
    std::unordered_map<ConnectionId, std::pair<Peer *, wire::Lane>> by_connection_;
    std::set<Peer *> full_;  // whose frames the transport did not take
    RemoteWatcher watcher_;
    Ptr<Cell> keeper_;  // of what others have created here
    Nanos next_scan_ = 0;
    LogRestraint garbage_logged_{kLogCount, kLogPause};
    LogRestraint refusals_logged_{kLogCount, kLogPause};
    LogRestraint strangers_logged_{kLogCount, kLogPause};

    std::atomic<uint64_t> frames_in_{0};
    std::atomic<uint64_t> frames_out_{0};
    std::atomic<uint64_t> envelopes_in_{0};
    std::atomic<uint64_t> malformed_frames_{0};
    std::atomic<uint64_t> stale_frames_{0};
    std::atomic<uint64_t> gaps_{0};
    std::atomic<uint64_t> refused_hellos_{0};
    std::atomic<uint64_t> refused_strangers_{0};
    std::atomic<uint64_t> untrusted_{0};
};

}  // namespace motet
