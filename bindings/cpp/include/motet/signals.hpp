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

// PreRestart is told to the instance that failed, PostRestart to the one that follows it. type and message tell what
// the instance could not handle.
struct PreRestart {
    std::int32_t code = 0;
    std::string error;
    std::string type;
    std::vector<std::uint8_t> message;
    MOTET_FIELDS(code, error, type, message)
};
struct PostRestart {
    std::int32_t code = 0;
    std::string error;
    MOTET_FIELDS(code, error)
};

// Terminated tells that a watched actor has stopped, or that its node was lost.
struct Terminated {
    Ref actor;
    bool existence_confirmed = false;
    bool address_terminated = false;
    static Terminated from(const Message &message);
    MOTET_FIELDS(existence_confirmed, address_terminated)
};

// Stopped answers SystemView::graceful_stop().
struct Stopped {
    Ref actor;
    bool existence_confirmed = false;
    bool address_terminated = false;
    static Stopped from(const Message &message);
    MOTET_FIELDS(existence_confirmed, address_terminated)
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
    MOTET_FIELDS(code, error)
};

// Room is the answer to Ref::when_room(): there is room, code 0, or none is to be expected. Its sender is whom the room
// is for.
struct Room {
    std::int32_t code = 0;
    std::string error;
    MOTET_FIELDS(code, error)
};

// MailboxHighWater tells a subscriber to "mailboxes" that so many messages wait for an actor as its mailbox calls its
// high water.
struct MailboxHighWater {
    std::string actor;
    std::int64_t waiting = 0;
    std::int64_t capacity = 0;
    MOTET_FIELDS(actor, waiting, capacity)
};

// DeadLetter tells a subscriber to "dead-letters" of a message that was not delivered. sender and target are paths,
// trace is a traceparent header value; each is empty when there is none. hops are the paths of the first who passed it
// on, passed_on is how many did.
struct DeadLetter {
    std::int32_t cause = 0;
    std::string type;
    std::string target;
    std::string sender;
    std::uint64_t size = 0;
    std::string trace;
    std::vector<std::string> hops;
    std::uint64_t passed_on = 0;
    std::uint64_t limit = 0;  // TOO_LARGE: the largest payload that is allowed
    MOTET_FIELDS(cause, type, target, sender, size, trace, hops, passed_on, limit)
};

// ReceiveTimeout tells an actor that it was idle for as long as Context::receive_timeout() said.
struct ReceiveTimeout {
    std::int64_t timeout_ns = 0;
    MSGPACK_DEFINE_MAP(timeout_ns)
};

}  // namespace motet

MOTET_ENGINE_MESSAGE(motet::PreStart, "motet.PreStart", MOTET_TYPE_PRE_START);
MOTET_ENGINE_MESSAGE(motet::PostStop, "motet.PostStop", MOTET_TYPE_POST_STOP);
MOTET_ENGINE_MESSAGE(motet::PreRestart, "motet.PreRestart", MOTET_TYPE_PRE_RESTART);
MOTET_ENGINE_MESSAGE(motet::PostRestart, "motet.PostRestart", MOTET_TYPE_POST_RESTART);
MOTET_ENGINE_MESSAGE(motet::Terminated, "motet.Terminated", MOTET_TYPE_TERMINATED);
MOTET_ENGINE_MESSAGE(motet::Stopped, "motet.Stopped", MOTET_TYPE_STOPPED);
MOTET_ENGINE_MESSAGE(motet::PoisonPill, "motet.PoisonPill", MOTET_TYPE_POISON_PILL);
MOTET_ENGINE_MESSAGE(motet::Kill, "motet.Kill", MOTET_TYPE_KILL);
MOTET_ENGINE_MESSAGE(motet::Identify, "motet.Identify", MOTET_TYPE_IDENTIFY);
MOTET_ENGINE_MESSAGE(motet::ActorIdentity, "motet.ActorIdentity", MOTET_TYPE_ACTOR_IDENTITY);
MOTET_ENGINE_MESSAGE(motet::Room, "motet.Room", MOTET_TYPE_ROOM);
MOTET_ENGINE_MESSAGE(motet::MailboxHighWater, "motet.MailboxHighWater", MOTET_TYPE_MAILBOX_HIGH_WATER);
MOTET_ENGINE_MESSAGE(motet::DeadLetter, "motet.DeadLetter", MOTET_TYPE_DEAD_LETTER);
MOTET_ENGINE_MESSAGE(motet::ReceiveTimeout, "motet.ReceiveTimeout", MOTET_TYPE_RECEIVE_TIMEOUT);
MOTET_ENGINE_MESSAGE(motet::Failure, "motet.Failure", MOTET_TYPE_FAILURE);

namespace motet {

inline Terminated Terminated::from(const Message &message) {
    auto terminated = message.payload<Terminated>();
    terminated.actor = message.sender();
    return terminated;
}

inline Stopped Stopped::from(const Message &message) {
    auto stopped = message.payload<Stopped>();
    stopped.actor = message.sender();
    return stopped;
}

}  // namespace motet
