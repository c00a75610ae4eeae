// DeadLetters is where every message ends that is not delivered: counted by cause, published, logged with restraint.
// Knows: causes. Must never know: why a message could not be delivered.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "core/base/clock.h"
#include "core/base/log_restraint.h"
#include "core/message/actor_ref.h"
#include "core/message/signals.h"

namespace motet {

class System;

// Why a message can be lost; motet/dead_letters.h says what each means.
constexpr Code kDeadLetterCauses[] = {Code::STOPPED,     Code::UNHANDLED,   Code::MAILBOX_FULL, Code::INVALID,
                                      Code::MALFORMED,   Code::TOO_LARGE,   Code::QUEUE_FULL,   Code::GATED,
                                      Code::QUARANTINED, Code::UNREACHABLE, Code::TRANSPORT,    Code::CLOSED,
                                      Code::NO_MEMORY};

class DeadLetters {
  public:
    struct Settings {
        int64_t log_count;  // logged before going quiet
        Nanos log_pause;    // quiet for this long
        int64_t ring;       // kept for reading
    };

    DeadLetters(System &system, Settings settings)
        : system_(system), settings_(settings), restraint_(settings.log_count, settings.log_pause) {}

    // Takes a message that cannot be delivered to target. Returns cause, so that deliver() can end with it.
    // limit: of its payload, where the cause is that it is larger.
    Code take(Envelope *envelope, Code cause, const ActorRef &target, uint64_t limit = 0);
    Code take(Envelope *envelope, Code cause, const std::string &target, uint64_t limit = 0);

    // What was dropped unseen, where only a number is known (a frame that never arrived).
    void count(Code cause, uint64_t number);

    std::map<Code, uint64_t> counts() const;
    std::deque<DeadLetterBody> recent() const;

  private:
    void keep(const DeadLetterBody &body);
    void tell(const DeadLetterBody &body);
    void log(const DeadLetterBody &body);

    System &system_;
    const Settings settings_;
    mutable std::mutex mutex_;
    std::map<Code, uint64_t> counts_;    // under mutex_
    std::deque<DeadLetterBody> recent_;  // under mutex_
    LogRestraint restraint_;             // under mutex_
};

}  // namespace motet
