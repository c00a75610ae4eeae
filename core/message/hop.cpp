#include "core/message/hop.h"

#include <algorithm>
#include <charconv>

namespace motet {

std::string Hops::to_text(size_t most) const {
    std::string text = std::to_string(all);
    for (const std::string &who : first) {
        if (text.size() + 1 + who.size() > most) {
            break;
        }
        text += " " + who;
    }
    return text;
}

Hops Hops::from_text(std::string_view text) {
    Hops hops;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hops.all);
    if (error != std::errc()) {
        return {};
    }
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    while (text.starts_with(' ') && hops.first.size() < std::min(hops.all, kKept)) {
        text.remove_prefix(1);
        const size_t size = std::min(text.find(' '), text.size());
        hops.first.emplace_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return hops;
}

}  // namespace motet
