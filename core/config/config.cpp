#include "core/config/config.h"

#include <algorithm>
#include <set>

#include "core/config/key.h"
#include "core/config/value.h"

namespace motet {
namespace {

// What the user wrote, for a sentence: in quotes, and not longer than can be read.
std::string quoted(std::string_view text) {
    constexpr size_t kReadable = 200;
    return text.size() <= kReadable ? '"' + std::string(text) + '"'
                                    : '"' + std::string(text.substr(0, kReadable)) + "...\"";
}

struct Found {
    const Setting *setting;
    std::string key;
};

Result<Found> find(std::string_view key) {
    auto parts = split_key(key);
    const Setting *setting = parts ? find_setting(*parts) : nullptr;
    if (setting == nullptr) {
        return Status(Code::UNKNOWN_KEY,
                      "unknown key " + quoted(key) + "; did you mean " + quoted(nearest_key(key)) + "?");
    }
    if (is_open(*setting)) {  // one way to write it, whether its last part is in quotes or not
        const auto count = static_cast<size_t>(std::count(setting->key.begin(), setting->key.end(), '.')) + 1;
        for (; parts->size() > count; parts->pop_back()) {
            const std::string last = "." + parts->back();
            (*parts)[parts->size() - 2] += last;
        }
    }
    return Found{setting, join_key(*parts)};
}

// The parts of what stands in the key behind a prefix; none when the key is not below it.
std::vector<std::string> rest_of(const std::string &key, const std::vector<std::string> &prefix) {
    std::vector<std::string> parts = *split_key(key);
    if (parts.size() <= prefix.size() || !std::equal(prefix.begin(), prefix.end(), parts.begin())) {
        return {};
    }
    return {parts.begin() + static_cast<ptrdiff_t>(prefix.size()), parts.end()};
}

}  // namespace

Status Config::set(std::string_view key, std::string_view value) {
    auto found = find(key);
    if (!found.ok()) {
        return std::move(found.status());
    }
    const Setting &setting = *found.value().setting;
    if (!accepted(setting, trim(value))) {
        return {Code::BAD_VALUE,
                found.value().key + ": " + quoted(value) + " is not accepted; expected " + describe_accepted(setting)};
    }
    values_[found.value().key] = trim(value);
    return {};
}

Result<std::string> Config::get(std::string_view key) const {
    auto found = find(key);
    if (!found.ok()) {
        return std::move(found.status());
    }
    auto value = values_.find(found.value().key);
    return value == values_.end() ? std::string(found.value().setting->standard) : value->second;
}

std::string Config::value(const Setting &setting, std::string_view name) const {
    std::string key(setting.key);
    size_t open = key.find('<');
    if (open != std::string::npos) {
        key.replace(open, key.find('>') - open + 1, join_key({std::string(name)}));
    }
    auto value = values_.find(key);
    return value == values_.end() ? std::string(setting.standard) : value->second;
}

// What is set has been accepted, and the table's own test accepts every default: the parsers cannot fail here.
bool Config::boolean(KeyOf<Kind::boolean> key, std::string_view name) const {
    return *parse_boolean(value(key.setting(), name));
}
int64_t Config::integer(KeyOf<Kind::integer> key, std::string_view name) const {
    return *parse_integer(value(key.setting(), name));
}
double Config::real(KeyOf<Kind::real> key, std::string_view name) const {
    return *parse_real(value(key.setting(), name));
}
Nanos Config::duration(KeyOf<Kind::duration> key, std::string_view name) const {
    return *parse_duration(value(key.setting(), name));
}
int64_t Config::size(KeyOf<Kind::size> key, std::string_view name) const {
    return *parse_size(value(key.setting(), name));
}
std::string Config::text(KeyOf<Kind::text, Kind::choice> key, std::string_view name) const {
    return value(key.setting(), name);
}
std::vector<std::string> Config::list(KeyOf<Kind::list> key, std::string_view name) const {
    return parse_list(value(key.setting(), name));
}

std::vector<std::string> Config::names(std::string_view prefix) const {
    std::set<std::string> found;
    const std::vector<std::string> start = split_key(prefix).value_or(std::vector<std::string>{});
    for (const auto &[key, value] : values_) {
        if (std::vector<std::string> rest = rest_of(key, start); !rest.empty()) {
            found.insert(rest[0]);
        }
    }
    return {found.begin(), found.end()};
}

std::map<std::string, std::string> Config::texts(KeyOf<Kind::text> key, std::string_view name) const {
    std::map<std::string, std::string> found;
    const std::string_view pattern = key.setting().key;
    std::vector<std::string> start = *split_key(pattern.substr(0, pattern.find(".<")));
    start.emplace_back(name);
    for (const auto &[set, value] : values_) {
        std::string last;
        for (const std::string &part : rest_of(set, start)) {
            last += (last.empty() ? "" : ".") + part;
        }
        if (!last.empty()) {
            found[last] = value;
        }
    }
    return found;
}

}  // namespace motet
