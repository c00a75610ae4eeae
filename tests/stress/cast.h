// Cast: everything in a run of the scenario: the system, the actors, their kinds, and where to find one.
// Knows: the C interface, the Ledger. Must never know: what comes next.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "tests/stress/ledger.h"

namespace motet::stress {

constexpr size_t kSlots = 16;

// How actors differ.
struct Kind {
    const char *name;
    bool child_only;  // what it does to others must not reach the top
    std::vector<std::pair<const char *, const char *>> properties;
};

const std::vector<Kind> &kinds();
const Kind &top_kind(Random &random);  // of one below /user

// A ref with what is known of who is behind it. Owns the ref.
struct Whom {
    motet_ref_t *ref = nullptr;
    Actor *actor = nullptr;

    Whom() = default;
    Whom(motet_ref_t *its_ref, Actor *its_actor) : ref(its_ref), actor(its_actor) {}
    Whom(Whom &&other) noexcept : ref(std::exchange(other.ref, nullptr)), actor(other.actor) {}
    Whom &operator=(Whom &&other) noexcept {
        std::swap(ref, other.ref);
        std::swap(actor, other.actor);
        return *this;
    }
    ~Whom() { motet_ref_free(ref); }
};

// Everything in a run.
struct Cast {
    Cast(uint64_t seed, Mutant mutant) : ledger(mutant), beginning(Random::keyed(seed, 7)) {}

    Ledger ledger;
    motet_system_t *system = nullptr;
    motet_type_t work_type = 0, urgent_type = 0, answer_type = 0, tick_type = 0;
    std::atomic<uint32_t> instances{0};
    motet_ref_t *observer = nullptr;
    std::mutex mutex;
    std::map<const motet_ref_t *, Actor *> observed;  // under mutex
    Whom slots[kSlots];                               // under mutex
    Random beginning;
    motet_ref_t *kept = nullptr;  // by a mutant

    Whom pick(uint32_t which) {
        std::lock_guard lock(mutex);
        Whom &slot = slots[which % kSlots];
        return {motet_ref_retain(slot.ref), slot.actor};
    }

    void spawn(const Kind &kind, const motet_ref_t *parent, uint32_t slot);
    void tell(motet_context_t *context, Sender &sender, const Whom &to, Random &random, int hops);
    void ask(Sender &sender, const Whom &to, Random &random);
    void sent(int32_t code) {
        ledger.sent += code == MOTET_E_INVALID || code == MOTET_E_NO_MEMORY || code == MOTET_E_TOO_LARGE ? 0 : 1;
    }
};

}  // namespace motet::stress
