// PhiAccrual suspects a peer the more, the less likely its silence is after the rhythm of its heartbeats so far.
// Knows: the newest intervals between heartbeats. Must never know: anything but times.
// Source: N. Hayashibara, X. Defago, R. Yared, T. Katayama, "The phi accrual failure detector", 2004; logistic
// approximation of the normal distribution: S. R. Bowling and others, 2009.
#pragma once

#include <vector>

#include "core/base/status.h"
#include "core/detect/failure_detector.h"

namespace motet {

struct PhiAccrualSettings {
    double threshold = 8.0;
    int max_samples = 1000;
    Nanos min_deviation = 100 * kMillisecond;
    Nanos acceptable_pause = 3 * kSecond;
    Nanos first_estimate = 1 * kSecond;  // the interval at which heartbeats are meant to come

    Status check() const;
};

// The phi of a silence that lasts for elapsed, when intervals have this mean (pause included) and deviation.
// Units do not matter as long as all three have the same.
double phi_of(double elapsed, double mean, double deviation);

class PhiAccrual final : public FailureDetector {
  public:
    explicit PhiAccrual(const PhiAccrualSettings &settings);

    void heartbeat(Nanos now) override;
    bool available(Nanos now) const override { return phi(now) < settings_.threshold; }
    double phi(Nanos now) const override;
    bool monitored() const override { return monitored_; }

    double mean() const;       // of the intervals in the history, in milliseconds
    double deviation() const;  // of the same, never below min_deviation

  private:
    void record(Nanos interval);

    PhiAccrualSettings settings_;
    std::vector<double> history_;  // a ring of intervals in milliseconds
    size_t oldest_ = 0;
    double sum_ = 0;
    double sum_of_squares_ = 0;
    Nanos last_ = 0;
    bool monitored_ = false;
};

}  // namespace motet
