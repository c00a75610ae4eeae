// Config::load_environment: variables to keys.
#include <algorithm>
#include <unistd.h>

#include "core/config/config.h"
#include "core/config/key.h"

namespace motet {
namespace {

constexpr std::string_view kPrefix = "MOTET_";

// Variables that begin with the prefix and are no settings: they steer the tests.
constexpr std::string_view kTestPrefix = "MOTET_TEST_";

// CLUSTER__SEED_NODES is cluster.seed-nodes.
std::string key_of(std::string_view variable) {
    std::string key;
    for (size_t i = 0; i < variable.size(); ++i) {
        char c = variable[i];
        if (c == '_' && i + 1 < variable.size() && variable[i + 1] == '_') {
            key += '.';
            ++i;
        } else if (c == '_') {
            key += '-';
        } else {
            key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    return key;
}

std::string variable_of(std::string_view key) {
    std::string variable(kPrefix);
    for (char c : key) {
        if (c == '.') {
            variable += "__";
        } else if (c == '-') {
            variable += '_';
        } else {
            variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return variable;
}

}  // namespace

Status Config::load_environment() {
    Config changed = *this;
    for (char **entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view text(*entry);
        if (!text.starts_with(kPrefix) || text.starts_with(kTestPrefix)) {
            continue;
        }
        size_t equals = std::min(text.find('='), text.size());
        std::string variable(text.substr(0, equals));
        std::string key = key_of(text.substr(kPrefix.size(), equals - kPrefix.size()));
        Status status = changed.set(key, text.substr(std::min(equals + 1, text.size())));
        if (status.code() == Code::UNKNOWN_KEY) {
            return {Code::UNKNOWN_KEY, "environment variable " + variable + ": unknown key \"" + key +
                                           "\"; did you mean " + variable_of(nearest_key(key)) + "?"};
        }
        if (!status.ok()) {
            return {status.code(), "environment variable " + variable + ": " + status.message()};
        }
    }
    *this = std::move(changed);
    return {};
}

}  // namespace motet
