// Signals: the messages that the engine itself sends, as structs.
// Knows their numbers and fields.
// Must never know who handles them.
#pragma once

#include <motet/message.hpp>

#include <optional>
#include <string>
#include <vector>

namespace motet {

// PreStart comes before the first message of a fresh actor; PostStop is the last thing an actor receives.
struct PreStart {};
struct PostStop {};

// PreRestart is told to the instance that failed, PostRestart to the one that follows it.
struct PreRestart {
    std::int32_t code = 0;
    std::string error;
    MSGPACK_DEFINE_MAP(code, error)
};
struct PostRestart {
    std::int32_t code = 0;
    std::string error;
    MSGPACK_DEFINE_MAP(code, error)
};

// Terminated tells that a watched actor has stopped, or that its node was lost.
struct Terminated {
    Ref actor;
    bool existence_confirmed = false;
    bool address_terminated = false;
    static Terminated from(const Message &message);
    MSGPACK_DEFINE_MAP(existence_confirmed, address_terminated)
};

// PoisonPill stops an actor when its turn comes, Kill fails it.
struct PoisonPill {};
struct Kill {};

// ActorIdentity answers an Identify: actor is who was found, nobody when there is none.
struct Identify {};
struct ActorIdentity {
    Ref actor;
    static ActorIdentity from(const Message &message) { return {message.sender()}; }
};

// Failure is an answer that says that the request failed; it turns an ask into a failed one.
struct Failure {
    std::int32_t code = MOTET_E_FAILED;
    std::string error;
    MSGPACK_DEFINE_MAP(code, error)
};

// DeadLetter tells a subscriber to "dead-letters" of a message that was not delivered. sender and target are paths,
// trace is a traceparent header value; each is empty when there is none.
struct DeadLetter {
    std::int32_t cause = 0;
    std::string type;
    std::string target;
    std::string sender;
    std::uint64_t size = 0;
    std::string trace;
    MSGPACK_DEFINE_MAP(cause, type, target, sender, size, trace)
};

}  // namespace motet

MOTET_ENGINE_MESSAGE(motet::PreStart, "motet.PreStart", MOTET_TYPE_PRE_START);
MOTET_ENGINE_MESSAGE(motet::PostStop, "motet.PostStop", MOTET_TYPE_POST_STOP);
MOTET_ENGINE_MESSAGE(motet::PreRestart, "motet.PreRestart", MOTET_TYPE_PRE_RESTART);
MOTET_ENGINE_MESSAGE(motet::PostRestart, "motet.PostRestart", MOTET_TYPE_POST_RESTART);
MOTET_ENGINE_MESSAGE(motet::Terminated, "motet.Terminated", MOTET_TYPE_TERMINATED);
MOTET_ENGINE_MESSAGE(motet::PoisonPill, "motet.PoisonPill", MOTET_TYPE_POISON_PILL);
MOTET_ENGINE_MESSAGE(motet::Kill, "motet.Kill", MOTET_TYPE_KILL);
MOTET_ENGINE_MESSAGE(motet::Identify, "motet.Identify", MOTET_TYPE_IDENTIFY);
MOTET_ENGINE_MESSAGE(motet::ActorIdentity, "motet.ActorIdentity", MOTET_TYPE_ACTOR_IDENTITY);
MOTET_ENGINE_MESSAGE(motet::DeadLetter, "motet.DeadLetter", MOTET_TYPE_DEAD_LETTER);
MOTET_ENGINE_MESSAGE(motet::Failure, "motet.Failure", MOTET_TYPE_FAILURE);

namespace motet {

inline Terminated Terminated::from(const Message &message) {
    auto terminated = message.payload<Terminated>();
    terminated.actor = message.sender();
    return terminated;
}

}  // namespace motet
