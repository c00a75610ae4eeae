// Association is what this node knows of its relation to one address: whether it may be talked to, and which life of
// the node there is the present one.
//
//   idle ---- wanted ----> handshaking --- welcome ---> active
//     ^                        | timeout, refusal          | link lost
//     +---- gate time over ----+------> gated <------------+          any --- quarantine ---> quarantined
//
// An active one that nothing uses becomes idle again; its life stays known.
// A hello of the peer makes the association active from every state, unless that very life is quarantined. A life is
// quarantined for ever; another one at the same address is welcome at once, and is looked for, once in a gate time,
// when something wants to go there.
//
// Pure: each input takes a time and gives effects, in order. Knows: states, times, uids. Must never know: sockets,
// frames, queues, threads.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/message/handshake.h"

namespace motet {

struct AssociationSettings {
    Nanos handshake_timeout = 20 * kSecond;
    Nanos handshake_retry = 1 * kSecond;
    Nanos gate_time = 5 * kSecond;
};

class Association {
  public:
    enum class State { idle, handshaking, active, gated, quarantined };

    // What the owner must do.
    struct Effect {
        enum class Kind {
            connect,              // open a control connection, if there is none
            send_hello,           // on it
            send_welcome,         // in answer to the hello
            send_reject,          // in answer to the hello: quarantined, with reason
            close,                // close connections; what waits to be sent stays
            reset,                // close connections, forget tables; what waits to be sent is lost
            new_life,             // the peer is another life than before: start numbers of system messages anew
            associated,           // event
            disassociated,        // event, with reason
            association_error,    // event, with reason
            quarantined,          // event, with reason
            quarantined_by_peer,  // event, with reason
        };
        Kind kind;
        std::string reason;
        bool inbound = false;  // of an event: the peer began what has come about, failed or ended
    };
    using Effects = std::vector<Effect>;

    explicit Association(const AssociationSettings &settings) : settings_(settings) {}

    State state() const { return state_; }
    uint64_t uid() const { return uid_; }  // of the present life; 0: not known
    bool is_quarantined(uint64_t uid) const { return quarantined_.count(uid) > 0; }

    // Something waits to be sent.
    Effects wanted(Now now);
    // A good hello came from the peer.
    Effects hello(uint64_t uid);
    Effects welcome(Now now, uint64_t uid);
    Effects rejected(Now now, wire::RejectCode code, const std::string &reason);
    // A connection to the peer broke, or could not be made.
    Effects link_lost(Now now, const std::string &reason);
    // Nothing has been sent or heard for so long that the connections are not worth their cost.
    Effects unused(const std::string &reason);
    // The peer says that it ends.
    Effects goodbye(Now now, const std::string &reason);
    // Never again talk to that life. Another uid than the present one is only remembered.
    Effects quarantine(Now now, uint64_t uid, const std::string &reason);
    Effects tick(Now now);

    // When tick() is next needed.
    std::optional<Nanos> deadline() const;

    static const char *name(State state);

  private:
    static constexpr size_t kMaxQuarantined = 64;  // lives of one address that are remembered

    Effects start_handshake(Now now);
    Effects activate(uint64_t uid, bool inbound);
    Effects gate(Now now, Effect::Kind event, const std::string &reason);

    AssociationSettings settings_;
    State state_ = State::idle;
    uint64_t uid_ = 0;
    Nanos until_ = 0;           // handshaking, probing: gives up; gated, quarantined: may be tried again
    Nanos retry_at_ = 0;        // handshaking: the next hello
    bool inbound_ = false;      // who began the present association
    bool probing_ = false;      // quarantined, and asking who is there now
    std::string last_failure_;  // of a connection, while handshaking
    std::set<uint64_t> quarantined_;
    std::string quarantine_reason_;
};

}  // namespace motet
