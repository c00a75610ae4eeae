// DeadLetters: the last messages that were not delivered, and how many there were.
// Knows the C interface's dead letters.
// Must never know why a message was not delivered.
#pragma once

#include <motet/dead_letters.h>
#include <motet/error.hpp>
#include <motet/signals.hpp>

#include <memory>
#include <vector>

namespace motet {

// DeadLetters is a copy of what a system knew of them when it was asked.
class DeadLetters {
  public:
    explicit DeadLetters(motet_system_t *system) : system_(system), letters_(copy(system), motet_dead_letters_free) {}

    // How many there ever were, in all or with one of the causes that motet/dead_letters.h lists.
    [[nodiscard]] std::uint64_t total(Code cause = Code::ok) const {
        return motet_dead_letters_total(letters_.get(), static_cast<std::int32_t>(cause));
    }

    // The last ones, the oldest first.
    [[nodiscard]] std::vector<DeadLetter> recent() const {
        std::vector<DeadLetter> all;
        std::vector<std::uint8_t> body;
        for (std::int64_t i = 0; i < motet_dead_letters_count(letters_.get()); ++i) {
            body.resize(static_cast<std::size_t>(motet_dead_letters_body(letters_.get(), i, nullptr, 0)));
            motet_dead_letters_body(letters_.get(), i, body.data(), body.size());
            all.push_back(detail::decode<DeadLetter>(system_, body, message_name<DeadLetter>::value));
        }
        return all;
    }

  private:
    static motet_dead_letters_t *copy(motet_system_t *system) {
        motet_dead_letters_t *letters = nullptr;
        detail::check(motet_system_dead_letters(system, &letters));
        return letters;
    }

    motet_system_t *system_;
    std::unique_ptr<motet_dead_letters_t, decltype(&motet_dead_letters_free)> letters_;
};

}  // namespace motet
