// DeadLetterWatch collects the dead letters of a system, those of unhandled messages among them, while it exists, for
// a test to expect them by cause and type.
// Knows: dead letters. Must never know: which framework the test is written in.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "core/actor/system.h"
#include "core/message/actor_ref.h"
#include "core/message/signals.h"

namespace motet {

class DeadLetterWatch final : public ActorRef {
  public:
    // Which dead letters.
    struct Filter {
        Code cause = Code::OK;  // OK: any
        std::string type = {};  // empty: any
    };

    // Collects from now on.
    static Ptr<DeadLetterWatch> start(System &system);

    // Collects no more.
    void end();

    // Waits until there are as many as expected, and takes them. There must not be more. Errors: UNEXPECTED.
    Status expect(const Filter &filter, size_t count, Nanos within);

    // Errors: UNEXPECTED.
    Status expect_none(Nanos during);

    // How many there are that were not taken.
    size_t count(const Filter &filter) const;

    Code deliver(Envelope *envelope) override;
    void deliver_system(SystemMessage *message) override;
    System &system() const override { return *system_; }
    std::string path() const override { return system_->address().text() + "/temp/dead-letter-watch"; }
    uint64_t incarnation() const override { return number_; }

  private:
    explicit DeadLetterWatch(System &system) : system_(&system), number_(system.next_incarnation()) {}
    size_t count_fitting(const Filter &filter) const;                    // REQUIRES mutex_
    Status unexpected(const std::string &expected, Nanos waited) const;  // REQUIRES mutex_

    const Ptr<System> system_;
    const uint64_t number_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<DeadLetterBody> untaken_;  // under mutex_
    uint64_t taken_ = 0;                   // under mutex_
    uint64_t dropped_ = 0;                 // under mutex_
};

}  // namespace motet
