// Hops are who passed a message on before it came to who has it now: actors that forwarded it, routers, selections with
// patterns, and the node it came from. Dead letters tell them. A message that nobody has passed on has none, and pays
// nothing for them.
// Knows: paths. Must never know: messages, why they are passed on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/block_pool.h"
#include "core/base/ref_counted.h"

namespace motet {

// One of them, and those before it. Whoever passes on many messages has one without any before it, and shares it.
class Hop final : public RefCounted, public Pooled {
  public:
    explicit Hop(std::string who, Ptr<const Hop> before = {}) : who_(std::move(who)), before_(std::move(before)) {}

    const std::string &who() const { return who_; }
    const Hop *before() const { return before_.get(); }

  private:
    const std::string who_;
    const Ptr<const Hop> before_;
};

struct Hops {
    static constexpr uint16_t kKept = 8;  // of one message: the first ones; of the others only their number is known

    std::vector<std::string> first;  // in order
    uint16_t all = 0;                // how many there were; the largest number stands for more

    // "3 /user/a /user/b": the number of all, and those that are known, as far as they fit in most bytes.
    std::string to_text(size_t most) const;

    // Reads such a text; what it does not understand are no hops.
    static Hops from_text(std::string_view text);
};

}  // namespace motet
