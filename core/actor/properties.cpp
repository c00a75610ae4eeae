#include "core/actor/properties.h"

#include <charconv>
#include <limits>
#include <string_view>

#include "core/config/value.h"

namespace motet {

namespace {

constexpr int kMaxStash = 1'000'000'000;
constexpr std::string_view kOnCode = "supervision.on.";
constexpr std::string_view kBackoff = "supervision.backoff.";

Status unknown_key(const std::string &key) {
    return {Code::UNKNOWN_KEY,
            "props have no key \"" + key +
                "\"; there are dispatcher, mailbox, supervision.strategy, supervision.directive, "
                "supervision.max-retries, supervision.within, supervision.on.<CODE>, "
                "supervision.backoff.min, .max, .random and .reset-after, stash-capacity, router and "
                "router.*"};
}

Status refuse(const std::string &key, const std::string &value, const std::string &accepted) {
    return {Code::BAD_VALUE, "props: " + key + " = \"" + value + "\": accepted is " + accepted};
}

Status set_number(int &target, int least, int most, const std::string &key, const std::string &value) {
    int number = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < least || number > most) {
        return refuse(key, value, "a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    target = number;
    return {};
}

Status set_directive(Directive &target, const std::string &key, const std::string &value) {
    static constexpr std::pair<const char *, Directive> kDirectives[] = {{"restart", Directive::restart},
                                                                         {"stop", Directive::stop},
                                                                         {"resume", Directive::resume},
                                                                         {"escalate", Directive::escalate}};
    for (const auto &[name, directive] : kDirectives) {
        if (value == name) {
            target = directive;
            return {};
        }
    }
    return refuse(key, value, "restart, stop, resume or escalate");
}

Status set_duration(Nanos &target, const char *zero, const std::string &key, const std::string &value) {
    std::optional<Nanos> duration = parse_duration(value);
    if (!duration || *duration < 0) {
        return refuse(key, value, std::string("a duration such as 10s; 0s means ") + zero);
    }
    target = *duration;
    return {};
}

// supervision.on.<CODE>
Status set_directive_for(Supervision &supervision, const std::string &key, const std::string &value) {
    std::string name = key.substr(kOnCode.size());
    std::optional<Code> code = code_named(name);
    if (!code || *code == Code::OK) {
        return {Code::UNKNOWN_KEY, "props: " + key + ": \"" + name + "\" is no code, such as FAILED or TIMEOUT"};
    }
    return set_directive(supervision.by_code[*code], key, value);
}

Status set_backoff(Backoff &backoff, const std::string &key, const std::string &value) {
    std::string part = key.substr(kBackoff.size());
    if (part == "min") {
        return set_duration(backoff.least, "at once", key, value);
    }
    if (part == "max") {
        return set_duration(backoff.most, "no longer than the shortest", key, value);
    }
    if (part == "reset-after") {
        return set_duration(backoff.reset_after, "(min + max) / 2", key, value);
    }
    if (part != "random") {
        return unknown_key(key);
    }
    double share = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), share);
    if (error != std::errc() || end != value.data() + value.size() || !(share >= 0 && share <= 1)) {
        return refuse(key, value, "a number from 0 to 1");
    }
    backoff.random = share;
    return {};
}

}  // namespace

Status set_actor_property(Props &props, const std::string &key, const std::string &value) {
    if (key == "dispatcher") {
        props.dispatcher = value;
    } else if (key == "mailbox") {
        props.mailbox = value;
    } else if (key == "supervision.strategy") {
        if (value != "one-for-one" && value != "all-for-one") {
            return refuse(key, value, "one-for-one or all-for-one");
        }
        props.supervision.all_for_one = value == "all-for-one";
    } else if (key == "supervision.directive") {
        return set_directive(props.supervision.directive, key, value);
    } else if (key.starts_with(kOnCode)) {
        return set_directive_for(props.supervision, key, value);
    } else if (key.starts_with(kBackoff)) {
        return set_backoff(props.supervision.backoff, key, value);
    } else if (key == "stash-capacity") {
        int capacity = 0;
        Status set = set_number(capacity, 1, kMaxStash, key, value);
        props.stash_capacity = set.ok() ? capacity : props.stash_capacity;
        return set;
    } else if (key == "supervision.max-retries") {
        return set_number(props.supervision.max_retries, -1, std::numeric_limits<int>::max(), key, value);
    } else if (key == "remote") {
        Result<Address> node = value == "local" ? Result<Address>(Address()) : Address::parse(value);
        if (!node.ok() || (value != "local" && !node.value().has_host())) {
            return refuse(key, value, "the address of a node, such as motet.tcp://System@host:2552, or local");
        }
        props.node = value == "local" ? std::nullopt : std::optional(std::move(node.value()));
    } else if (key == "supervision.within") {
        return set_duration(props.supervision.within, "for ever", key, value);
    } else {
        return unknown_key(key);
    }
    return {};
}

Status set_actor_properties(Props &props, const Properties &properties) {
    for (const auto &[key, value] : properties) {
        if (Status set = set_actor_property(props, key, value); !set.ok()) {
            return set;
        }
    }
    return {};
}

}  // namespace motet
