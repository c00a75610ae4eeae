// ActorPath is the text form of whom a message is for: an address, elements, an incarnation.
// Knows: what is a valid name. Must never know: whether an actor stands behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/message/address.h"

namespace motet {

constexpr size_t kMaxPathSize = 2048;
constexpr size_t kMaxNameSize = 255;

// A name that a user may give to an actor: letters, digits and -_.*$+:@&=,!~';%, not starting with '$'. BAD_NAME.
Status check_actor_name(std::string_view name);

// Whether an element of a path matches more than its own text.
bool is_pattern(std::string_view element);

// Whether a name matches a pattern of * (any run of characters) and ? (any one character).
bool matches(std::string_view pattern, std::string_view name);

struct ActorPath {
    std::optional<Address> address;  // none: this node
    std::vector<std::string> elements;
    uint64_t incarnation = 0;  // 0: any

    // Whether it names one actor, and not what matches a pattern or is above something.
    bool exact() const;
    // Whether it is where an ask waits for its answer: "/temp/...".
    bool temporary() const;
    std::string local_text() const;  // "/user/a#17"

    // "motet.tcp://S@host:1/user/a#17" or "/user/a". BAD_NAME, BAD_ADDRESS.
    static Result<ActorPath> parse(std::string_view text);
};

}  // namespace motet
