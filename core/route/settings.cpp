#include "core/route/settings.h"

#include <algorithm>
#include <variant>

#include "core/config/value.h"

namespace motet {

namespace {

using Settings = RouterSettings;

// What a router or a resizer is called.
template <typename Which> struct Name {
    std::string_view name;
    Which which;
    bool has_group = true;
};

constexpr Name<Logic> kLogics[] = {{"round-robin", Logic::round_robin},
                                   {"random", Logic::random},
                                   {"smallest-mailbox", Logic::smallest_mailbox},
                                   {"balancing", Logic::balancing, false},
                                   {"broadcast", Logic::broadcast},
                                   {"scatter-gather", Logic::scatter_gather},
                                   {"tail-chopping", Logic::tail_chopping},
                                   {"consistent-hashing", Logic::consistent_hashing}};

constexpr Name<ResizerKind> kResizers[] = {{"off", ResizerKind::off},
                                           {"pressure", ResizerKind::pressure},
                                           {"optimal-size-exploring", ResizerKind::optimal_size}};

std::string routers() {
    std::string names;
    for (const auto &logic : kLogics) {
        names +=
            (names.empty() ? "" : ", ") + std::string(logic.name) + "-pool" + (logic.has_group ? " or -group" : "");
    }
    return names;
}

bool set_router(Settings &settings, std::string_view text) {
    const bool group = text.ends_with("-group");
    for (const auto &logic : kLogics) {
        if (text == std::string(logic.name) + (group && logic.has_group ? "-group" : "-pool")) {
            settings.logic = logic.which;
            settings.group = group;
            return true;
        }
    }
    return false;
}

bool set_paths(Settings &settings, std::string_view text) {
    settings.paths = parse_list(text);
    return !settings.paths.empty() &&
           std::find(settings.paths.begin(), settings.paths.end(), "") == settings.paths.end();
}

bool set_nodes(Settings &settings, std::string_view text) {
    settings.nodes.clear();
    for (const std::string &item : parse_list(text)) {
        Result<Address> node = Address::parse(item);
        if (!node.ok() || !node.value().has_host()) {
            return false;
        }
        settings.nodes.push_back(std::move(node.value()));
    }
    return !settings.nodes.empty();
}

bool set_hash_key(Settings &settings, std::string_view text) {
    settings.hash_key = text;
    return !text.empty();
}

bool set_resizer(Settings &settings, std::string_view text) {
    for (const auto &resizer : kResizers) {
        if (text == resizer.name) {
            settings.resizer.kind = resizer.which;
            return true;
        }
    }
    return false;
}

// Whom a property is for.
struct Owner {
    std::string_view name;
    bool (*is)(const Settings &);
};

constexpr Owner kPool{"a pool", [](const Settings &s) { return !s.group; }};
constexpr Owner kGroup{"a group", [](const Settings &s) { return s.group; }};
constexpr Owner kRace{"a scatter-gather or tail-chopping router", [](const Settings &s) {
                          return s.logic == Logic::scatter_gather || s.logic == Logic::tail_chopping;
                      }};
constexpr Owner kTailChopping{"a tail-chopping router",
                              [](const Settings &s) { return s.logic == Logic::tail_chopping; }};
constexpr Owner kHashing{"a consistent-hashing router",
                         [](const Settings &s) { return s.logic == Logic::consistent_hashing; }};
constexpr Owner kResizing{"a pool with a resizer",
                          [](const Settings &s) { return !s.group && s.resizer.kind != ResizerKind::off; }};
constexpr Owner kPressure{"a pool whose resizer is pressure",
                          [](const Settings &s) { return !s.group && s.resizer.kind == ResizerKind::pressure; }};
constexpr Owner kExploring{"a pool whose resizer is optimal-size-exploring",
                           [](const Settings &s) { return !s.group && s.resizer.kind == ResizerKind::optimal_size; }};

// Where a property goes: a number between two bounds, a part likewise, a duration above 0, or what a function accepts.
using WholeNumber = int &(*)(Settings &);
using Part = double &(*)(Settings &);
using Duration = Nanos &(*)(Settings &);
using Setter = bool (*)(Settings &, std::string_view);

struct Property {
    std::string_view key;
    Owner owner;
    std::variant<WholeNumber, Part, Duration, Setter> place;
    double least = 0;
    double most = 0;
    std::string_view accepted = {};  // by a setter
};

#define MOTET_PLACE(type, member) [](Settings &s) -> type & { return s.member; }

const Property kProperties[] = {
    {"router.instances", kPool, MOTET_PLACE(int, instances), 1, 1'000'000},
    {"router.paths", kGroup, set_paths, 0, 0, "paths of actors with commas between them"},
    {"router.target-nodes", kPool, set_nodes, 0, 0,
     "addresses of nodes with commas between them, such as motet.tcp://System@host:2552"},
    {"router.within", kRace, MOTET_PLACE(Nanos, within)},
    {"router.interval", kTailChopping, MOTET_PLACE(Nanos, interval)},
    {"router.virtual-nodes-factor", kHashing, MOTET_PLACE(int, virtual_nodes_factor), 1, 10'000},
    {"router.hash-key", kHashing, set_hash_key, 0, 0, "the name of a field"},
    {"router.resizer", kPool, set_resizer, 0, 0, "off, pressure or optimal-size-exploring"},
    {"router.resizer.lower-bound", kResizing, MOTET_PLACE(int, resizer.lower_bound), 1, 1'000'000},
    {"router.resizer.upper-bound", kResizing, MOTET_PLACE(int, resizer.upper_bound), 1, 1'000'000},
    {"router.resizer.messages-per-resize", kResizing, MOTET_PLACE(int, resizer.messages_per_resize), 1, 1'000'000},
    {"router.resizer.pressure-threshold", kPressure, MOTET_PLACE(int, resizer.pressure_threshold), 0, 1'000'000},
    {"router.resizer.rampup-rate", kPressure, MOTET_PLACE(double, resizer.rampup_rate), 0, 100},
    {"router.resizer.backoff-threshold", kPressure, MOTET_PLACE(double, resizer.backoff_threshold), 0, 1},
    {"router.resizer.backoff-rate", kPressure, MOTET_PLACE(double, resizer.backoff_rate), 0, 1},
    {"router.resizer.action-interval", kExploring, MOTET_PLACE(Nanos, resizer.action_interval)},
    {"router.resizer.downsize-after-underutilized-for", kExploring,
     MOTET_PLACE(Nanos, resizer.downsize_after_underutilized_for)},
    {"router.resizer.downsize-ratio", kExploring, MOTET_PLACE(double, resizer.downsize_ratio), 0, 1},
    {"router.resizer.chance-of-exploration", kExploring, MOTET_PLACE(double, resizer.chance_of_exploration), 0, 1},
    {"router.resizer.explore-step-size", kExploring, MOTET_PLACE(double, resizer.explore_step_size), 0, 1},
    {"router.resizer.chance-of-ramping-down-when-full", kExploring,
     MOTET_PLACE(double, resizer.chance_of_ramping_down_when_full), 0, 1},
    {"router.resizer.optimization-range", kExploring, MOTET_PLACE(int, resizer.optimization_range), 2, 1'000'000},
    {"router.resizer.weight-of-latest-metric", kExploring, MOTET_PLACE(double, resizer.weight_of_latest_metric), 0, 1},
};

#undef MOTET_PLACE

// Writes a value into its place. False: it is not accepted.
bool put(const Property &property, Settings &settings, std::string_view text) {
    if (const auto *setter = std::get_if<Setter>(&property.place)) {
        return (*setter)(settings, text);
    }
    if (const auto *place = std::get_if<Duration>(&property.place)) {
        const std::optional<Nanos> duration = parse_duration(text);
        (*place)(settings) = duration.value_or(0);
        return duration && *duration > 0;
    }
    if (const auto *place = std::get_if<Part>(&property.place)) {
        const std::optional<double> part = parse_real(text);
        (*place)(settings) = part.value_or(0);
        return part && *part >= property.least && *part <= property.most;
    }
    const std::optional<int64_t> number = parse_integer(text);
    std::get<WholeNumber>(property.place)(settings) = static_cast<int>(number.value_or(0));
    return number && *number >= static_cast<int64_t>(property.least) && *number <= static_cast<int64_t>(property.most);
}

std::string accepted(const Property &property) {
    if (std::holds_alternative<Setter>(property.place)) {
        return std::string(property.accepted);
    }
    if (std::holds_alternative<Duration>(property.place)) {
        return "a duration above 0 such as 10ms or 5s";
    }
    const bool whole = std::holds_alternative<WholeNumber>(property.place);
    return std::string(whole ? "a whole number" : "a number") + " from " +
           std::to_string(static_cast<int64_t>(property.least)) + " to " +
           std::to_string(static_cast<int64_t>(property.most));
}

Status refuse(std::string_view key, std::string_view value, const std::string &accepted) {
    return {Code::BAD_VALUE,
            "props: " + std::string(key) + " = \"" + std::string(value) + "\": accepted is " + accepted};
}

Status contradiction(const std::string &text) { return {Code::BAD_VALUE, "props: " + text}; }

}  // namespace

std::string RouterSettings::name() const {
    auto known = std::find_if(std::begin(kLogics), std::end(kLogics),
                              [this](const Name<Logic> &candidate) { return candidate.which == logic; });
    return std::string(known->name) + (group ? "-group" : "-pool");
}

Status RouterSettings::set(std::string_view key, std::string_view value) {
    RouterSettings changed = *this;
    changed.given.emplace(key);
    if (key == "router") {
        if (!set_router(changed, value)) {
            return refuse(key, value, routers());
        }
    } else {
        auto property = std::find_if(std::begin(kProperties), std::end(kProperties),
                                     [&](const Property &candidate) { return candidate.key == key; });
        if (property == std::end(kProperties)) {
            std::string keys = "router";
            for (const Property &known : kProperties) {
                keys += ", " + std::string(known.key);
            }
            return {Code::UNKNOWN_KEY, "props have no key \"" + std::string(key) + "\"; of a router there are " + keys};
        }
        if (!put(*property, changed, value)) {
            return refuse(key, value, accepted(*property));
        }
    }
    *this = std::move(changed);
    return {};
}

Status RouterSettings::check() const {
    if (!given.contains("router")) {
        return contradiction(*given.begin() + " is set, but router is not: it is one of " + routers());
    }
    for (const Property &property : kProperties) {
        if (given.contains(property.key) && !property.owner.is(*this)) {
            return contradiction(std::string(property.key) + " is set, which is for " +
                                 std::string(property.owner.name) + ", but router is " + name() +
                                 (kResizing.is(*this) || group ? "" : " without such a resizer"));
        }
    }
    if (logic == Logic::balancing && !nodes.empty()) {
        return contradiction("router is " + name() +
                             ", whose routees share a mailbox here: not with router.target-nodes");
    }
    if (group && paths.empty()) {
        return contradiction("router is " + name() + ", but there are no paths: set router.paths");
    }
    if (!kResizing.is(*this)) {
        return {};
    }
    const std::string bounds = "router.resizer.lower-bound = " + std::to_string(resizer.lower_bound) +
                               " to router.resizer.upper-bound = " + std::to_string(resizer.upper_bound);
    if (resizer.lower_bound > resizer.upper_bound) {
        return contradiction(bounds + " leaves no size for the pool: the upper bound is at least the lower one");
    }
    if (given.contains("router.instances") && instances != first_size()) {
        return contradiction("router.instances = " + std::to_string(instances) + " is not within " + bounds);
    }
    return {};
}

int RouterSettings::first_size() const {
    return kResizing.is(*this) ? std::clamp(instances, resizer.lower_bound, resizer.upper_bound) : instances;
}

}  // namespace motet
