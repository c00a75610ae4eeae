// FailureDetector judges from the heartbeats of one peer whether that peer still lives.
// Knows: when heartbeats came. Must never know: who the peer is, what clock it is, what is done about the verdict.
#pragma once

#include "core/base/clock.h"

namespace motet {

// Every time is monotonic and given by the caller.
class FailureDetector {
  public:
    virtual ~FailureDetector() = default;

    virtual void heartbeat(Nanos now) = 0;

    // True as long as no heartbeat has ever come: a peer that is not monitored is not suspected.
    virtual bool available(Nanos now) const = 0;

    // The level of suspicion; how it relates to available() is the detector's own affair.
    virtual double phi(Nanos now) const = 0;

    virtual bool monitored() const = 0;
};

}  // namespace motet
