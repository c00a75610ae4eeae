// Handler is the C functions of an actor, shared by its props and all instances made of them.
// Knows: pointers of the caller. Must never know: actors.
#pragma once

#include <motet/actor.h>

#include "core/base/ref_counted.h"

namespace motet::capi {

struct Handler final : RefCounted {
    motet_receive_fn receive = nullptr;
    void *state = nullptr;
    motet_create_fn create = nullptr;
    motet_destroy_fn destroy = nullptr;
    void *argument = nullptr;
    motet_release_fn release_argument = nullptr;

    ~Handler() override {
        if (release_argument != nullptr) {
            release_argument(argument);
        }
    }
};

}  // namespace motet::capi
