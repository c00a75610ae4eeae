#include "core/remote/remote_watcher.h"

#include <gtest/gtest.h>

namespace motet {
namespace {

const Address kNode = Address::tcp("S", "h", 1);
const Address kOther = Address::tcp("S", "h", 2);

Now at(Nanos mono) { return {mono, mono}; }

using Addresses = std::vector<Address>;

TEST(RemoteWatcher, BeatsOnlyForNodesThatAreWatched) {
    RemoteWatcher watcher({});
    EXPECT_TRUE(watcher.tick(at(0)).heartbeat.empty());
    watcher.watch(at(0), kNode);
    EXPECT_EQ(watcher.deadline(), 0);
    EXPECT_EQ(watcher.tick(at(0)).heartbeat, Addresses{kNode});
    EXPECT_TRUE(watcher.tick(at(kSecond - 1)).heartbeat.empty());
    EXPECT_EQ(watcher.tick(at(kSecond)).heartbeat, Addresses{kNode});
    watcher.forget(kNode);
    EXPECT_TRUE(watcher.tick(at(2 * kSecond)).heartbeat.empty());
}

// The first second at which a node that answers until `until` counts as lost.
Nanos lost_at(RemoteWatcher &watcher, Nanos until) {
    for (Nanos now = 0; now < 1000 * kSecond; now += kSecond / 10) {
        const RemoteWatcher::Outcome outcome = watcher.tick(at(now));
        if (!outcome.lost.empty()) {
            return now;
        }
        if (!outcome.heartbeat.empty() && now < until) {
            watcher.answered(at(now), outcome.heartbeat[0]);
        }
    }
    return -1;
}

TEST(RemoteWatcher, TellsOnceThatANodeIsLost) {
    RemoteWatcher watcher({});
    watcher.watch(at(0), kNode);
    const Nanos lost = lost_at(watcher, 300 * kSecond);
    EXPECT_NEAR(static_cast<double>(lost - 299 * kSecond) / kSecond, 11.6, 0.2);
    EXPECT_TRUE(watcher.tick(at(lost + kSecond)).lost.empty());
    EXPECT_EQ(watcher.phi(at(lost), kNode), 0.0);
}

TEST(RemoteWatcher, AlsoLosesANodeThatNeverAnswered) {
    RemoteWatcher watcher({});
    watcher.watch(at(0), kNode);
    EXPECT_NEAR(static_cast<double>(lost_at(watcher, 0)) / kSecond, 1.0 + 12.5, 0.2);
}

TEST(RemoteWatcher, LeavesMembersToTheCluster) {
    RemoteWatcher watcher({});
    watcher.set_member(at(0), kNode, true);
    watcher.watch(at(0), kNode);
    watcher.watch(at(0), kOther);
    EXPECT_EQ(watcher.tick(at(0)).heartbeat, Addresses{kOther});
    watcher.forget(kOther);
    EXPECT_TRUE(watcher.tick(at(1000 * kSecond)).lost.empty());
    // When the cluster lets go of it, it is watched over anew, and nothing is held against it.
    watcher.set_member(at(1000 * kSecond), kNode, false);
    EXPECT_EQ(watcher.tick(at(1000 * kSecond)).heartbeat, Addresses{kNode});
}

}  // namespace
}  // namespace motet
