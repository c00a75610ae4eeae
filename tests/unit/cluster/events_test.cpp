#include "core/cluster/events.h"

#include <gtest/gtest.h>

#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

using Kind = ClusterEvent::Kind;

struct Source {
    std::vector<Kind> update() {
        std::vector<Kind> kinds;
        last = source.update({state, 1, unreachable, departed});
        for (const ClusterEvent &event : last) {
            kinds.push_back(event.kind);
        }
        return kinds;
    }
    State state{1};
    std::set<uint64_t> unreachable;
    std::set<uint64_t> departed;
    EventSource source;
    std::vector<ClusterEvent> last;
};

TEST(EventSource, TellsEachChangeOnce) {
    Source source;
    source.state.apply(make_member(1), 0);
    source.state.apply(make_member(2, MemberStatus::joining), 0);
    EXPECT_EQ(source.update(), (std::vector{Kind::member_up, Kind::member_joined, Kind::leader_changed}));
    EXPECT_TRUE(source.update().empty());
    source.state.apply(make_member(2), 0);
    EXPECT_EQ(source.update(), std::vector{Kind::member_up});
    EXPECT_EQ(source.last[0].previous, MemberStatus::joining);
    EXPECT_EQ(source.last[0].member.uid(), 2u);
}

TEST(EventSource, RemovalsComeFirstAndKnowTheStatusBefore) {
    Source source;
    for (uint64_t number = 1; number <= 3; ++number) {
        source.state.apply(make_member(number), 0);
    }
    source.update();
    source.state.apply(make_member(1, MemberStatus::leaving), 0);
    source.state.apply(make_member(3, MemberStatus::removed), 0);
    source.unreachable = {2};
    EXPECT_EQ(source.update(), (std::vector{Kind::member_removed, Kind::member_left, Kind::member_unreachable}));
    EXPECT_EQ(source.last[0].previous, MemberStatus::up);
    EXPECT_EQ(source.last[0].member.status, MemberStatus::removed);
    source.unreachable = {};
    EXPECT_EQ(source.update(), std::vector{Kind::member_reachable});
}

TEST(EventSource, TheLeaderChangesWithReachability) {
    Source source;
    source.state.apply(make_member(2), 0);
    source.state.apply(make_member(3), 0);
    source.update();
    EXPECT_EQ(source.source.snapshot().leader, address_of(2));
    source.unreachable = {2};
    EXPECT_EQ(source.update(), (std::vector{Kind::member_unreachable, Kind::leader_changed}));
    EXPECT_EQ(source.last[1].address, address_of(3));
}

TEST(EventSource, TheSnapshotIsInAddressOrder) {
    Source source;
    source.state.apply(make_member(3), 0);
    source.state.apply(make_member(1), 0);
    source.state.apply(make_member(2), 0);
    source.update();
    const ClusterSnapshot snapshot = source.source.snapshot();
    ASSERT_EQ(snapshot.members.size(), 3u);
    EXPECT_EQ(snapshot.members[0].uid(), 1u);
    EXPECT_EQ(snapshot.members[2].uid(), 3u);
}

}  // namespace
}  // namespace motet
