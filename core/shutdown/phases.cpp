#include "core/shutdown/phases.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace motet {

namespace {

struct Standard {
    std::string_view name;
    Nanos timeout;  // 0: shutdown.phase-timeout
};

// Each of them depends on the one before it.
constexpr Standard kStandard[] = {
    {"before-service-unbind", 0},         {"service-unbind", 0},
    {"service-requests-done", 0},         {"service-stop", 0},
    {"before-cluster-shutdown", 0},       {"cluster-sharding-shutdown-region", 10 * kSecond},
    {phases::cluster_leave, 0},           {phases::cluster_exiting, 10 * kSecond},
    {phases::cluster_exiting_done, 0},    {phases::cluster_shutdown, 0},
    {"before-actor-system-terminate", 0}, {phases::actor_system_terminate, 10 * kSecond},
};

const Standard *standard(std::string_view name) {
    const auto *found = std::find_if(std::begin(kStandard), std::end(kStandard),
                                     [&](const Standard &phase) { return phase.name == name; });
    return found == std::end(kStandard) ? nullptr : found;
}

using Graph = std::map<std::string, std::vector<std::string>>;  // from each phase to those it depends on

std::string listed(const std::vector<std::string> &names) {
    std::string text;
    for (const std::string &name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

// The phases in the order in which candidates for the next place are looked at: the user's first, so that each comes
// as soon as what it depends on is done.
std::vector<std::string> candidates(const Config &config) {
    std::vector<std::string> names;
    for (const std::string &name : config.names("shutdown.phase")) {
        if (!standard(name)) {
            names.push_back(name);
        }
    }
    for (const Standard &phase : kStandard) {
        names.emplace_back(phase.name);
    }
    return names;
}

Result<Graph> graph_of(const Config &config, const std::vector<std::string> &names) {
    Graph graph;
    for (const std::string &name : names) {
        std::vector<std::string> &before = graph[name];
        before = config.list("shutdown.phase.<name>.depends-on", name);
        for (const std::string &other : before) {
            if (std::find(names.begin(), names.end(), other) == names.end()) {
                return Status(Code::BAD_VALUE, "shutdown.phase." + name + ".depends-on: there is no phase \"" + other +
                                                   "\"; there are: " + listed(names));
            }
            if (other == phases::actor_system_terminate) {
                return Status(Code::BAD_VALUE, "shutdown.phase." + name + ".depends-on: nothing comes after " + other);
            }
        }
        if (name == phases::actor_system_terminate) {
            std::copy_if(names.begin(), names.end(), std::back_inserter(before),
                         [&](const std::string &other) { return other != name; });
        } else if (const Standard *own = standard(name); own && own != kStandard) {
            before.emplace_back((own - 1)->name);
        }
    }
    return graph;
}

// A circle among phases none of which can come next, each of which depends on another.
std::string circle(const Graph &graph) {
    std::vector<std::string> way{graph.begin()->first};
    for (;;) {
        const std::vector<std::string> &before = graph.at(way.back());
        const std::string next = *std::find_if(before.begin(), before.end(),
                                               [&](const std::string &name) { return graph.count(name) != 0; });
        const auto seen = std::find(way.begin(), way.end(), next);
        const bool closed = seen != way.end();
        if (closed) {
            way.erase(way.begin(), seen);
        }
        way.push_back(next);
        if (closed) {
            return listed(way);
        }
    }
}

Result<std::vector<std::string>> in_order(Graph graph, const std::vector<std::string> &names) {
    std::vector<std::string> order;
    while (!graph.empty()) {
        const auto next = std::find_if(names.begin(), names.end(), [&](const std::string &name) {
            const auto node = graph.find(name);
            return node != graph.end() &&
                   std::none_of(node->second.begin(), node->second.end(),
                                [&](const std::string &before) { return graph.count(before) != 0; });
        });
        if (next == names.end()) {
            return Status(Code::BAD_VALUE, "shutdown.phase: each of these depends on the next: " + circle(graph));
        }
        order.push_back(*next);
        graph.erase(*next);
    }
    return order;
}

}  // namespace

Result<std::vector<Phase>> phases_from(const Config &config) {
    const std::vector<std::string> names = candidates(config);
    Result<Graph> graph = graph_of(config, names);
    if (!graph.ok()) {
        return std::move(graph.status());
    }
    Result<std::vector<std::string>> order = in_order(std::move(graph.value()), names);
    if (!order.ok()) {
        return std::move(order.status());
    }
    std::vector<Phase> phases;
    for (const std::string &name : order.value()) {
        Phase phase{name, config.duration("shutdown.phase.<name>.timeout", name),
                    config.boolean("shutdown.phase.<name>.recover", name),
                    config.boolean("shutdown.phase.<name>.enabled", name)};
        const Standard *own = standard(name);
        phase.timeout = phase.timeout > 0         ? phase.timeout
                        : own && own->timeout > 0 ? own->timeout
                                                  : config.duration("shutdown.phase-timeout");
        phases.push_back(std::move(phase));
    }
    if (!phases.back().enabled) {
        return Status(Code::BAD_VALUE, "shutdown.phase." + phases.back().name +
                                           ".enabled: off is not accepted; without it nothing would end");
    }
    return phases;
}

}  // namespace motet
