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
    return Found{setting, join_key(*parts)};
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
    std::vector<std::string> start = split_key(prefix).value_or(std::vector<std::string>{});
    for (const auto &[key, value] : values_) {
        std::vector<std::string> parts = *split_key(key);
        if (parts.size() > start.size() && std::equal(start.begin(), start.end(), parts.begin())) {
            found.insert(parts[start.size()]);
        }
    }
    return {found.begin(), found.end()};
}

}  // namespace motet
