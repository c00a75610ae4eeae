#include "core/config/key.h"

#include <algorithm>
#include <numeric>

namespace motet {
namespace {

bool is_bare(std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool matches(const Setting &setting, const std::vector<std::string> &parts) {
    std::string_view rest = setting.key;
    for (size_t i = 0; i < parts.size(); ++i) {
        size_t dot = rest.find('.');
        std::string_view expected = rest.substr(0, dot);
        if (!expected.starts_with('<') && expected != parts[i]) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return i + 1 == parts.size() || is_open(setting);
        }
        rest.remove_prefix(dot + 1);
    }
    return false;
}

// The edit distance of Levenshtein, 1966: insertions, deletions and replacements that make one of the other.
size_t distance(std::string_view left, std::string_view right) {
    std::vector<size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 0; i < left.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < right.size(); ++j) {
            size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::vector<std::string>> split_key(std::string_view key) {
    std::vector<std::string> parts;
    while (true) {
        bool quoted = key.starts_with('"');
        size_t end = quoted ? key.find('"', 1) : std::min(key.find('.'), key.size());
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        std::string_view part = quoted ? key.substr(1, end - 1) : key.substr(0, end);
        if (quoted ? part.empty() : !is_bare(part)) {
            return std::nullopt;
        }
        parts.emplace_back(part);
        key.remove_prefix(quoted ? end + 1 : end);
        if (key.empty()) {
            return parts;
        }
        if (key[0] != '.') {
            return std::nullopt;
        }
        key.remove_prefix(1);
    }
}

std::string join_key(const std::vector<std::string> &parts) {
    std::string key;
    for (const std::string &part : parts) {
        key += key.empty() ? "" : ".";
        key += is_bare(part) ? part : '"' + part + '"';
    }
    return key;
}

const Setting *find_setting(const std::vector<std::string> &parts) {
    auto found = std::find_if(std::begin(kSettings), std::end(kSettings),
                              [&](const Setting &setting) { return matches(setting, parts); });
    return found == std::end(kSettings) ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view key) {
    // No key is that long; cutting keeps the work bounded whatever is given.
    key = key.substr(0, 256);
    auto nearest =
        std::min_element(std::begin(kSettings), std::end(kSettings), [&](const Setting &a, const Setting &b) {
            return distance(a.key, key) < distance(b.key, key);
        });
    return nearest->key;
}

}  // namespace motet
