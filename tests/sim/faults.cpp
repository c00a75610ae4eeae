#include "tests/sim/faults.h"

#include <algorithm>
#include <numeric>

namespace motet {

namespace {

constexpr Nanos kAftermath = 20 * kSecond;  // to be found unreachable, or reachable again

std::set<uint32_t> set_of(const std::vector<uint32_t> &nodes) { return {nodes.begin(), nodes.end()}; }

}  // namespace

FaultPlayer::FaultPlayer(ClusterSimulation &simulation, const Plan &plan)
    : simulation_(simulation), plan_(plan), random_(Random::keyed(plan.seed, 13)),
      aftermath_(kAftermath + plan.stable_after), trouble_ends_(plan.nodes, -1) {
    for (const Fault &fault : plan.faults) {  // a packet that comes late is a sign of life that was
        if (fault.verb == Verb::delay || fault.verb == Verb::duplicate) {
            aftermath_ = std::max(aftermath_, kAftermath + plan.stable_after + fault.by);
            last_late_packet_ = std::max(last_late_packet_, std::min(fault.at + fault.duration, plan.heal) + fault.by);
        }
    }
}

void FaultPlayer::begin() {
    for (const Fault &fault : plan_.faults) {
        simulation_.scheduler.at(fault.at, [this, &fault] {
            if (!healed_) {
                begin(fault);
            }
        });
    }
}

void FaultPlayer::heal() {
    healed_ = true;
    simulation_.network.mend_all();
    for (uint32_t node = 0; node < plan_.nodes; ++node) {
        simulation_.set_clock_rate(node, 1);
        simulation_.set_lag(node, 0);
        simulation_.resume(node);
        if (plan_.restart) {
            simulation_.start(node);
        }
    }
}

std::vector<uint32_t> FaultPlayer::concerned(const Fault &fault) const {
    std::vector<uint32_t> nodes = fault.nodes;
    if (fault.verb == Verb::cut || fault.verb == Verb::block) {
        nodes.insert(nodes.end(), fault.others.begin(), fault.others.end());
    }
    if (nodes.empty()) {
        nodes.resize(plan_.nodes);
        std::iota(nodes.begin(), nodes.end(), 0u);
    }
    return nodes;
}

std::vector<uint32_t> FaultPlayer::troubled(const Fault &fault) const {
    const bool harmless = fault.verb == Verb::start || fault.verb == Verb::duplicate ||
                          (fault.verb == Verb::loss && fault.nodes.empty() && fault.share <= 0.05) ||
                          (fault.verb == Verb::delay && fault.by <= 500 * kMillisecond);
    if (harmless) {
        return {};
    }
    std::vector<uint32_t> nodes = concerned(fault);
    const bool splits =
        fault.verb == Verb::split || fault.verb == Verb::mute || fault.verb == Verb::deafen || fault.verb == Verb::flap;
    if (splits && nodes.size() * 2 >= plan_.nodes) {
        const std::set<uint32_t> rest = others(fault);
        const bool alike = rest.size() == nodes.size();
        nodes = alike ? concerned(Fault{}) : std::vector<uint32_t>(rest.begin(), rest.end());
    }
    return nodes;
}

std::set<uint32_t> FaultPlayer::others(const Fault &fault) const {
    std::set<uint32_t> others;
    for (uint32_t node = 0; node < plan_.nodes; ++node) {
        if (std::find(fault.nodes.begin(), fault.nodes.end(), node) == fault.nodes.end()) {
            others.insert(node);
        }
    }
    return others;
}

bool FaultPlayer::in_trouble(uint32_t node) const {
    const Nanos end = trouble_ends_[node];
    return end >= 0 && simulation_.scheduler.now().mono <= end + aftermath_;
}

size_t FaultPlayer::in_trouble() const {
    size_t count = 0;
    for (uint32_t node = 0; node < plan_.nodes; ++node) {
        count += in_trouble(node) ? 1 : 0;
    }
    return count;
}

void FaultPlayer::at_end(Nanos time, std::function<void()> what) {
    simulation_.scheduler.at(time, [this, what = std::move(what)] {
        if (!healed_) {
            what();
        }
    });
}

void FaultPlayer::disturb(const Fault &fault, Disturbance disturbance) {
    const uint64_t number = simulation_.network.disturb(std::move(disturbance));
    at_end(fault.at + fault.duration, [this, number] { simulation_.network.calm(number); });
}

void FaultPlayer::start_spread(const Fault &fault) {
    for (const uint32_t node : fault.nodes) {
        const auto delay = static_cast<Nanos>(random_.below(static_cast<uint64_t>(fault.duration) + 1));
        at_end(fault.at + delay, [this, node] { simulation_.start(node); });
    }
}

void FaultPlayer::flap(const Fault &fault, Nanos end, bool apart) {
    const Nanos now = simulation_.scheduler.now().mono;
    const Nanos half = std::max(fault.by, 10 * kMillisecond);
    if (apart) {
        Fault phase = fault;
        phase.at = now;
        phase.duration = half;
        disturb(phase, {.from = set_of(fault.nodes), .to = others(fault), .both_ways = true, .loss = 1});
    }
    if (now + half < end) {
        at_end(now + half, [this, &fault, end, apart] { flap(fault, end, !apart); });
    }
}

void FaultPlayer::begin(const Fault &fault) {
    const Nanos end = fault.at + fault.duration;
    for (const uint32_t node : troubled(fault)) {
        const Nanos after = fault.verb == Verb::crash || fault.verb == Verb::down ? INT64_MAX / 2 : end + fault.by;
        trouble_ends_[node] = std::max(trouble_ends_[node], after);
    }
    const std::vector<uint32_t> nodes = concerned(fault);
    for (const uint32_t node : nodes) {
        if (on_fault) {
            on_fault(fault.verb, node);
        }
    }
    const std::set<uint32_t> named = set_of(fault.nodes);
    switch (fault.verb) {
    case Verb::start:
        start_spread(fault);
        break;
    case Verb::crash:
        std::for_each(nodes.begin(), nodes.end(), [&](uint32_t node) { simulation_.crash(node); });
        break;
    case Verb::restart:
        for (const uint32_t node : nodes) {
            simulation_.crash(node);
            at_end(fault.at + fault.by, [this, node] { simulation_.start(node); });
        }
        break;
    case Verb::leave:
        std::for_each(nodes.begin(), nodes.end(), [&](uint32_t node) { simulation_.leave(node); });
        break;
    case Verb::down:
        if (!fault.others.empty()) {
            std::for_each(nodes.begin(), nodes.end(),
                          [&](uint32_t node) { simulation_.down(node, fault.others.front()); });
        }
        break;
    case Verb::pause:
        for (const uint32_t node : nodes) {
            simulation_.pause(node);
            at_end(end, [this, node] { simulation_.resume(node); });
        }
        break;
    case Verb::slow:
        for (const uint32_t node : nodes) {
            simulation_.set_lag(node, fault.by);
            at_end(end, [this, node] { simulation_.set_lag(node, 0); });
        }
        break;
    case Verb::drift:
        for (const uint32_t node : nodes) {
            simulation_.set_clock_rate(node, 1 + fault.share);
            at_end(end, [this, node] { simulation_.set_clock_rate(node, 1); });
        }
        break;
    case Verb::split:
        disturb(fault, {.from = named, .to = others(fault), .both_ways = true, .loss = 1});
        break;
    case Verb::mute:
        disturb(fault, {.from = named, .to = others(fault), .loss = 1});
        break;
    case Verb::deafen:
        disturb(fault, {.from = others(fault), .to = named, .loss = 1});
        break;
    case Verb::cut:
        disturb(fault, {.from = named, .to = set_of(fault.others), .both_ways = true, .loss = 1});
        break;
    case Verb::block:
        disturb(fault, {.from = named, .to = set_of(fault.others), .loss = 1});
        break;
    case Verb::flap:
        flap(fault, end, true);
        break;
    case Verb::loss:
        disturb(fault, {.from = named, .both_ways = true, .loss = fault.share});
        break;
    case Verb::delay:
        disturb(fault, {.from = named, .both_ways = true, .most_lateness = fault.by});
        break;
    case Verb::duplicate:
        disturb(fault,
                {.from = named, .both_ways = true, .duplication = fault.share, .most_lateness_of_copy = fault.by});
        break;
    }
}

}  // namespace motet
