// DeadLetters is where every message ends that is not delivered: counted by cause, published, logged with restraint.
// Knows: causes. Must never know: why a message could not be delivered.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "core/base/clock.h"
#include "core/message/actor_ref.h"
#include "core/message/signals.h"

namespace motet {

class System;

class DeadLetters {
  public:
    struct Settings {
        int64_t log_count;  // logged before going quiet
        Nanos log_pause;    // quiet for this long
        int64_t ring;       // kept for reading
    };

    DeadLetters(System &system, Settings settings) : system_(system), settings_(settings) {}

    // Takes a message that cannot be delivered to target. Returns cause, so that deliver() can end with it.
    Code take(Envelope *envelope, Code cause, const ActorRef &target);
    Code take(Envelope *envelope, Code cause, const std::string &target);

    // What was dropped unseen, where only a number is known (a frame that never arrived).
    void count(Code cause, uint64_t number);

    std::map<Code, uint64_t> counts() const;
    std::deque<DeadLetterBody> recent() const;

  private:
    void log(const DeadLetterBody &body);

    System &system_;
    const Settings settings_;
    mutable std::mutex mutex_;
    std::map<Code, uint64_t> counts_;    // under mutex_
    std::deque<DeadLetterBody> recent_;  // under mutex_
    int64_t logged_ = 0;                 // under mutex_
    uint64_t suppressed_ = 0;            // under mutex_
    Nanos quiet_until_ = 0;              // under mutex_
};

}  // namespace motet
