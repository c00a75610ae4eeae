#include "core/cluster/events.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/cluster/snapshot_json.h"
#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

using Kind = ClusterEvent::Kind;

struct Source {
    std::vector<Kind> update() {
        std::vector<Kind> kinds;
        last = source.update({state, 1, unreachable, departed}, unreachable);
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

Member with_roles(Member member, std::vector<std::string> roles) {
    member.roles = std::move(roles);
    return member;
}

TEST(EventSource, EachRoleHasALeaderOfItsOwn) {
    Source source;
    source.state.apply(with_roles(make_member(1), {"front"}), 0);
    source.state.apply(with_roles(make_member(2), {"back", "front"}), 0);
    source.state.apply(with_roles(make_member(3), {"back"}), 0);
    source.update();
    const std::map<std::string, Address> leaders = {{"back", address_of(2)}, {"front", address_of(1)}};
    EXPECT_EQ(source.source.snapshot().role_leaders, leaders);
    source.unreachable = {2};
    EXPECT_EQ(source.update(), (std::vector{Kind::member_unreachable, Kind::role_leader_changed}));
    EXPECT_EQ(source.last[1].role, "back");
    EXPECT_EQ(source.last[1].address, address_of(3));
    source.state.apply(make_member(2, MemberStatus::removed), 0);
    source.state.apply(make_member(3, MemberStatus::removed), 0);
    source.unreachable = {};
    EXPECT_EQ(source.update(), (std::vector{Kind::member_removed, Kind::member_removed, Kind::role_leader_changed}));
    EXPECT_FALSE(source.last[2].address.has_value());
}

TEST(EventSource, TheEventsThatLeadToASnapshotSayTheSame) {
    Source source;
    source.state.apply(with_roles(make_member(1), {"front"}), 0);
    source.state.apply(make_member(2, MemberStatus::preparing_for_shutdown), 0);
    source.state.apply(make_member(3, MemberStatus::leaving), 0);
    source.unreachable = {3};
    source.update();
    std::vector<Kind> kinds;
    for (const ClusterEvent &event : events_leading_to(source.source.snapshot())) {
        kinds.push_back(event.kind);
        EXPECT_TRUE(event.kind == Kind::member_unreachable || !event.previous);
    }
    EXPECT_EQ(kinds, (std::vector{Kind::member_up, Kind::member_preparing_for_shutdown, Kind::member_left,
                                  Kind::member_unreachable, Kind::leader_changed, Kind::role_leader_changed}));
    EXPECT_TRUE(events_leading_to({}).empty());
}

TEST(EventSource, ASnapshotKnowsWhoSuspectsWhomAndWhy) {
    Source source;
    Member observer = make_member(1);
    observer.observed = 1;
    observer.accusations = {{2, 0, 4500}, {3, 0, 100}, {9, 0, 1}};
    source.state.apply(observer, 0);
    Member refuted = make_member(3);
    refuted.incarnation = 1;
    source.state.apply(refuted, 0);
    source.state.apply(make_member(2), 0);
    source.update();
    const std::vector<Suspicion> suspicions = source.source.snapshot().suspicions();
    ASSERT_EQ(suspicions.size(), 1u);
    EXPECT_EQ(suspicions[0].observer, address_of(1));
    EXPECT_EQ(suspicions[0].subject, address_of(2));
    EXPECT_NE(suspicions[0].reason().find("4500 ms"), std::string::npos);
}

TEST(ConvergenceWatch, NamesTheBlockersAfterAWhileAndTellsTheEnd) {
    State state = state_of(1, {make_member(1), make_member(2)});
    ConvergenceWatch watch;
    const std::set<uint64_t> nobody;
    const View view{state, 1, nobody, nobody};
    EXPECT_FALSE(watch.update(0, view));
    EXPECT_FALSE(watch.update(2999 * kMillisecond, view));
    const std::optional<ClusterEvent> blocked = watch.update(3 * kSecond, view);
    ASSERT_TRUE(blocked);
    EXPECT_EQ(blocked->blockers, std::vector{address_of(2)});
    EXPECT_FALSE(watch.update(9 * kSecond, view));
    state.mark_seen(2);
    const std::optional<ClusterEvent> over = watch.update(10 * kSecond, view);
    ASSERT_TRUE(over);
    EXPECT_TRUE(over->blockers.empty());
    EXPECT_FALSE(watch.update(11 * kSecond, view));
    EXPECT_FALSE(watch.update(12 * kSecond, {state, 1, nobody, nobody}));
}

TEST(SnapshotJson, IsWhatItSays) {
    ClusterSnapshot snapshot;
    snapshot.self = {address_of(1), 1};
    snapshot.cluster = {1, 2};
    Member odd = with_roles(make_member(1), {"a", "b"});
    odd.version = "1.0-\"x\\";
    odd.observed = 1;
    odd.accusations = {{2, 0, 4500}};
    snapshot.members = {odd, make_member(2, MemberStatus::joining)};
    snapshot.unreachable = {2};
    snapshot.leader = address_of(1);
    snapshot.role_leaders = {{"a", address_of(1)}};
    snapshot.seen = {1};
    snapshot.blockers = {2};
    snapshot.ignored = {{"malformed", 3}};
    const nlohmann::json json = nlohmann::json::parse(to_json(snapshot));
    EXPECT_EQ(json["self"], address_of(1).text());
    EXPECT_EQ(json["uid"], "1");
    EXPECT_EQ(json["status"], "up");
    EXPECT_EQ(json["cluster"], (Id128{1, 2}.text()));
    EXPECT_EQ(json["leader"], address_of(1).text());
    EXPECT_EQ(json["role_leaders"]["a"], address_of(1).text());
    EXPECT_EQ(json["converged"], false);
    EXPECT_EQ(json["blockers"][0], address_of(2).text());
    EXPECT_EQ(json["members"][0]["roles"], (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(json["members"][0]["version"], odd.version);
    EXPECT_EQ(json["members"][0]["seen"], true);
    EXPECT_EQ(json["members"][1]["status"], "joining");
    EXPECT_EQ(json["members"][1]["reachable"], false);
    EXPECT_EQ(json["unreachable"][0], address_of(2).text());
    EXPECT_EQ(json["suspicions"][0]["silence_ms"], 4500);
    EXPECT_EQ(json["suspicions"][0]["observer"], address_of(1).text());
    EXPECT_EQ(json["ignored"]["malformed"], 3);
    const nlohmann::json alone = nlohmann::json::parse(to_json(ClusterSnapshot()));
    EXPECT_TRUE(alone["leader"].is_null() && alone["cluster"].is_null() && alone["members"].empty());
    EXPECT_EQ(alone["status"], "removed");
}

}  // namespace
}  // namespace motet
