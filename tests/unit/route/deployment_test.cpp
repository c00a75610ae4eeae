// Routers that the configuration makes.
#include "tests/unit/route/fixture.h"

namespace motet {
namespace {

class RouterDeploymentTest : public RouteTest {
  protected:
    using Settings = std::vector<std::pair<std::string, std::string>>;

    static Config deployed(const Settings &settings) {
        Config config;
        EXPECT_TRUE(config.set("log.level", "off").ok());
        for (const auto &[key, value] : settings) {
            Status set = config.set("actor.deployment." + key, value);
            EXPECT_TRUE(set.ok()) << set.message();
        }
        return config;
    }

    static Result<Ptr<System>> try_start(const Settings &settings) {
        Seams seams;
        seams.deploy = deploy;
        return System::start(deployed(settings), std::move(seams));
    }

    void start_with(const Settings &settings) {
        ASSERT_TRUE(system->close(60 * kSecond).ok());
        Result<Ptr<System>> started = try_start(settings);
        ASSERT_TRUE(started.ok()) << started.status().message();
        system = started.value();
        word = system->types().intern("test.Word").value();
    }

    static size_t size_of(const Ptr<Cell> &router) { return routing(router).routees()->size(); }
};

TEST_F(RouterDeploymentTest, AnActorBecomesARouterOfSuchActors) {
    start_with({{"\"/pool\".router", "round-robin-pool"}, {"\"/pool\".router.instances", "3"}});
    Ptr<Cell> pool = spawn(noting(), "pool");
    ASSERT_NE(pool->routing(), nullptr);
    EXPECT_EQ(size_of(pool), 3u);
    for (int i = 0; i < 3; ++i) {
        tell(pool, "w");
    }
    std::set<std::string> who;
    for (const std::string &line : received(3)) {
        who.insert(line);
    }
    EXPECT_EQ(who.size(), 3u) << "each routee has had one";
    EXPECT_EQ(spawn(noting(), "other")->routing(), nullptr);
}

TEST_F(RouterDeploymentTest, ARouterThatIsNamedTakesThePlaceOfThatInTheCode) {
    start_with({{"\"/router\".router", "broadcast-pool"}});
    Ptr<Cell> pool = router(
        {{"router", "consistent-hashing-pool"}, {"router.hash-key", "key"}, {"router.instances", "4"}}, noting());
    EXPECT_EQ(size_of(pool), 1u) << "nothing of the other one is left";
    tell(pool, "w");
    received(1);
}

TEST_F(RouterDeploymentTest, PropertiesAloneChangeTheRouterOfTheCode) {
    for (const Settings &settings :
         {Settings{{"\"/router\".\"router.instances\"", "5"}},
          Settings{{"\"/router\".router.instances", "5"}, {"\"/router\".router", "from-code"}}}) {
        start_with(settings);
        EXPECT_EQ(size_of(router("broadcast-pool", 2)), 5u);
    }
    Result<Ptr<Cell>> none = system->spawn(*system->user_guardian(), Ptr<const Props>(noting()), "router");
    ASSERT_FALSE(none.ok()) << "there is no router to change";
    EXPECT_EQ(none.status().code(), Code::BAD_VALUE);
}

TEST_F(RouterDeploymentTest, APathMayMakeAGroup) {
    start_with({{"\"/group\".router", "broadcast-group"}, {"\"/group\".router.paths", "/user/a,/user/b"}});
    spawn(noting(), "a");
    spawn(noting(), "b");
    tell(spawn(noting(), "group"), "w");
    EXPECT_EQ(received(2), (Lines{"a:w", "b:w"}));
}

TEST_F(RouterDeploymentTest, TheMostSpecificPathDecidesAndRouteesAreNoRouters) {
    start_with({{"\"/**\".router", "broadcast-pool"},
                {"\"/**\".router.instances", "2"},
                {"\"/lone\".stash-capacity", "7"},
                {"\"/lone\".supervision.directive", "stop"}});
    Ptr<Cell> pool = spawn(noting(), "pool");
    ASSERT_EQ(size_of(pool), 2u);
    for (const Ptr<Cell> &routee : children(pool)) {
        EXPECT_EQ(routee->routing(), nullptr);
    }
    Ptr<Cell> lone = spawn(noting(), "lone");
    EXPECT_EQ(lone->routing(), nullptr);
    EXPECT_EQ(lone->props().stash_capacity, 7);
    EXPECT_EQ(lone->props().supervision.directive, Directive::stop);
}

TEST_F(RouterDeploymentTest, OtherPropertiesAreThoseOfTheRoutees) {
    start_with({{"\"/pool\".router", "random-pool"},
                {"\"/pool\".dispatcher", "blocking"},
                {"\"/pool\".supervision.max-retries", "3"}});
    Ptr<Cell> pool = spawn(noting(), "pool");
    ASSERT_EQ(size_of(pool), 1u);
    EXPECT_EQ(children(pool)[0]->props().dispatcher, "blocking");
    EXPECT_EQ(children(pool)[0]->props().supervision.max_retries, 3);
    EXPECT_EQ(pool->props().dispatcher, "internal");
}

TEST_F(RouterDeploymentTest, WhatCannotWorkIsRefusedAtTheStart) {
    struct Bad {
        Settings settings;
        Code code;
        std::vector<std::string> told;
    };
    const std::vector<Bad> all = {
        {{{"\"/a\".router", "round-robbin-pool"}},
         Code::BAD_VALUE,
         {"round-robbin-pool", "round-robin-pool or -group"}},
        {{{"\"/a\".router", ""}}, Code::BAD_VALUE, {"round-robin-pool or -group"}},
        {{{"\"/a\".router", "random-pool"}, {"\"/a\".router.instances", "0"}},
         Code::BAD_VALUE,
         {"router.instances", "\"0\"", "from 1 to 1000000"}},
        {{{"\"/a\".router.within", "soon"}}, Code::BAD_VALUE, {"router.within", "soon", "a duration above 0"}},
        {{{"\"/a\".router", "random-group"}}, Code::BAD_VALUE, {"random-group", "set router.paths"}},
        {{{"\"/a\".router", "random-pool"}, {"\"/a\".router.hash-key", "k"}},
         Code::BAD_VALUE,
         {"router.hash-key", "a consistent-hashing router"}},
        {{{"\"/a\".router.speed", "9"}}, Code::UNKNOWN_KEY, {"router.speed", "router.instances"}},
        {{{"\"/a\".colour", "red"}}, Code::UNKNOWN_KEY, {"colour", "dispatcher, mailbox"}},
        {{{"\"/a\".supervision.directive", "ignore"}},
         Code::BAD_VALUE,
         {"ignore", "restart, stop, resume or escalate"}},
    };
    for (const Bad &bad : all) {
        Result<Ptr<System>> started = try_start(bad.settings);
        ASSERT_FALSE(started.ok()) << bad.told[0];
        EXPECT_EQ(started.status().code(), bad.code);
        EXPECT_NE(started.status().message().find("actor.deployment.\"/a\""), std::string::npos);
        for (const std::string &told : bad.told) {
            EXPECT_NE(started.status().message().find(told), std::string::npos) << started.status().message();
        }
    }
}

}  // namespace
}  // namespace motet
