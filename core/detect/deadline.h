// Deadline suspects a peer whose last heartbeat is longer ago than a fixed time.
// Knows: when the last heartbeat came. Must never know: anything but times.
#pragma once

#include "core/detect/failure_detector.h"

namespace motet {

class Deadline final : public FailureDetector {
  public:
    // interval: at which heartbeats are meant to come; pause: how much longer a silence is accepted.
    Deadline(Nanos interval, Nanos pause) : limit_(interval + pause) {}

    void heartbeat(Nanos now) override {
        last_ = now;
        monitored_ = true;
    }
    bool available(Nanos now) const override { return !monitored_ || last_ + limit_ > now; }

    // The silence as a share of what is accepted: 1 and above is not available.
    double phi(Nanos now) const override {
        return monitored_ ? static_cast<double>(now - last_) / static_cast<double>(limit_) : 0.0;
    }
    bool monitored() const override { return monitored_; }

  private:
    Nanos limit_;
    Nanos last_ = 0;
    bool monitored_ = false;
};

}  // namespace motet
