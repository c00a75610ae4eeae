#include "tests/sim/swarm.h"

#include <algorithm>
#include <array>

#include "core/base/random.h"

namespace motet {

namespace {

class Swarm {
  public:
    Swarm(uint64_t seed, const SwarmSettings &settings) : random_(Random::keyed(seed, 11)), settings_(settings) {
        plan_.seed = seed;
        plan_.nodes = between(settings.least_nodes, settings.most_nodes);
    }

    Plan make() {
        choose_cluster();
        choose_weights();
        start_nodes();
        const uint32_t faults = between(1, settings_.most_faults);
        for (uint32_t i = 0; i < faults; ++i) {
            plan_.faults.push_back(fault());
        }
        std::stable_sort(plan_.faults.begin(), plan_.faults.end(),
                         [](const Fault &a, const Fault &b) { return a.at < b.at; });
        return plan_;
    }

  private:
    uint32_t between(uint32_t least, uint32_t most) {
        return least + static_cast<uint32_t>(random_.below(most - least + 1));
    }
    // Often short, sometimes long.
    Nanos time(Nanos least, Nanos most) {
        const double unit = random_.unit();
        const auto span = static_cast<double>(most - least) / kMillisecond;
        return least + static_cast<Nanos>(unit * unit * span) * kMillisecond;
    }
    bool chance(double share) { return random_.unit() < share; }

    void choose_cluster() {
        const uint64_t strategy = random_.below(10);
        plan_.downing = strategy < 6   ? DowningStrategy::keep_majority
                        : strategy < 8 ? DowningStrategy::static_quorum
                        : strategy < 9 ? DowningStrategy::keep_oldest
                                       : DowningStrategy::down_all;
        plan_.stable_after = chance(0.5) ? 0 : chance(0.7) ? 5 * kSecond : between(3, 15) * kSecond;  // 0: derived
        plan_.loss = chance(0.7) ? 0 : 0.01 * between(1, 10);
        plan_.delay = chance(0.6) ? 2 * kMillisecond : between(5, 100) * kMillisecond;
        plan_.heal = settings_.chaos;
        plan_.restart = chance(0.5);
    }

    void choose_weights() {
        for (uint32_t &weight : weights_) {
            weight = chance(0.4) ? between(1, 4) : 0;
        }
        weights_[static_cast<size_t>(Verb::start)] = 0;
        weights_[random_.below(kVerbs - 1) + 1] = 3;
    }

    // Most at the beginning, some later: those join a cluster that is in the middle of something.
    void start_nodes() {
        Fault early;
        early.duration = time(0, 10 * kSecond);
        uint32_t left_for_later = settings_.most_late;
        for (uint32_t node = 0; node < plan_.nodes; ++node) {
            if (node == 0 || !chance(0.2) || left_for_later == 0) {
                early.nodes.push_back(node);
            } else {
                --left_for_later;
                Fault late;
                late.at = time(kSecond, plan_.heal);
                late.nodes = {node};
                plan_.faults.push_back(late);
            }
        }
        plan_.faults.push_back(early);
    }

    Verb verb() {
        uint64_t sum = 0;
        for (const uint32_t weight : weights_) {
            sum += weight;
        }
        uint64_t drawn = random_.below(sum);
        size_t index = 0;
        while (drawn >= weights_[index]) {
            drawn -= weights_[index++];
        }
        return static_cast<Verb>(index);
    }

    std::vector<uint32_t> some_nodes(uint32_t count) {
        std::vector<uint32_t> nodes(plan_.nodes);
        for (uint32_t i = 0; i < plan_.nodes; ++i) {
            nodes[i] = i;
        }
        for (uint32_t i = 0; i < count; ++i) {
            std::swap(nodes[i], nodes[i + random_.below(plan_.nodes - i)]);
        }
        nodes.resize(count);
        std::sort(nodes.begin(), nodes.end());
        return nodes;
    }
    std::vector<uint32_t> a_few() { return some_nodes(chance(0.6) ? 1 : between(1, std::max(plan_.nodes / 2, 1u))); }
    std::vector<uint32_t> a_side() { return some_nodes(between(1, plan_.nodes - 1)); }

    Fault fault() {
        Fault fault;
        fault.verb = verb();
        fault.at = static_cast<Nanos>(random_.below(static_cast<uint64_t>(plan_.heal / kMillisecond))) * kMillisecond;
        switch (fault.verb) {
        case Verb::start:
        case Verb::crash:
        case Verb::leave:
            fault.nodes = a_few();
            break;
        case Verb::restart:
            fault.nodes = a_few();
            fault.by = time(0, 20 * kSecond);
            break;
        case Verb::down:
            fault.nodes = some_nodes(1);
            fault.others = some_nodes(1);
            break;
        case Verb::pause:
            fault.nodes = a_few();
            fault.duration = time(50 * kMillisecond, 40 * kSecond);
            break;
        case Verb::slow:
            fault.nodes = a_few();
            fault.by = time(10 * kMillisecond, 3 * kSecond);
            fault.duration = time(kSecond, 30 * kSecond);
            break;
        case Verb::drift:
            fault.nodes = a_few();
            fault.share = 0.01 * (chance(0.8) ? between(1, 5) : between(5, 50)) * (chance(0.5) ? 1 : -1);
            fault.duration = time(kSecond, 60 * kSecond);
            break;
        case Verb::split:
        case Verb::mute:
        case Verb::deafen:
            fault.nodes = chance(0.5) ? a_side() : some_nodes(1);
            fault.duration = time(100 * kMillisecond, 40 * kSecond);
            break;
        case Verb::cut:
        case Verb::block:
            fault.nodes = a_few();
            fault.others = a_few();
            fault.duration = time(100 * kMillisecond, 40 * kSecond);
            break;
        case Verb::flap:
            fault.nodes = a_few();
            fault.by = time(200 * kMillisecond, 10 * kSecond);
            fault.duration = time(kSecond, 40 * kSecond);
            break;
        case Verb::loss:
            fault.nodes = chance(0.5) ? std::vector<uint32_t>() : a_few();
            fault.share = 0.01 * between(1, fault.nodes.empty() ? 40 : 90);
            fault.duration = time(kSecond, 40 * kSecond);
            break;
        case Verb::delay:
            fault.nodes = chance(0.5) ? std::vector<uint32_t>() : a_few();
            fault.by = time(10 * kMillisecond, 3 * kSecond);
            fault.duration = time(kSecond, 40 * kSecond);
            break;
        case Verb::duplicate:
            fault.nodes = chance(0.5) ? std::vector<uint32_t>() : a_few();
            fault.share = 0.01 * between(1, 50);
            fault.by = time(0, 60 * kSecond);
            fault.duration = time(kSecond, 40 * kSecond);
            break;
        }
        return fault;
    }

    Random random_;
    SwarmSettings settings_;
    Plan plan_;
    std::array<uint32_t, kVerbs> weights_{};
};

}  // namespace

Plan make_plan(uint64_t seed, const SwarmSettings &settings) { return Swarm(seed, settings).make(); }

}  // namespace motet
