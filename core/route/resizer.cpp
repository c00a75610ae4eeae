#include "core/route/resizer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "core/base/random.h"

namespace motet {

namespace {

// The change that leaves a pool within its bounds.
int64_t bounded(const ResizerSettings &settings, int64_t size, int64_t change) {
    return std::clamp<int64_t>(size + change, settings.lower_bound, settings.upper_bound) - size;
}

// Grows when all routees are busy, shrinks when few are.
class PressureResizer final : public Resizer {
  public:
    explicit PressureResizer(const ResizerSettings &settings) : settings_(settings) {}

    int64_t change(const std::vector<Load> &loads, uint64_t, Nanos) override {
        const auto size = static_cast<int64_t>(loads.size());
        const int64_t pressed =
            std::count_if(loads.begin(), loads.end(), [this](const Load &load) { return is_pressed(load); });
        double change = 0;
        if (pressed == size) {
            change = std::ceil(settings_.rampup_rate * static_cast<double>(size));
        } else if (static_cast<double>(pressed) < settings_.backoff_threshold * static_cast<double>(size)) {
            change = -std::ceil(settings_.backoff_rate * static_cast<double>(size));
        }
        return bounded(settings_, size, static_cast<int64_t>(change));
    }

  private:
    bool is_pressed(const Load &load) const {
        switch (settings_.pressure_threshold) {
        case 0:
            return load.busy;
        case 1:
            return load.busy && load.queued > 0;
        default:
            return load.queued >= settings_.pressure_threshold;
        }
    }

    const ResizerSettings settings_;
};

// Looks for the size with which a pool that is fully used gets most done: tries a size nearby now and then, and
// otherwise moves half way towards the best that it has seen. A pool that was never fully used for long shrinks.
class OptimalSizeResizer final : public Resizer {
  public:
    OptimalSizeResizer(const ResizerSettings &settings, uint64_t seed) : settings_(settings), random_(seed) {}

    int64_t change(const std::vector<Load> &loads, uint64_t messages, Nanos now) override {
        Sample sample{now, static_cast<int64_t>(loads.size()), 0, static_cast<int64_t>(messages)};
        for (const Load &load : loads) {
            sample.busy += load.busy ? 1 : 0;
            sample.done -= load.queued;
        }
        if (!last_) {
            last_ = sample;
            return bounded(settings_, sample.size, 0);
        }
        if (now - last_->time < settings_.action_interval) {
            return 0;
        }
        if (sample.is_full() && last_->is_full() && sample.size == last_->size) {
            measure(sample);
        }
        last_ = sample;
        return bounded(settings_, sample.size, sample.is_full() ? when_full(sample.size) : when_not_full(sample));
    }

  private:
    struct Sample {
        Nanos time;
        int64_t size;
        int64_t busy;
        int64_t done;  // messages that were sent and do not wait any more
        bool is_full() const { return busy == size; }
    };

    struct Underuse {
        Nanos since;
        int64_t most_busy;
    };

    void measure(const Sample &sample) {
        const int64_t done = sample.done - last_->done;
        if (done <= 0) {
            return;
        }
        const double cost = static_cast<double>(sample.time - last_->time) / static_cast<double>(done);
        auto [known, fresh] = costs_.try_emplace(sample.size, cost);
        if (!fresh) {
            const double weight = settings_.weight_of_latest_metric;
            known->second = known->second * (1 - weight) + cost * weight;
        }
    }

    int64_t when_full(int64_t size) {
        underuse_.reset();
        return costs_.empty() || random_.unit() < settings_.chance_of_exploration ? explore(size) : approach_best(size);
    }

    int64_t explore(int64_t size) {
        const auto most = static_cast<uint64_t>(std::ceil(settings_.explore_step_size * static_cast<double>(size)));
        const auto step = static_cast<int64_t>(1 + random_.below(std::max<uint64_t>(most, 1)));
        return random_.unit() < settings_.chance_of_ramping_down_when_full ? -step : step;
    }

    int64_t approach_best(int64_t size) const {
        const int64_t reach = settings_.optimization_range / 2;
        const auto first = costs_.lower_bound(size - reach);
        const auto last = costs_.upper_bound(size + reach);
        const auto best = std::min_element(first, last, [](auto &a, auto &b) { return a.second < b.second; });
        const int64_t distance = best == last ? 0 : best->first - size;
        return distance > 0 ? (distance + 1) / 2 : (distance - 1) / 2;
    }

    int64_t when_not_full(const Sample &sample) {
        if (!underuse_) {
            underuse_ = Underuse{sample.time, sample.busy};
        }
        underuse_->most_busy = std::max(underuse_->most_busy, sample.busy);
        if (sample.time - underuse_->since < settings_.downsize_after_underutilized_for) {
            return 0;
        }
        const auto enough = static_cast<int64_t>(settings_.downsize_ratio * static_cast<double>(underuse_->most_busy));
        underuse_.reset();
        return std::min<int64_t>(enough - sample.size, 0);
    }

    const ResizerSettings settings_;
    Random random_;
    std::map<int64_t, double> costs_;  // of a message, in nanoseconds, by the size of the pool
    std::optional<Sample> last_;
    std::optional<Underuse> underuse_;
};

}  // namespace

std::unique_ptr<Resizer> make_resizer(const ResizerSettings &settings, uint64_t seed) {
    switch (settings.kind) {
    case ResizerKind::pressure:
        return std::make_unique<PressureResizer>(settings);
    case ResizerKind::optimal_size:
        return std::make_unique<OptimalSizeResizer>(settings, seed);
    default:
        return nullptr;
    }
}

}  // namespace motet
