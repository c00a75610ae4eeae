#include "support.h"

namespace {

TEST(CppCluster, MembersAndEventsAreTyped) {
    auto settings = [] {
        return std::move(motet::Config()
                             .set("log.level", "error")
                             .set("cluster.gossip-interval", "50ms")
                             .set("cluster.leader-interval", "50ms"));
    };
    motet::System first(settings().set("cluster.roles", "seed"));
    first.cluster().join(first.address());
    first.cluster().wait_up(patience);
    auto ups = std::make_shared<Box<motet::MemberUp>>();
    auto states = std::make_shared<Box<motet::ClusterState>>();
    auto removals = std::make_shared<Box<motet::MemberRemoved>>();
    motet::Ref listener = first.spawn(
        motet::actor([states](motet::Context &, const motet::ClusterState &state) { states->put(state); },
                     [ups](motet::Context &, const motet::MemberUp &member) { ups->put(member); },
                     [removals](motet::Context &, const motet::MemberRemoved &member) { removals->put(member); }));
    first.subscribe(listener, "cluster");
    auto state = states->take(1)[0];
    ASSERT_EQ(state.members.size(), 1u);
    EXPECT_EQ(state.members[0].address, first.address());
    EXPECT_TRUE(state.members[0].has_role("seed"));
    EXPECT_EQ(state.leader, first.address());
    std::string second_address;
    {
        motet::System second(settings().set("cluster.roles", "backend,alto"));
        second_address = second.address();
        second.cluster().join(first.address());
        second.cluster().wait_up(patience);
        auto up = ups->take(1)[0];
        EXPECT_EQ(up.address, second_address);
        EXPECT_EQ(up.uid, second.uid());
        EXPECT_EQ(up.status, "up");
        EXPECT_TRUE(up.has_role("alto") && up.has_role("backend") && !up.has_role("seed"));
        auto seen = second.cluster().state();
        EXPECT_EQ(seen.members.size(), 2u);
        EXPECT_TRUE(seen.unreachable.empty());
        second.cluster().leave();
        EXPECT_EQ(removals->take(1)[0].address, second_address);
        second.close(patience);
    }
    EXPECT_THROW(first.cluster().down("nonsense"), motet::Error);
    first.close(patience);
}

TEST(CppCluster, CallsBackAndTellsTheWholeState) {
    motet::System system(std::move(
        motet::Config().set("log.level", "error").set("cluster.roles", "seed").set("cluster.version", "1.2.3")));
    auto calls = std::make_shared<Box<std::string>>();
    system.cluster().on_up([calls] { calls->put("up"); });
    system.cluster().on_removed([calls] { calls->put("removed"); });
    system.cluster().join_seeds({system.address()});
    EXPECT_EQ(calls->take(1)[0], "up");
    motet::ClusterState state = system.cluster().state();
    EXPECT_EQ(state.role_leaders.at("seed"), system.address());
    EXPECT_EQ(state.members.at(0).version, "1.2.3");
    EXPECT_EQ(state.members.at(0).up_number, 1);
    EXPECT_TRUE(system.cluster().suspicions().empty());
    EXPECT_NE(system.cluster().state_json().find(system.address()), std::string::npos);
    auto ready = std::make_shared<Box<motet::MemberReadyForShutdown>>();
    motet::Ref listener = system.spawn(
        motet::actor([ready](motet::Context &, const motet::MemberReadyForShutdown &member) { ready->put(member); }));
    system.subscribe(listener, "cluster");
    auto ups = std::make_shared<Box<motet::MemberUp>>();
    motet::Ref told =
        system.spawn(motet::actor([ups](motet::Context &, const motet::MemberUp &member) { ups->put(member); }));
    system.cluster().subscribe(told, motet::InitialState::as_events);
    EXPECT_EQ(ups->take(1)[0].address, system.address());
    system.cluster().prepare_for_full_shutdown();
    EXPECT_EQ(ready->take(1)[0].address, system.address());
    system.close(patience);
    EXPECT_EQ(calls->take(2)[1], "removed");
}

}  // namespace
