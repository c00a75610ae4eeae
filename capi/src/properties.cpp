#include "capi/src/properties.h"

#include <charconv>
#include <limits>

#include "core/config/value.h"

namespace motet::capi {

namespace {

constexpr int kMaxInstances = 1'000'000;

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

Status set_directive(Supervision &supervision, const std::string &key, const std::string &value) {
    static constexpr std::pair<const char *, Directive> kDirectives[] = {{"restart", Directive::restart},
                                                                         {"stop", Directive::stop},
                                                                         {"resume", Directive::resume},
                                                                         {"escalate", Directive::escalate}};
    for (const auto &[name, directive] : kDirectives) {
        if (value == name) {
            supervision.directive = directive;
            return {};
        }
    }
    return refuse(key, value, "restart, stop, resume or escalate");
}

std::vector<std::string> split(const std::string &list) {
    std::vector<std::string> parts;
    for (size_t begin = 0; begin <= list.size();) {
        size_t end = std::min(list.find(',', begin), list.size());
        if (end > begin) {
            parts.push_back(list.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return parts;
}

}  // namespace

Status set_property(Props &props, std::optional<RouterSettings> &router, const std::string &key,
                    const std::string &value) {
    RouterSettings routing = router.value_or(RouterSettings());
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
        return set_directive(props.supervision, key, value);
    } else if (key == "supervision.max-retries") {
        return set_number(props.supervision.max_retries, -1, std::numeric_limits<int>::max(), key, value);
    } else if (key == "supervision.within") {
        std::optional<Nanos> within = parse_duration(value);
        if (!within || *within < 0) {
            return refuse(key, value, "a duration such as 10s; 0s means for ever");
        }
        props.supervision.within = *within;
    } else if (key == "router") {
        Status known = set_router(routing, value);
        if (known.ok()) {
            router = std::move(routing);
        }
        return known;
    } else if (key == "router.instances") {
        Status set = set_number(routing.instances, 1, kMaxInstances, key, value);
        if (set.ok()) {
            router = std::move(routing);
        }
        return set;
    } else if (key == "router.paths") {
        routing.paths = split(value);
        router = std::move(routing);
    } else {
        return {Code::UNKNOWN_KEY,
                "props have no key \"" + key +
                    "\"; there are dispatcher, mailbox, supervision.strategy, supervision.directive, "
                    "supervision.max-retries, supervision.within, router, router.instances and router.paths"};
    }
    return {};
}

}  // namespace motet::capi
