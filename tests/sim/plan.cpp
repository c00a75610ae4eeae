#include "tests/sim/plan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <functional>
#include <optional>
#include <sstream>

namespace motet {

namespace {

constexpr std::array<const char *, kVerbs> kVerbNames = {"start", "crash", "restart", "leave", "down",     "pause",
                                                         "slow",  "drift", "split",   "mute",  "deafen",   "cut",
                                                         "block", "flap",  "loss",    "delay", "duplicate"};

constexpr std::array<std::pair<const char *, DowningStrategy>, 4> kStrategies = {
    {{"keep-majority", DowningStrategy::keep_majority},
     {"static-quorum", DowningStrategy::static_quorum},
     {"keep-oldest", DowningStrategy::keep_oldest},
     {"down-all", DowningStrategy::down_all}}};

constexpr uint32_t kMostNodes = 5000;

std::string text_of(Nanos time) {
    return time % kMillisecond == 0 ? std::to_string(time / kMillisecond) + "ms" : std::to_string(time) + "ns";
}

std::string text_of(double share) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, share).ptr;
    return {buffer, end};
}

// "0-3,7"
std::string text_of(const std::vector<uint32_t> &nodes) {
    std::string text;
    for (size_t i = 0; i < nodes.size();) {
        size_t last = i;
        while (last + 1 < nodes.size() && nodes[last + 1] == nodes[last] + 1) {
            ++last;
        }
        text += (text.empty() ? "" : ",") + std::to_string(nodes[i]);
        if (last > i) {
            text += "-" + std::to_string(nodes[last]);
        }
        i = last + 1;
    }
    return text;
}

template <typename Number> std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<Nanos> time_of(std::string_view text) {
    constexpr std::pair<std::string_view, Nanos> kUnits[] = {{"ns", 1}, {"ms", kMillisecond}, {"s", kSecond}};
    for (const auto &[unit, size] : kUnits) {
        if (text.ends_with(unit)) {
            const std::optional<Nanos> value = number<Nanos>(text.substr(0, text.size() - unit.size()));
            if (value && *value >= 0 && *value <= INT64_MAX / 4 / size) {
                return *value * size;
            }
        }
    }
    return std::nullopt;
}

std::optional<std::vector<uint32_t>> nodes_of(std::string_view text) {
    std::vector<uint32_t> nodes;
    while (!text.empty()) {
        const std::string_view item = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), item.size() + 1));
        const size_t dash = item.find('-');
        const auto first = number<uint32_t>(item.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : number<uint32_t>(item.substr(dash + 1));
        if (!first || !last || *last >= kMostNodes) {
            return std::nullopt;
        }
        for (uint32_t node = *first; node <= *last; ++node) {
            nodes.push_back(node);
        }
    }
    return nodes;
}

template <typename Value> bool set(Value &place, const std::optional<Value> &value) {
    if (value) {
        place = *value;
    }
    return value.has_value();
}

bool read_field(Fault &fault, std::string_view word) {
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
        return false;
    }
    const std::string_view key = word.substr(0, equals);
    const std::string_view value = word.substr(equals + 1);
    return (key == "nodes" && set(fault.nodes, nodes_of(value))) ||
           (key == "others" && set(fault.others, nodes_of(value))) ||
           (key == "share" && set(fault.share, number<double>(value))) ||
           (key == "by" && set(fault.by, time_of(value))) || (key == "for" && set(fault.duration, time_of(value)));
}

bool read_fault(Plan &plan, std::istringstream &words) {
    std::string time;
    std::string name;
    words >> time >> name;
    const auto verb = std::find(kVerbNames.begin(), kVerbNames.end(), name);
    Fault fault;
    if (!set(fault.at, time_of(time)) || verb == kVerbNames.end()) {
        return false;
    }
    fault.verb = static_cast<Verb>(verb - kVerbNames.begin());
    for (std::string word; words >> word;) {
        if (!read_field(fault, word)) {
            return false;
        }
    }
    const auto there = [&](uint32_t node) { return node < plan.nodes; };
    if (!std::all_of(fault.nodes.begin(), fault.nodes.end(), there) ||
        !std::all_of(fault.others.begin(), fault.others.end(), there)) {
        return false;
    }
    plan.faults.push_back(std::move(fault));
    return true;
}

bool read_setting(Plan &plan, const std::string &key, const std::string &value) {
    if (key == "downing") {
        const auto found = std::find_if(kStrategies.begin(), kStrategies.end(),
                                        [&](const auto &strategy) { return strategy.first == value; });
        plan.downing = found == kStrategies.end() ? plan.downing : found->second;
        return found != kStrategies.end();
    }
    return (key == "nodes" && set(plan.nodes, number<uint32_t>(value)) && plan.nodes >= 1 &&
            plan.nodes <= kMostNodes) ||
           (key == "seed" && set(plan.seed, number<uint64_t>(value))) ||
           (key == "stable-after" && set(plan.stable_after, time_of(value))) ||
           (key == "loss" && set(plan.loss, number<double>(value))) ||
           (key == "delay" && set(plan.delay, time_of(value))) || (key == "heal" && set(plan.heal, time_of(value))) ||
           (key == "restart" && (plan.restart = value == "yes", value == "yes" || value == "no")) ||
           (key == "deadline" && set(plan.deadline, time_of(value)));
}

}  // namespace

const char *verb_name(Verb verb) { return kVerbNames[static_cast<size_t>(verb)]; }

std::string Plan::text() const {
    std::string text = "nodes " + std::to_string(nodes) + "\nseed " + std::to_string(seed) + "\ndowning ";
    for (const auto &[name, strategy] : kStrategies) {
        text += strategy == downing ? name : "";
    }
    text += "\nstable-after " + text_of(stable_after) + "\nloss " + text_of(loss) + "\ndelay " + text_of(delay) +
            "\nheal " + text_of(heal) + "\nrestart " + (restart ? "yes" : "no") + "\ndeadline " + text_of(deadline) +
            "\n";
    for (const Fault &fault : faults) {
        text += "at " + text_of(fault.at) + " " + verb_name(fault.verb);
        text += fault.nodes.empty() ? "" : " nodes=" + text_of(fault.nodes);
        text += fault.others.empty() ? "" : " others=" + text_of(fault.others);
        text += fault.share == 0 ? "" : " share=" + text_of(fault.share);
        text += fault.by == 0 ? "" : " by=" + text_of(fault.by);
        text += fault.duration == 0 ? "" : " for=" + text_of(fault.duration);
        text += "\n";
    }
    return text;
}

Result<Plan> Plan::parse(std::string_view text) {
    Plan plan;
    std::istringstream lines{std::string(text)};
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        line = line.substr(0, line.find('#'));
        std::istringstream words(line);
        std::string key;
        if (!(words >> key)) {
            continue;
        }
        std::string value;
        const bool read = key == "at" ? read_fault(plan, words)
                                      : (words >> value) && read_setting(plan, key, value) && !(words >> key);
        if (!read) {
            return Status(Code::BAD_VALUE, "line " + std::to_string(number) +
                                               " of the plan is neither a setting nor a fault: \"" + line +
                                               "\"; a fault is \"at 1500ms split nodes=0-2,4 for=8000ms\"");
        }
    }
    return plan;
}

}  // namespace motet
