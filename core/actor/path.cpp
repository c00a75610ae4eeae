#include "core/actor/path.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace motet {

static bool name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.*$+:@&=,!~';%").find(c) != std::string_view::npos;
}

static Status bad_name(std::string_view name, const char *problem) {
    return Status(Code::BAD_NAME, "actor name \"" + std::string(name.substr(0, 64)) + "\": " + problem);
}

Status check_actor_name(std::string_view name) {
    if (name.empty() || name.size() > kMaxNameSize) {
        return bad_name(name, "a name has 1 to 255 characters");
    }
    if (name[0] == '$') {
        return bad_name(name, "names that start with '$' are reserved for generated ones");
    }
    if (name == "..") {
        return bad_name(name, "in a selection this is the parent");
    }
    if (name.find('*') != std::string_view::npos || !std::all_of(name.begin(), name.end(), name_character)) {
        return bad_name(name, "a name consists of letters, digits and -_.$+:@&=,!~';%");
    }
    for (size_t at = name.find('%'); at != std::string_view::npos; at = name.find('%', at + 1)) {
        if (name.size() < at + 3 || std::isxdigit(static_cast<unsigned char>(name[at + 1])) == 0 ||
            std::isxdigit(static_cast<unsigned char>(name[at + 2])) == 0) {
            return bad_name(name, "two hexadecimal digits follow '%'");
        }
    }
    return {};
}

bool is_pattern(std::string_view element) { return element.find_first_of("*?") != std::string_view::npos; }

bool matches(std::string_view pattern, std::string_view name) {
    size_t p = 0;
    size_t n = 0;
    size_t star = std::string_view::npos;
    size_t star_name = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_name = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++star_name;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool ActorPath::exact() const {
    return std::none_of(elements.begin(), elements.end(),
                        [](const std::string &element) { return element == ".." || is_pattern(element); });
}

bool ActorPath::temporary() const { return elements.size() == 2 && elements[0] == "temp"; }

std::string ActorPath::local_text() const {
    std::string text = elements.empty() ? "/" : "";
    for (const std::string &element : elements) {
        text += "/" + element;
    }
    if (incarnation != 0) {
        text += "#" + std::to_string(incarnation);
    }
    return text;
}

static Status bad_path(std::string_view text, const std::string &problem) {
    return Status(Code::BAD_NAME, "path \"" + std::string(text.substr(0, 128)) + "\": " + problem);
}

Result<ActorPath> ActorPath::parse(std::string_view text) {
    ActorPath path;
    if (text.size() > kMaxPathSize) {
        return bad_path(text, "a path has at most 2048 bytes");
    }
    std::string_view rest = text;
    size_t scheme = text.find("://");
    if (scheme != std::string_view::npos) {
        size_t slash = text.find('/', scheme + 3);
        Result<Address> address = Address::parse(text.substr(0, slash));
        if (!address.ok()) {
            return std::move(address.status());
        }
        path.address = std::move(address.value());
        rest = slash == std::string_view::npos ? std::string_view("/") : text.substr(slash);
    }
    if (rest.empty() || rest[0] != '/') {
        return bad_path(text, "a path is \"/user/name\" or \"motet.tcp://System@host:port/user/name\"");
    }
    size_t hash = rest.rfind('#');
    if (hash != std::string_view::npos) {
        std::string_view digits = rest.substr(hash + 1);
        auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), path.incarnation);
        if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
            return bad_path(text, "what follows '#' is the incarnation, a number");
        }
        rest = rest.substr(0, hash);
    }
    while (!rest.empty()) {
        rest.remove_prefix(1);  // the slash
        std::string_view element = rest.substr(0, rest.find('/'));
        rest.remove_prefix(element.size());
        if (element.empty()) {
            continue;
        }
        if (!std::all_of(element.begin(), element.end(), [](char c) { return name_character(c) || c == '?'; })) {
            return bad_path(text, "\"" + std::string(element.substr(0, 64)) +
                                      "\" is not a name: letters, digits and -_.*$+:@&=,!~';% (and ? in a pattern)");
        }
        path.elements.emplace_back(element);
    }
    return path;
}

}  // namespace motet
