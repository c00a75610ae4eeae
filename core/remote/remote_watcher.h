// RemoteWatcher watches over the nodes on which actors are watched from here, by heartbeats and a phi accrual detector
// for each. Members of the cluster are left to the cluster, which watches over them itself.
//
// Pure: each input takes a time. Knows: addresses, times. Must never know: actors, frames.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "core/detect/phi_accrual.h"
#include "core/message/address.h"

namespace motet {

struct RemoteWatcherSettings {
    Nanos heartbeat_interval = 1 * kSecond;
    PhiAccrualSettings detector = {
        .threshold = 10.0, .max_samples = 200, .acceptable_pause = 10 * kSecond, .first_estimate = 1 * kSecond};
    Nanos first_response = 1 * kSecond;  // a node that has not answered by then is suspected from then on
};

class RemoteWatcher {
  public:
    explicit RemoteWatcher(const RemoteWatcherSettings &settings) : settings_(settings) {}

    // An actor on that node is watched; none is any more.
    void watch(Now now, const Address &node);
    void forget(const Address &node);

    // Whether the node is a member of the cluster.
    void set_member(Now now, const Address &node, bool member);

    // The node has answered a heartbeat.
    void answered(Now now, const Address &node);

    struct Outcome {
        std::vector<Address> heartbeat;  // to these a heartbeat goes now
        std::vector<Address> lost;       // these are lost, and forgotten
    };
    Outcome tick(Now now);

    // When tick() is next needed.
    Nanos deadline() const;

    // The present suspicion of a node; 0 for one that is not watched over.
    double phi(Now now, const Address &node) const;

  private:
    struct Node {
        PhiAccrual detector;
        Nanos next_heartbeat;
        Nanos first_response_until;
    };

    RemoteWatcherSettings settings_;
    std::map<Address, Node> nodes_;
    std::set<Address> members_;
};

}  // namespace motet
