#include "tests/sim/shrink.h"

#include <algorithm>

namespace motet {

namespace {

class Shrinker {
  public:
    Shrinker(Plan plan, const std::function<bool(const Plan &)> &still_fails, size_t most_runs)
        : best_(std::move(plan)), still_fails_(still_fails), runs_left_(most_runs) {}

    Plan shrink() {
        for (bool shorter = true; shorter && runs_left_ > 0;) {
            shorter = drop_faults();
            shorter |= drop_nodes();
            shorter |= simplify_cluster();
            shorter |= shorten_times();
        }
        return best_;
    }

  private:
    bool keep(const Plan &candidate) {
        if (runs_left_ == 0 || candidate == best_) {
            return false;
        }
        --runs_left_;
        if (!still_fails_(candidate)) {
            return false;
        }
        best_ = candidate;
        return true;
    }

    // Half of the faults at once, then quarters, at last each alone.
    bool drop_faults() {
        bool any = false;
        for (size_t size = std::max<size_t>(best_.faults.size() / 2, 1); size >= 1; size /= 2) {
            for (size_t at = 0; at < best_.faults.size();) {
                Plan candidate = best_;
                const auto from = candidate.faults.begin() + static_cast<ptrdiff_t>(at);
                const size_t count = std::min(size, candidate.faults.size() - at);
                candidate.faults.erase(from, from + static_cast<ptrdiff_t>(count));
                const bool kept = keep(candidate);
                any |= kept;
                at += kept ? 0 : size;
            }
        }
        return any;
    }

    // From every fault, one node at a time; the last ones of the cluster altogether.
    bool drop_nodes() {
        bool any = false;
        for (size_t fault = 0; fault < best_.faults.size(); ++fault) {
            for (auto nodes : {&Fault::nodes, &Fault::others}) {
                for (size_t at = 0; at < (best_.faults[fault].*nodes).size();) {
                    Plan candidate = best_;
                    std::vector<uint32_t> &list = candidate.faults[fault].*nodes;
                    list.erase(list.begin() + static_cast<ptrdiff_t>(at));
                    const bool kept = !list.empty() && keep(candidate);
                    any |= kept;
                    at += kept ? 0 : 1;
                }
            }
        }
        Plan candidate = best_;
        candidate.nodes = 1;
        for (const Fault &fault : best_.faults) {
            for (const auto *nodes : {&fault.nodes, &fault.others}) {
                for (const uint32_t node : *nodes) {
                    candidate.nodes = std::max(candidate.nodes, node + 1);
                }
            }
        }
        return keep(candidate) || any;
    }

    bool simplify_cluster() {
        bool any = false;
        const Plan plain;
        const auto try_plain = [&](auto field) {
            Plan candidate = best_;
            candidate.*field = plain.*field;
            any |= keep(candidate);
        };
        try_plain(&Plan::loss);
        try_plain(&Plan::delay);
        try_plain(&Plan::restart);
        try_plain(&Plan::downing);
        try_plain(&Plan::stable_after);
        return any;
    }

    // Rounder and shorter times; the heal soon after the last fault.
    bool shorten_times() {
        bool any = false;
        for (size_t fault = 0; fault < best_.faults.size(); ++fault) {
            for (auto field : {&Fault::at, &Fault::by, &Fault::duration}) {
                const Nanos time = best_.faults[fault].*field;
                for (const Nanos shorter : {Nanos{0}, time / 2, time / kSecond * kSecond}) {
                    Plan candidate = best_;
                    candidate.faults[fault].*field = shorter;
                    if (shorter < time && keep(candidate)) {
                        any = true;
                        break;
                    }
                }
            }
        }
        Nanos last = 0;
        for (const Fault &fault : best_.faults) {
            last = std::max(last, fault.at + fault.by + fault.duration);
        }
        for (const Nanos heal : {last, last + 20 * kSecond, best_.heal / 2}) {
            Plan candidate = best_;
            candidate.heal = heal;
            if (heal < best_.heal && keep(candidate)) {
                return true;
            }
        }
        return any;
    }

    Plan best_;
    const std::function<bool(const Plan &)> &still_fails_;
    size_t runs_left_;
};

}  // namespace

Plan shrink(Plan plan, const std::function<bool(const Plan &)> &still_fails, size_t most_runs) {
    return Shrinker(std::move(plan), still_fails, most_runs).shrink();
}

}  // namespace motet
