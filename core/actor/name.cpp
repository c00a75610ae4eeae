#include "core/actor/name.h"

#include <functional>

#include "core/base/random.h"

namespace motet {

static constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";
static constexpr size_t kMostDigits = 10;  // of a number of 60 bits

std::string generated_name(uint64_t number) {
    std::string name = "$";
    do {
        name += kDigits[number % kDigits.size()];
        number /= kDigits.size();
    } while (number > 0);
    return name;
}

ActorName ActorName::of(std::string_view text) {
    if (text.starts_with('$') && text.size() <= 1 + kMostDigits) {
        uint64_t number = 0;
        for (size_t i = text.size() - 1; i > 0; --i) {
            number = number * kDigits.size() + kDigits.find(text[i]);
        }
        if (generated_name(number) == text) {
            return generated(number);
        }
    }
    return ActorName(reinterpret_cast<uint64_t>(new std::string(text)));
}

ActorName::~ActorName() {
    if (!is_number()) {
        delete string();
    }
}

uint64_t ActorName::hash() const { return Random::mix(is_number() ? bits_ : std::hash<std::string>()(*string())); }

bool ActorName::operator==(const ActorName &other) const {
    return bits_ == other.bits_ || (!is_number() && !other.is_number() && *string() == *other.string());
}

}  // namespace motet
