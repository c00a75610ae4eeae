// Pools whose routees share one mailbox, and pools that resize themselves.
#include "fixture.h"

namespace motet {
namespace {

// Handlers wait here until a test opens it.
class Gate {
  public:
    void open() {
        std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(60), [this] { return open_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

class BalancingTest : public RouteTest {
  protected:
    void SetUp() override {
        ASSERT_TRUE(config.set("actor.threads", "4").ok());
        RouteTest::SetUp();
    }

    // Notes its messages; waits at the gate with "wait", fails with "fail".
    Ptr<Props> working() {
        return props([gate = gate_, this](Context &context, const Envelope &envelope) {
            if (envelope.type() == types::post_restart) {
                journal.add("restarted");
            } else if (envelope.type() == word) {
                const std::string what = text(envelope.payload());
                journal.add(context.self().name() + ":" + what);
                if (what == "wait") {
                    gate->pass();
                } else if (what == "fail") {
                    return context.fail(Code::FAILED, "told to");
                }
            }
            return Code::OK;
        });
    }

    Ptr<Cell> balancing(int instances, Ptr<Props> routee) {
        return router({{"router", "balancing-pool"}, {"router.instances", std::to_string(instances)}},
                      std::move(routee));
    }

    std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
};

TEST_F(BalancingTest, WhoIsFreeTakesTheWork) {
    Ptr<Cell> pool = balancing(3, working());
    tell(pool, "wait");
    tell(pool, "wait");
    received(2);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(tell(pool, "x"), Code::OK);
    }
    std::vector<std::string> lines = journal.wait_for(22);
    ASSERT_EQ(lines.size(), 22u);
    EXPECT_EQ(std::set<std::string>(lines.begin() + 2, lines.end()).size(), 1u) << "only one is free";
    gate_->open();
}

TEST_F(BalancingTest, WhatWaitsIsTakenInOrderAndBounded) {
    auto routee = working();
    routee->mailbox_capacity = 3;
    Ptr<Cell> pool = balancing(1, routee);
    tell(pool, "wait");
    received(1);
    for (const char *payload : {"1", "2", "3"}) {
        EXPECT_EQ(tell(pool, payload), Code::OK);
    }
    EXPECT_EQ(tell(pool, "4"), Code::MAILBOX_FULL);
    gate_->open();
    EXPECT_EQ(journal.wait_for(4), (std::vector<std::string>{"$a:wait", "$a:1", "$a:2", "$a:3"}));
    EXPECT_EQ(dead(Code::MAILBOX_FULL), 1u);
}

TEST_F(BalancingTest, ABroadcastReachesEachRoutee) {
    Ptr<Cell> pool = balancing(3, working());
    send(pool, types::broadcast, wrapped("test.Word", "all"));
    EXPECT_EQ(received(3), (Lines{"$a:all", "$b:all", "$c:all"}));
    for (int i = 0; i < 10; ++i) {
        tell(pool, "x");
    }
    received(13);
    for (int i = 0; i < 10; ++i) {
        tell(pool, "y");
    }
    send(pool, types::broadcast, wrapped("motet.PoisonPill", ""));
    wait_stopped(pool);
    EXPECT_EQ(journal.lines().size() + dead(Code::STOPPED), 23u);
}

TEST_F(BalancingTest, WhoFailsTakesTheNextWhenItGoesOn) {
    for (Directive directive : {Directive::restart, Directive::resume}) {
        auto routee = working();
        routee->supervision.directive = directive;
        Ptr<Cell> pool = balancing(1, routee);
        const size_t before = journal.lines().size();
        const size_t restarts = directive == Directive::restart ? 2 : 0;
        for (const char *payload : {"1", "fail", "2", "fail", "3"}) {
            tell(pool, payload);
        }
        EXPECT_EQ(journal.wait_for(before + 5 + restarts).back(), "$a:3");
        send(pool, types::poison_pill);
        wait_stopped(pool);
        ASSERT_TRUE(soon([&] { return !system->user_guardian()->children().find("router"); }));
    }
}

TEST_F(BalancingTest, WhoIsStoppedLeavesTheRestToOthers) {
    auto routee = working();
    routee->supervision.directive = Directive::stop;
    Ptr<Cell> pool = balancing(3, routee);
    for (const char *payload : {"fail", "1", "fail", "2", "3"}) {
        tell(pool, payload);
    }
    received(5);
    EXPECT_TRUE(soon_of_size(pool, 1));
    tell(pool, "4");
    EXPECT_EQ(received(6).size(), 6u);
    EXPECT_EQ(dead(Code::STOPPED), 0u);
    tell(pool, "fail");
    wait_stopped(pool);
}

TEST_F(BalancingTest, WhoIsTakenAwayFinishesItsMessage) {
    Ptr<Cell> pool = balancing(2, working());
    tell(pool, "wait");
    received(1);
    const std::string busy = journal.lines()[0].substr(0, 2);
    for (const Ptr<Cell> &routee : children(pool)) {
        if (routee->name() == busy) {
            send(pool, types::remove_routee, routee_body(*routee));
        }
    }
    EXPECT_TRUE(soon_of_size(pool, 1));
    for (int i = 0; i < 5; ++i) {
        tell(pool, "x");
    }
    gate_->open();
    EXPECT_EQ(received(6).size(), 6u);
    EXPECT_TRUE(soon([&] { return pool->children().all().size() == 1; }));
    EXPECT_EQ(dead(Code::STOPPED), 0u);
}

TEST_F(BalancingTest, WhatWaitsWhenThePoolEndsIsDeadLetters) {
    Ptr<Cell> pool = balancing(1, working());
    tell(pool, "wait");
    received(1);
    for (int i = 0; i < 5; ++i) {
        tell(pool, "late");
    }
    send(pool, types::poison_pill);
    gate_->open();
    wait_stopped(pool);
    EXPECT_EQ(tell(pool, "later"), Code::STOPPED);
    EXPECT_EQ(journal.lines().size() + dead(Code::STOPPED), 7u);
}

TEST_F(BalancingTest, OnlyItsOwnRouteesShareTheMailbox) {
    Ptr<Cell> pool = balancing(1, working());
    Ptr<Cell> guest = spawn(working());
    send(pool, types::add_routee, routee_body(*guest));
    EXPECT_TRUE(soon([&] { return dead(Code::UNHANDLED) == 1; }));
    auto routee = working();
    routee->mailbox = "no-such";
    Result<Ptr<Cell>> refused = try_router({{"router", "balancing-pool"}}, routee, "other");
    EXPECT_EQ(refused.status().code(), Code::BAD_VALUE);
    EXPECT_NE(refused.status().message().find("no-such"), std::string::npos);
}

TEST_F(BalancingTest, EveryMessageIsHandledOnceWhileRouteesComeAndGo) {
    constexpr uint64_t kMessages = 6000;
    auto handled = std::make_shared<std::atomic<uint64_t>>(0);
    Ptr<Cell> pool = balancing(2, props([handled](Context &context, const Envelope &envelope) {
                                   *handled += envelope.type() >= types::first_user;
                                   return envelope.payload().size() == 4 ? context.fail(Code::FAILED, "") : Code::OK;
                               }));
    std::vector<std::thread> senders;
    for (int s = 0; s < 3; ++s) {
        senders.emplace_back([&] {
            for (uint64_t i = 0; i < kMessages / 3; ++i) {
                EXPECT_EQ(tell(pool, i % 100 == 7 ? "fail" : "x"), Code::OK);
            }
        });
    }
    for (int round = 0; *handled < kMessages / 2; ++round) {
        send(pool, types::adjust_pool_size, body("change", round % 2 == 0 ? 3 : -3));
        soon([&] { return routing(pool).routees()->size() == (round % 2 == 0 ? 5u : 2u); });
    }
    for (std::thread &sender : senders) {
        sender.join();
    }
    EXPECT_TRUE(soon([&] { return *handled + dead(Code::STOPPED) == kMessages; }))
        << *handled << " handled, " << dead(Code::STOPPED) << " dead letters";
}

TEST_F(BalancingTest, APoolUnderPressureGrowsAndShrinksAgain) {
    for (const char *kind : {"round-robin-pool", "balancing-pool"}) {
        gate_ = std::make_shared<Gate>();
        Ptr<Cell> pool = router({{"router", kind},
                                 {"router.resizer", "pressure"},
                                 {"router.resizer.lower-bound", "2"},
                                 {"router.resizer.upper-bound", "4"},
                                 {"router.resizer.messages-per-resize", "1"}},
                                working(), kind);
        EXPECT_EQ(routing(pool).routees()->size(), 2u);
        auto becomes = [&](const char *payload, size_t size) {
            return soon([&] {
                tell(pool, payload);
                return ask_routees(pool).size() == size;  // the pool has been looked at
            });
        };
        EXPECT_TRUE(becomes("wait", 4)) << kind;
        gate_->open();
        EXPECT_TRUE(becomes("x", 2)) << kind;
        EXPECT_EQ(dead(Code::STOPPED), 0u);
    }
}

TEST_F(BalancingTest, APoolWithAResizerOutlivesItsRoutees) {
    Ptr<Cell> pool =
        router({{"router", "random-pool"}, {"router.resizer", "pressure"}, {"router.resizer.messages-per-resize", "1"}},
               noting());
    stop(children(pool)[0]);
    EXPECT_TRUE(soon_of_size(pool, 0));
    EXPECT_EQ(tell(pool, "nobody"), Code::STOPPED);
    EXPECT_TRUE(soon_of_size(pool, 1));
    EXPECT_EQ(tell(pool, "x"), Code::OK);
    EXPECT_EQ(received(1), (Lines{"$b:x"}));
    send(pool, types::adjust_pool_size, body("change", 100));
    EXPECT_TRUE(soon_of_size(pool, 10)) << "the resizer's bound";
}

}  // namespace
}  // namespace motet
