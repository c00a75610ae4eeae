// JoinProcess is a node's way into a cluster: ask the seeds for one, ask to be let in, or found one.
// Knows: what was asked and when. Must never know: the state of the cluster it gets into.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "core/base/clock.h"
#include "core/cluster/member.h"

namespace motet {

struct JoinSettings {
    Nanos retry_interval = 500 * kMillisecond;  // between two attempts to reach the same seed
    Nanos seed_timeout = 5 * kSecond;           // after which the first seed founds a cluster of its own
    Nanos join_timeout = 5 * kSecond;           // after which a contact that does not let us in is given up
    Nanos give_up = 0;                          // after which the whole attempt is; 0: never
    Nanos discovery_interval = 0;               // between two questions for contacts; 0: there is no discovery
    size_t required_contacts = 2;               // without which a discovered cluster is not founded
};

class JoinProcess {
  public:
    explicit JoinProcess(const JoinSettings &settings) : settings_(settings) {}

    // The first seed is the one that may found the cluster, when no other seed has one. Without any other seed it does
    // so at once.
    void start(const Address &self, const std::vector<Address> &seeds, Now now);
    // Begins without contacts, which discovered() brings.
    void start_discovery(Now now);

    // Those who were found, this node perhaps among them. The first in the order of addresses may found the cluster,
    // when enough were found.
    void discovered(const Address &self, std::vector<Address> found, Now now);

    void cancel() { phase_ = Phase::idle; }
    bool active() const { return phase_ == Phase::looking || phase_ == Phase::asking; }

    // What to do now.
    struct Step {
        std::vector<Address> hello;   // ask these whether they have a cluster
        std::optional<Address> join;  // ask this one to be let in
        bool found = false;           // start a cluster
        bool given_up = false;        // the time allowed has passed
        bool look_up = false;         // ask for contacts
    };
    Step step(Now now);

    void offered(const Address &from, bool member, Now now);
    // A member of a cluster has asked by itself.
    void invited(const Address &from, Now now);
    // True when that ends the attempt: nobody else is left to ask.
    bool refused(const Address &from);
    bool awaits(const Address &from) const { return phase_ == Phase::asking && contact_ == from; }

  private:
    enum class Phase { idle, looking, asking };

    JoinSettings settings_;
    Phase phase_ = Phase::idle;
    std::vector<Address> contacts_;
    std::set<Address> without_cluster_;
    bool may_found_ = false;
    bool discovers_ = false;
    Nanos found_from_ = 0;  // the time allowed for founding begins then
    Nanos next_look_up_ = 0;
    Address contact_;
    Nanos started_ = 0;
    Nanos asked_ = 0;
    Nanos next_attempt_ = 0;
};

}  // namespace motet
