// Routers as a whole: who gets what, and how pools and groups live and end.
#include "core/route/router.h"

#include "fixture.h"

namespace motet {
namespace {

using RouterTest = RouteTest;

TEST_F(RouterTest, RoundRobinPoolDealsInTurn) {
    Ptr<Cell> pool = router("round-robin-pool", 3);
    for (const char *message : {"1", "2", "3", "4"}) {
        EXPECT_EQ(tell(pool, message), Code::OK);
    }
    EXPECT_EQ(received(4), (Lines{"$a:1", "$b:2", "$c:3", "$a:4"}));
}

TEST_F(RouterTest, BroadcastReachesAllWithTheOriginalSender) {
    Ptr<Cell> sender = spawn(noting(), "sender");
    Ptr<Cell> pool = router("broadcast-pool", 2);
    tell(pool, "x", sender.get());
    std::string from = " from " + sender->path();
    EXPECT_EQ(received(2), (Lines{"$a:x" + from, "$b:x" + from}));
}

TEST_F(RouterTest, RandomAndSmallestMailboxUseEveryRoutee) {
    for (const char *kind : {"random-pool", "smallest-mailbox-pool"}) {
        auto gate = std::make_shared<std::mutex>();  // what is sent waits, so that nobody's mailbox stays empty
        auto waiting = props([this, gate](Context &context, const Envelope &envelope) {
            if (envelope.type() == word) {
                std::lock_guard wait(*gate);
                journal.add(context.self().name() + ":" + text(envelope.payload()));
            }
            return Code::OK;
        });
        Ptr<Cell> pool = router({{"router", kind}, {"router.instances", "3"}}, waiting, kind);
        const size_t before = journal.lines().size();
        gate->lock();
        for (int i = 0; i < 100; ++i) {
            tell(pool, kind);
        }
        gate->unlock();
        Lines lines = received(before + 100);
        for (const char *name : {"$a:", "$b:", "$c:"}) {
            EXPECT_GT(lines.count(name + std::string(kind)), 5u) << kind;
        }
    }
}

TEST_F(RouterTest, GroupSendsToPathsAndLivesOn) {
    spawn(noting(), "a");
    spawn(noting(), "b");
    Ptr<Cell> group =
        router({{"router", "round-robin-group"}, {"router.paths", "/user/a,/user/b,/user/nobody"}}, noting());
    EXPECT_EQ(tell(group, "1"), Code::OK);
    EXPECT_EQ(tell(group, "2"), Code::OK);
    EXPECT_EQ(tell(group, "3"), Code::STOPPED);  // a dead letter of that path
    EXPECT_EQ(received(2), (Lines{"a:1", "b:2"}));
}

TEST_F(RouterTest, GroupReachesWhoeverIsAtThePath) {
    Ptr<Cell> group = router({{"router", "round-robin-group"}, {"router.paths", "/user/a"}}, noting());
    EXPECT_EQ(tell(group, "early"), Code::STOPPED);
    Ptr<Cell> first = spawn(noting(), "a");
    EXPECT_EQ(tell(group, "1"), Code::OK);
    EXPECT_TRUE(soon([&] { return routing(group).routees()->list[0].actor == first; }));
    EXPECT_EQ(received(1), (Lines{"a:1"}));  // a stop does not wait for messages
    stop(first);
    wait_stopped(first);
    ASSERT_TRUE(soon([&] { return !system->user_guardian()->children().find("a"); }));
    Ptr<Cell> second = spawn(noting(), "a");
    EXPECT_EQ(tell(group, "2"), Code::OK);
    EXPECT_TRUE(soon([&] { return routing(group).routees()->list[0].actor == second; }));
    EXPECT_EQ(tell(group, "3"), Code::OK);
    EXPECT_EQ(received(3), (Lines{"a:1", "a:2", "a:3"}));
}

TEST_F(RouterTest, ThePoolEndsWithItsLastRouteeAndItsRouteesWithThePool) {
    Ptr<Cell> pool = router("round-robin-pool", 2);
    for (const Ptr<Cell> &routee : children(pool)) {
        stop(routee);
    }
    wait_stopped(pool);
    EXPECT_EQ(tell(pool, "late"), Code::STOPPED);

    ASSERT_TRUE(soon([&] { return !system->user_guardian()->children().find("router"); }));
    Ptr<Cell> other = router("round-robin-pool", 2);
    std::vector<Ptr<Cell>> routees = children(other);
    send(other, types::poison_pill);
    wait_stopped(other);
    for (const Ptr<Cell> &routee : routees) {
        EXPECT_TRUE(routee->stopped());
    }
}

TEST_F(RouterTest, ABroadcastPoisonPillLetsRouteesFinishAndEndsThePool) {
    Ptr<Cell> pool = router("round-robin-pool", 3);
    for (int i = 0; i < 30; ++i) {
        tell(pool, "x");
    }
    EXPECT_EQ(send(pool, types::broadcast, wrapped("motet.PoisonPill", "")), Code::OK);
    wait_stopped(pool);
    EXPECT_EQ(received(30).size(), 30u);
    EXPECT_EQ(dead(Code::STOPPED), 0u);
}

TEST_F(RouterTest, WrappersReachRouteesWhateverTheLogic) {
    Ptr<Cell> sender = spawn(noting(), "sender");
    Ptr<Cell> pool = router("random-pool", 3);
    EXPECT_EQ(send(pool, types::broadcast, wrapped("test.Word", "all"), sender.get()), Code::OK);
    std::string from = " from " + sender->path();
    EXPECT_EQ(received(3), (Lines{"$a:all" + from, "$b:all" + from, "$c:all" + from}));
    EXPECT_EQ(send(pool, types::consistent_hashable_envelope, wrapped("test.Word", "one", "key")), Code::OK);
    EXPECT_EQ(received(4).size(), 4u);
}

TEST_F(RouterTest, AKeyStaysWithItsRoutee) {
    Ptr<Cell> pool =
        router({{"router", "consistent-hashing-pool"}, {"router.instances", "5"}, {"router.hash-key", "id"}}, noting());
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(send(pool, types::consistent_hashable_envelope, wrapped("test.Word", "x", 7)), Code::OK);
        EXPECT_EQ(pool->deliver(Envelope::make(word, body("id", 7), nullptr, {})), Code::OK);
    }
    std::set<std::string> names;
    for (const std::string &line : received(40)) {
        names.insert(line.substr(0, line.find(':')));
    }
    EXPECT_EQ(names.size(), 1u);
    EXPECT_EQ(tell(pool, "without a key"), Code::INVALID);
    EXPECT_EQ(dead(Code::INVALID), 1u);
}

TEST_F(RouterTest, WrappersThatAreNotWellFormedAreDeadLetters) {
    Ptr<Cell> pool = router("round-robin-pool", 1);
    const ByteVector bad[] = {{},
                              {0x90},
                              body("type", "test.Word"),
                              wrapped("motet.PreStart", ""),
                              wrapped("motet.cluster.Gossip", ""),
                              wrapped("", ""),
                              wrapped("motet.TimerTick", "")};
    for (const ByteVector &wrapper : bad) {
        EXPECT_EQ(send(pool, types::broadcast, wrapper), Code::MALFORMED);
    }
    EXPECT_EQ(send(pool, types::consistent_hashable_envelope, wrapped("test.Word", "no key")), Code::MALFORMED);
    EXPECT_EQ(dead(Code::MALFORMED), std::size(bad) + 1);
    Ptr<Cell> ordinary = spawn(
        [](Context &, const Envelope &envelope) { return is_signal(envelope.type()) ? Code::OK : Code::UNHANDLED; });
    send(ordinary, types::broadcast, wrapped("test.Word", "x"));
    EXPECT_TRUE(soon([&] { return dead(Code::UNHANDLED) == 1; })) << "who is no router does not understand it";
}

TEST_F(RouterTest, RoutersOfRoutersWorkUntilTheyGoInACircle) {
    router({{"router", "round-robin-pool"}, {"router.instances", "2"}}, noting(), "inner");
    Ptr<Cell> outer =
        router({{"router", "broadcast-group"}, {"router.paths", "/user/inner,/user/inner"}}, noting(), "outer");
    EXPECT_EQ(tell(outer, "x"), Code::OK);
    EXPECT_EQ(received(2), (Lines{"$a:x", "$b:x"}));

    Ptr<Cell> left = router({{"router", "round-robin-group"}, {"router.paths", "/user/right"}}, noting(), "left");
    router({{"router", "round-robin-group"}, {"router.paths", "/user/left"}}, noting(), "right");
    EXPECT_EQ(tell(left, "round and round"), Code::INVALID);
    EXPECT_EQ(dead(Code::INVALID), 1u);
}

TEST_F(RouterTest, ARouteeThatFailsIsRestartedAlone) {
    auto failing = props([this](Context &context, const Envelope &envelope) {
        if (envelope.type() == types::post_restart) {
            journal.add("restarted " + context.self().name());
        }
        return envelope.type() == word ? context.fail(Code::FAILED, "told to") : Code::OK;
    });
    Ptr<Cell> pool = router({{"router", "round-robin-pool"}, {"router.instances", "3"}}, failing);
    std::vector<Ptr<Cell>> before = children(pool);
    tell(pool, "x");
    EXPECT_EQ(received(1), (Lines{"restarted $a"}));
    EXPECT_EQ(children(pool), before);
}

TEST_F(RouterTest, WhatARouteeEscalatesRestartsThePoolWithNewRoutees) {
    auto failing = props([](Context &context, const Envelope &envelope) {
        return envelope.type() >= types::first_user ? context.fail(Code::FAILED, "told to") : Code::OK;
    });
    failing->supervision.directive = Directive::escalate;
    failing->supervision.max_retries = 1;
    Ptr<Cell> pool = router({{"router", "round-robin-pool"}, {"router.instances", "3"}}, failing);
    std::vector<Ptr<Cell>> before = children(pool);
    tell(pool, "x");
    ASSERT_TRUE(soon([&] {
        std::vector<Ptr<Cell>> now = children(pool);
        return now.size() == 3 && now != before;
    }));
    for (const Ptr<Cell> &routee : before) {
        wait_stopped(routee);
    }
    EXPECT_FALSE(pool->stopped());
    tell(pool, "y");
    wait_stopped(pool);  // once is enough
}

TEST_F(RouterTest, SaysWhatIsWrong) {
    auto refused = [&](const Properties &properties, Ptr<Props> routee) {
        Status status = std::move(try_router(properties, std::move(routee)).status());
        EXPECT_FALSE(status.ok());
        return status.message();
    };
    EXPECT_NE(refused({{"router", "random-group"}}, noting()).find("router.paths"), std::string::npos);
    EXPECT_NE(refused({{"router", "random-pool"}}, make_counted<Props>()).find("no handler"), std::string::npos);
    EXPECT_NE(refused({{"router", "random-group"}, {"router.paths", "/user/router"}}, noting()).find("itself"),
              std::string::npos);
    EXPECT_EQ(try_router({{"router", "random-group"}, {"router.paths", "no path"}}, noting()).status().code(),
              Code::BAD_NAME);
    EXPECT_EQ(try_router({{"router", "random-group"}, {"router.paths", "motet.tcp://S@other:1/user/a"}}, noting())
                  .status()
                  .code(),
              Code::BAD_ADDRESS);
    EXPECT_FALSE(system->user_guardian()->children().find("router"));
}

TEST_F(RouterTest, ARouterIsAHopOfWhatItPassesOn) {
    Ptr<Cell> inner = router({{"router", "round-robin-group"}, {"router.paths", "/user/nobody"}}, noting(), "inner");
    Ptr<Cell> outer = router({{"router", "round-robin-group"}, {"router.paths", "/user/inner"}}, noting(), "outer");
    tell(outer, "w");
    ASSERT_TRUE(soon([&] { return !system->dead_letters().recent().empty(); }));
    const DeadLetterBody letter = system->dead_letters().recent()[0];
    EXPECT_EQ(letter.hops.first, (std::vector<std::string>{outer->path(), inner->path()}));
    EXPECT_EQ(letter.hops.all, 2);
}

TEST_F(RouterTest, TakesNoRouteesAfterItsEnd) {
    const Ptr<Cell> pool = router("round-robin-pool", 2);
    const Ptr<Cell> child = children(pool).front();
    pool->deliver_system(new SystemMessage{SystemKind::stop, {}});
    EXPECT_TRUE(soon([&] { return pool->stopped(); }));
    Routee late;
    late.ref = hold(child.get());
    late.actor = child;
    static_cast<Router &>(*pool->routing()).add({late});
    EXPECT_TRUE(routing(pool).routees()->empty());
}

}  // namespace
}  // namespace motet
