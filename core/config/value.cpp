#include "core/config/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "core/base/host.h"

namespace motet {
namespace {

// Longer than any sensible value; keeps what comes from outside bounded.
constexpr size_t kMaxValueSize = 65536;

struct Unit {
    std::string_view name;
    double factor;
};

constexpr Unit kTimeUnits[] = {{"ns", 1.0},     {"us", 1e3},       {"ms", 1e6},       {"s", 1e9},
                               {"m", 60 * 1e9}, {"h", 3600 * 1e9}, {"d", 86400 * 1e9}};
constexpr Unit kSizeUnits[] = {{"", 1.0},   {"B", 1.0},  {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30},
                               {"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6},     {"GB", 1e9}};

template <typename T> std::optional<T> parse_number(std::string_view text) {
    T number{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional<T>(number) : std::nullopt;
}

template <size_t kCount> std::optional<int64_t> parse_with_unit(std::string_view text, const Unit (&units)[kCount]) {
    size_t digits = std::min(text.find_first_not_of("+-.0123456789"), text.size());
    auto number = parse_number<double>(text.substr(0, digits));
    auto unit = std::find_if(std::begin(units), std::end(units),
                             [&](const Unit &candidate) { return candidate.name == text.substr(digits); });
    if (!number || unit == std::end(units) || std::abs(*number * unit->factor) > 9e18) {
        return std::nullopt;
    }
    return static_cast<int64_t>(std::llround(*number * unit->factor));
}

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// One or more of letters, digits and the characters of more; the first one no character of more.
bool is_word(std::string_view text, std::string_view more) {
    return !text.empty() && is_letter_or_digit(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_letter_or_digit(c) || more.find(c) != std::string_view::npos;
    });
}

bool is_anything(std::string_view) { return true; }
bool is_system_name(std::string_view text) { return is_word(text, "-"); }
bool is_role(std::string_view text) { return is_word(text, "-_."); }
bool is_role_or_empty(std::string_view text) { return text.empty() || is_role(text); }
bool is_phase(std::string_view text) { return is_word(text, "-_"); }

// One to four numbers with dots between them, then "-rc.1" and "+build.7", or either, or neither.
bool is_version(std::string_view text) {
    const size_t numbers = text.find_first_of("-+");
    const std::string_view rest = numbers == std::string_view::npos ? "" : text.substr(numbers);
    text = text.substr(0, numbers);
    for (int left = 4; left > 0; --left) {
        const size_t dot = text.find('.');
        if (!parse_number<uint32_t>(text.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return rest.empty() || (rest.size() <= 48 && is_word(rest.substr(1), "-+."));
        }
        text.remove_prefix(dot + 1);
    }
    return false;
}

bool is_file(std::string_view text) { return !text.empty(); }

bool is_type_name(std::string_view text) {
    return !text.empty() && text.size() <= 255 && text.find('=') == std::string_view::npos;
}

bool is_type_priority(std::string_view text) {
    size_t equal = text.find('=');
    return equal != std::string_view::npos && is_type_name(text.substr(0, equal)) &&
           parse_number<int32_t>(text.substr(equal + 1)).has_value();
}

bool is_host(std::string_view text) {
    if (text.find(':') != std::string_view::npos) {
        return is_ipv6(std::string(text));
    }
    return text.size() <= 253 && is_word(text, "-.");
}

bool is_host_or_empty(std::string_view text) { return text.empty() || text == "*" || is_host(text); }

bool is_ipc_name(std::string_view text) { return text.size() <= 64 && is_word(text, "-_."); }
bool is_ipc_name_or_empty(std::string_view text) { return text.empty() || is_ipc_name(text); }

bool is_address(std::string_view text) {
    constexpr std::string_view kScheme = "motet.tcp://";
    constexpr std::string_view kIpcScheme = "motet.ipc://";
    size_t at = text.find('@');
    if (text.starts_with(kIpcScheme) && at != std::string_view::npos) {
        return is_system_name(text.substr(kIpcScheme.size(), at - kIpcScheme.size())) &&
               is_ipc_name(text.substr(at + 1));
    }
    size_t colon = text.rfind(':');
    if (!text.starts_with(kScheme) || at == std::string_view::npos || colon < at) {
        return false;
    }
    std::string_view host = text.substr(at + 1, colon - at - 1);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return false;
    }
    auto port = parse_number<uint16_t>(text.substr(colon + 1));
    return is_system_name(text.substr(kScheme.size(), at - kScheme.size())) && is_host(host) && port && *port != 0;
}

bool is_local_path(std::string_view text) {
    return text.size() > 1 && text.size() <= 2048 && text.front() == '/' && text.back() != '/' &&
           text.find_first_of("*?# \t") == std::string_view::npos && text.find("//") == std::string_view::npos &&
           text.find("/..") == std::string_view::npos;
}

bool is_config_key(std::string_view text) { return text.size() <= 128 && is_word(text, "-_.\""); }

struct Rule {
    std::string_view name;
    bool (*holds)(std::string_view);
    std::string_view description;
};

constexpr Rule kRules[] = {
    {"anything", is_anything, "any text"},
    {"system-name", is_system_name, "letters, digits and '-', not starting with '-'"},
    {"host", is_host, "a host name or an IP address"},
    {"host-or-empty", is_host_or_empty, "a host name, an IP address, * for every interface, or nothing"},
    {"ipc-name-or-empty", is_ipc_name_or_empty,
     "1 to 64 letters, digits, '-', '_' and '.', starting with a letter or digit, or nothing"},
    {"address", is_address, "motet.tcp://System@host:port or motet.ipc://System@name"},
    {"role", is_role, "letters, digits, '-', '_' and '.', starting with a letter or digit"},
    {"role-or-empty", is_role_or_empty,
     "letters, digits, '-', '_' and '.', starting with a letter or digit, or nothing"},
    {"phase", is_phase, "the name of a phase: letters, digits, '-' and '_', starting with a letter or digit"},
    {"version", is_version,
     "a version: one to four numbers with dots, as 1.2.3, and what may follow a '-' or '+', as 1.2.3-rc.1"},
    {"type-name", is_type_name, "the name of a message type"},
    {"actor-type", is_type_name, "the name of an actor type, in which \"*\" and \"?\" match"},
    {"type-priority", is_type_priority, "the name of a message type, '=' and a number"},
    {"file", is_file, "the path of a file"},
    {"file-or-empty", is_anything, "the path of a file, or nothing"},
    {"config-key", is_config_key, "a key of the configuration"},
    {"local-path", is_local_path, "the path of an actor from \"/\", such as /user/service, without * ? .. and #"},
};

const Rule &rule_of(const Setting &setting) {
    return *std::find_if(std::begin(kRules), std::end(kRules),
                         [&](const Rule &rule) { return rule.name == setting.accepts; });
}

// The two sides of "minimum..maximum"; an empty side is no limit.
std::pair<std::string_view, std::string_view> limits(const Setting &setting) {
    size_t dots = setting.accepts.find("..");
    return {setting.accepts.substr(0, dots), setting.accepts.substr(dots + 2)};
}

template <typename Parse> bool in_range(const Setting &setting, std::string_view text, Parse parse) {
    auto value = parse(text);
    auto [minimum, maximum] = limits(setting);
    return value && (minimum.empty() || *value >= *parse(minimum)) && (maximum.empty() || *value <= *parse(maximum));
}

std::string describe_range(const Setting &setting) {
    auto [minimum, maximum] = limits(setting);
    if (minimum.empty() && maximum.empty()) {
        return "";
    }
    if (maximum.empty()) {
        return " of at least " + std::string(minimum);
    }
    if (minimum.empty()) {
        return " of at most " + std::string(maximum);
    }
    return " from " + std::string(minimum) + " to " + std::string(maximum);
}

bool is_choice(std::string_view choices, std::string_view text) {
    while (true) {
        size_t bar = choices.find('|');
        if (choices.substr(0, bar) == text) {
            return true;
        }
        if (bar == std::string_view::npos) {
            return false;
        }
        choices.remove_prefix(bar + 1);
    }
}

std::string describe_choices(std::string_view choices) {
    std::string text;
    for (char c : choices) {
        text += c == '|' ? std::string(", ") : std::string(1, c);
    }
    size_t last = text.rfind(", ");
    return last == std::string::npos ? text : text.replace(last, 2, " or ");
}

bool is_list(const Setting &setting, std::string_view text) {
    std::vector<std::string> items = parse_list(text);
    std::set<std::string> different(items.begin(), items.end());
    return different.size() == items.size() && std::all_of(items.begin(), items.end(), [&](const std::string &item) {
               return rule_of(setting).holds(item);
           });
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
    if (text == "on" || text == "true") {
        return true;
    }
    return text == "off" || text == "false" ? std::optional<bool>(false) : std::nullopt;
}

std::optional<int64_t> parse_integer(std::string_view text) { return parse_number<int64_t>(text); }

std::optional<double> parse_real(std::string_view text) {
    auto number = parse_number<double>(text);
    return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<Nanos> parse_duration(std::string_view text) {
    return text == "0" ? std::optional<Nanos>(0) : parse_with_unit(text, kTimeUnits);
}

std::optional<int64_t> parse_size(std::string_view text) { return parse_with_unit(text, kSizeUnits); }

std::vector<std::string> parse_list(std::string_view text) {
    std::vector<std::string> items;
    if (trim(text).empty()) {
        return items;
    }
    while (true) {
        size_t comma = text.find(',');
        items.emplace_back(trim(text.substr(0, comma)));
        if (comma == std::string_view::npos) {
            return items;
        }
        text.remove_prefix(comma + 1);
    }
}

bool accepted(const Setting &setting, std::string_view text) {
    if (text.size() > kMaxValueSize) {
        return false;
    }
    switch (setting.kind) {
    case Kind::boolean:
        return parse_boolean(text).has_value();
    case Kind::integer:
        return in_range(setting, text, parse_integer);
    case Kind::real:
        return in_range(setting, text, parse_real);
    case Kind::duration:
        return in_range(setting, text, parse_duration);
    case Kind::size:
        return in_range(setting, text, parse_size);
    case Kind::choice:
        return is_choice(setting.accepts, text);
    case Kind::text:
        return rule_of(setting).holds(text);
    case Kind::list:
        return is_list(setting, text);
    }
    return false;
}

std::string describe_accepted(const Setting &setting) {
    switch (setting.kind) {
    case Kind::boolean:
        return "on, off, true or false";
    case Kind::integer:
        return "an integer" + describe_range(setting);
    case Kind::real:
        return "a number" + describe_range(setting);
    case Kind::duration:
        return "a duration" + describe_range(setting) + " (units ns, us, ms, s, m, h, d)";
    case Kind::size:
        return "a size" + describe_range(setting) + " (units B, KiB, MiB, GiB, kB, MB, GB)";
    case Kind::choice:
        return describe_choices(setting.accepts);
    case Kind::text:
        return std::string(rule_of(setting).description);
    case Kind::list:
        return "a list with commas, nothing twice, each " + std::string(rule_of(setting).description);
    }
    return "";
}

std::string_view trim(std::string_view text) {
    size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace motet
