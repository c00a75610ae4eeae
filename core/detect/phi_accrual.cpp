#include "core/detect/phi_accrual.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace motet {

namespace {

double milliseconds(Nanos time) { return static_cast<double>(time) / kMillisecond; }

}  // namespace

Status PhiAccrualSettings::check() const {
    if (!(threshold > 0)) {
        return Status(Code::BAD_VALUE, "phi threshold: " + std::to_string(threshold) + " is not above 0");
    }
    if (max_samples < 2) {
        return Status(Code::BAD_VALUE, "phi max samples: " + std::to_string(max_samples) + " is below 2");
    }
    if (min_deviation <= 0) {
        return Status(Code::BAD_VALUE, "phi min deviation: " + std::to_string(min_deviation) + " ns is not above 0");
    }
    if (acceptable_pause < 0) {
        return Status(Code::BAD_VALUE, "phi acceptable pause: " + std::to_string(acceptable_pause) + " ns is below 0");
    }
    if (first_estimate <= 0) {
        return Status(Code::BAD_VALUE, "phi first estimate: " + std::to_string(first_estimate) + " ns is not above 0");
    }
    return {};
}

double phi_of(double elapsed, double mean, double deviation) {
    const double y = (elapsed - mean) / deviation;
    const double e = std::exp(-y * (1.5976 + 0.070566 * y * y));
    // Each branch keeps the digits of the other one's small difference. An e that overflows gives 0, one that
    // underflows gives infinity: both are right.
    if (elapsed > mean) {
        return -std::log10(e / (1.0 + e));
    }
    return -std::log10(1.0 - 1.0 / (1.0 + e));
}

PhiAccrual::PhiAccrual(const PhiAccrualSettings &settings) : settings_(settings) {}

void PhiAccrual::heartbeat(Nanos now) {
    if (!monitored_) {
        // A guess with a wide spread, so that the first real intervals, which often wobble, raise no alarm.
        record(settings_.first_estimate - settings_.first_estimate / 4);
        record(settings_.first_estimate + settings_.first_estimate / 4);
        monitored_ = true;
    } else if (available(now)) {
        // The interval of a long outage is left out: it would make the detector deaf afterwards.
        record(now - last_);
    }
    last_ = now;
}

double PhiAccrual::phi(Nanos now) const {
    if (!monitored_) {
        return 0.0;
    }
    return phi_of(milliseconds(now - last_), mean() + milliseconds(settings_.acceptable_pause), deviation());
}

double PhiAccrual::mean() const { return history_.empty() ? 0.0 : sum_ / static_cast<double>(history_.size()); }

double PhiAccrual::deviation() const {
    const double floor = milliseconds(settings_.min_deviation);
    if (history_.empty()) {
        return floor;
    }
    const double variance = sum_of_squares_ / static_cast<double>(history_.size()) - mean() * mean();
    return std::max(std::sqrt(std::max(variance, 0.0)), floor);
}

void PhiAccrual::record(Nanos interval) {
    const double value = milliseconds(interval);
    if (history_.size() < static_cast<size_t>(settings_.max_samples)) {
        history_.push_back(value);
    } else {
        const double dropped = std::exchange(history_[oldest_], value);
        oldest_ = (oldest_ + 1) % history_.size();
        sum_ -= dropped;
        sum_of_squares_ -= dropped * dropped;
    }
    sum_ += value;
    sum_of_squares_ += value * value;
}

}  // namespace motet
