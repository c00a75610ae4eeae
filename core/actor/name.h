// ActorName is the name of an actor among its siblings, in the space of a pointer: a number when it is generated.
// Knows: names. Must never know: actors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace motet {

// The name of the actor that its parent created as number n without a name: "$a", "$b", ... in base 64.
std::string generated_name(uint64_t number);

class ActorName {
  public:
    static ActorName generated(uint64_t number) { return ActorName(number << 1 | 1); }

    // Also of what generated_name() returns.
    static ActorName of(std::string_view text);

    ActorName(ActorName &&other) noexcept : bits_(std::exchange(other.bits_, 1)) {}
    ActorName &operator=(ActorName &&other) noexcept {
        std::swap(bits_, other.bits_);
        return *this;
    }
    ~ActorName();

    std::string text() const { return is_number() ? generated_name(bits_ >> 1) : *string(); }
    uint64_t hash() const;
    bool operator==(const ActorName &other) const;

  private:
    explicit ActorName(uint64_t bits) : bits_(bits) {}
    bool is_number() const { return (bits_ & 1) != 0; }
    const std::string *string() const { return reinterpret_cast<const std::string *>(bits_); }

    uint64_t bits_;  // a number and a set lowest bit, or the address of a string
};

}  // namespace motet
