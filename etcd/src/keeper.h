// Keeper keeps leases in etcd: a key for each, whose value is the owner and which lives as long as a lease of etcd that
// the owner's process renews. When that process is gone, the key goes after the time to live.
//
// Knows: etcd, who holds what of this process. Must never know: systems, threads.
#pragma once

#include <chrono>
#include <map>

#include "etcd/src/client.h"

namespace motet::etcd {

struct KeeperSettings {
    ClientSettings client;
    std::string prefix;                     // of all keys
    std::chrono::seconds time_to_live{60};  // of a lease that is not renewed
};

class Keeper {
  public:
    using Clock = std::chrono::steady_clock;

    explicit Keeper(const KeeperSettings &settings)
        : client_(settings.client), prefix_(settings.prefix), time_to_live_(settings.time_to_live) {}

    // MOTET_OK: the owner holds the lease, or has given it back. MOTET_E_REFUSED: another one does, or none. Others:
    // nobody knows.
    Outcome acquire(const std::string &name, const std::string &owner);
    Outcome check(const std::string &name, const std::string &owner);
    Outcome release(const std::string &name, const std::string &owner);

    // Renews what is held as far as that is due, and returns when it is next to be called.
    Clock::time_point renew();

    // Ends the request under way, and all that follow, soon. From any thread.
    void stop() { client_.stop(); }

  private:
    struct Held {
        std::string owner;
        LeaseId lease;
        Clock::time_point renew_at;
    };

    Outcome hold(const std::string &name, const std::string &owner, const LeaseId &lease);

    Client client_;
    const std::string prefix_;
    const std::chrono::seconds time_to_live_;
    std::map<std::string, Held> held_;  // by name
};

}  // namespace motet::etcd
