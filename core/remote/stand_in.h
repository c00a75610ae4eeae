// A stand-in is the child that a parent supervises when the actor itself was created on another node. It passes on what
// it is told, fails with the other's failure, and does to the other what its parent does to it.
//
// Knows: the actor there, as far as it is created. Must never know: how news and orders travel; that is Remoting.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "core/actor/props.h"
#include "core/actor/system.h"
#include "core/remote/remote_ref.h"

namespace motet {

// What a stand-in and Remoting both know of an actor that was created, or is to be, on another node.
struct RemoteChild final : RefCounted {
    Ptr<RemoteRef> actor;
    std::string type;
    std::shared_ptr<const ByteVector> arguments;
    Ptr<Cell> stand_in;                  // thread of the transport; from the first turn of the stand-in to its end
    std::atomic<bool> undecided{false};  // it has failed, and the parent has not decided yet

    // Of the stand-in alone.
    bool created = false;  // it is there
    bool gone = false;     // it has ended
};

// How a stand-in is told by Remoting what happens there: the first byte of a message of its own.
enum class ChildNews : uint8_t {
    created = 1,  // what is told to it can go
    decide = 2,   // it has failed; comes after the parent's decision, and so tells that it was to go on as it is
};

// Props of a stand-in for child. supervision: what the parent is to do about failures.
Ptr<const Props> stand_in_props(Ptr<RemoteChild> child, const Supervision &supervision);

}  // namespace motet
