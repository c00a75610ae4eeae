// ActorRef is whom a message can be sent to, wherever that is: the one face of local actors, remote actors, selections,
// asks and routers.
// Knows: how to be held and sent to. Must never know: what kind of receiver stands behind it.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/ref_counted.h"
#include "core/base/status.h"
#include "core/message/message.h"
#include "core/message/system_message.h"

namespace motet {

class System;

class ActorRef : public RefCounted {
  public:
    // Sends. Takes the envelope, always. OK means handed over; any other code means that the message became a dead
    // letter with that cause.
    virtual Code deliver(Envelope *envelope) = 0;

    // Sends a message that stands in no envelope yet; may do without one. Holds sender. Also NO_MEMORY, for a message
    // that is gone.
    virtual Code tell(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace) {
        Envelope *envelope = Envelope::make(type, payload, sender, trace);
        return envelope == nullptr ? Code::NO_MEMORY : deliver(envelope);
    }

    // Sends a message of the engine itself. Takes it, always.
    virtual void deliver_system(SystemMessage *message) = 0;

    // The system this ref was made in.
    virtual System &system() const = 0;

    // The path without the incarnation, "motet.tcp://S@host:1/user/a".
    virtual std::string path() const = 0;

    // A number that differs for different incarnations of one path; 0 when any incarnation is meant.
    virtual uint64_t incarnation() const = 0;

    // The path with the incarnation, "motet.tcp://S@host:1/user/a#17": what a ref is inside a payload.
    std::string full_path() const { return incarnation() == 0 ? path() : path() + "#" + std::to_string(incarnation()); }

    // Whether both name the same incarnation of the same actor.
    static bool same(const ActorRef &left, const ActorRef &right) {
        return &left == &right || (left.incarnation() == right.incarnation() && left.path() == right.path());
    }

    // Whether this ref names the given actor: exactly, or in any incarnation when it has none itself.
    bool means(const ActorRef &actor) const {
        return same(*this, actor) || (incarnation() == 0 && path() == actor.path());
    }
};

using Ref = Ptr<ActorRef>;

inline Ref hold(const ActorRef *ref) { return Ref(const_cast<ActorRef *>(ref)); }

}  // namespace motet
