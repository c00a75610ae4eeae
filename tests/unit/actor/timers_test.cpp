#include "core/actor/actor_timers.h"

#include <cstddef>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// From the sanitizers' runtime, whose header for it not every compiler brings.
extern "C" size_t __sanitizer_get_current_allocated_bytes();
#else
#include <malloc.h>
#endif

#include "core/simulate/simulation.h"
#include "fixture.h"

namespace motet {
namespace {

using Lines = std::vector<std::string>;

// One actor in simulated time. It does what a test gives it to do; every other message, and a receive timeout, is a
// line.
class ActorTimersTest : public testing::Test {
  protected:
    using Do = std::function<Code(Context &, ActorTimers &)>;

    void SetUp() override {
        Config config;
        for (const char *setting : {"log.level", "remote.enabled", "cluster.enabled"}) {
            ASSERT_TRUE(config.set(setting, "off").ok());
        }
        Result<Ptr<Node>> started = simulation.start(1, config);
        ASSERT_TRUE(started.ok()) << started.status().message();
        system = Ptr<System>(&started.value()->system());
        word = system->types().intern("test.Word").value();
        Ptr<Props> made_of = props([this](Context &context, const Envelope &envelope) {
            const std::string line = text(envelope.payload());
            if (line.starts_with("do ")) {
                return tasks[std::stoul(line.substr(3))](context, context.self().timers());
            }
            if (envelope.type() >= types::receive_timeout) {
                journal.push_back(envelope.type() == word ? line : "idle");
            }
            return Code::OK;
        });
        actor = system->spawn(*system->user_guardian(), Ptr<const Props>(made_of), "actor", true).value();
    }

    void tell(const std::string &line) { actor->deliver(Envelope::make(word, bytes(line), nullptr, {})); }

    // Has the actor do something, now or after some time.
    void in_actor(Do what, Nanos after = 0) {
        tasks.push_back(std::move(what));
        simulation.scheduler.after(after, [this, task = tasks.size() - 1] { tell("do " + std::to_string(task)); });
        pass(0);
    }

    void send(SystemKind kind) { actor->deliver_system(new SystemMessage{kind, {}}); }

    void pass(Nanos time) { simulation.scheduler.run_for(time); }

    // What the actor has written down since it was last asked.
    Lines lines() { return std::exchange(journal, {}); }

    Status start(ActorTimers &timers, int64_t key, TimerPlan plan, std::string_view payload) const {
        return timers.start(key, plan, word, bytes(payload), {});
    }

    Simulation simulation{1};
    Ptr<System> system;
    TypeId word = 0;
    Ptr<Cell> actor;
    std::vector<Do> tasks;
    Lines journal;
};

size_t allocated() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
}

TEST_F(ActorTimersTest, ComeOnceInTimeAndNotBefore) {
    in_actor([this](Context &, ActorTimers &timers) {
        EXPECT_TRUE(start(timers, 1, {.delay = 100}, "once").ok());
        EXPECT_TRUE(start(timers, 2, {.delay = 0}, "now").ok());
        EXPECT_TRUE(timers.active(1));
        EXPECT_FALSE(timers.active(3));
        return Code::OK;
    });
    pass(99);
    EXPECT_EQ(lines(), Lines{"now"});
    pass(1);
    EXPECT_EQ(lines(), Lines{"once"});
    in_actor([](Context &, ActorTimers &timers) {
        EXPECT_FALSE(timers.active(1));
        return Code::OK;
    });
    pass(1000);
    EXPECT_EQ(lines(), Lines{});
}

TEST_F(ActorTimersTest, ComeInOrderOfTimeThenOfStarting) {
    in_actor([this](Context &, ActorTimers &timers) {
        for (int64_t key = 0; key < 6; ++key) {
            EXPECT_TRUE(start(timers, key, {.delay = 20 - key / 2}, std::to_string(key)).ok());
        }
        return Code::OK;
    });
    pass(20);
    EXPECT_EQ(lines(), (Lines{"4", "5", "2", "3", "0", "1"}));
}

TEST_F(ActorTimersTest, AFixedDelayCountsFromWhenTheActorTookTheTick) {
    in_actor([this](Context &, ActorTimers &timers) {
        EXPECT_TRUE(start(timers, 1, {.delay = 10, .interval = 100}, "tick").ok());
        return Code::OK;
    });
    pass(309);
    EXPECT_EQ(lines(), Lines(3, "tick"));
    pass(1);
    EXPECT_EQ(lines(), Lines{"tick"});
    send(SystemKind::suspend);
    pass(1000);  // the tick of 410 waits
    EXPECT_EQ(lines(), Lines{});
    send(SystemKind::resume);
    pass(0);
    EXPECT_EQ(lines(), Lines{"tick"});  // at 1310
    pass(99);
    EXPECT_EQ(lines(), Lines{});
    pass(1);
    EXPECT_EQ(lines(), Lines{"tick"});
}

TEST_F(ActorTimersTest, AFixedRateMakesUpForWhatWasMissed) {
    in_actor([this](Context &, ActorTimers &timers) {
        EXPECT_TRUE(start(timers, 1, {.delay = 10, .interval = 100, .fixed_rate = true}, "tick").ok());
        return Code::OK;
    });
    pass(10);
    EXPECT_EQ(lines(), Lines{"tick"});
    send(SystemKind::suspend);
    pass(350);  // in which it is due at 110, 210 and 310
    send(SystemKind::resume);
    tell("between");  // behind the first tick, before the second
    pass(0);
    EXPECT_EQ(lines(), (Lines{"tick", "between", "tick", "tick"}));
    pass(49);
    EXPECT_EQ(lines(), Lines{});
    pass(1);  // 410: on time again
    EXPECT_EQ(lines(), Lines{"tick"});
}

TEST_F(ActorTimersTest, OfACancelledTimerNothingComesNorOfOneReplaced) {
    in_actor(
        [this](Context &, ActorTimers &timers) {  // it is before the ticks in the mailbox
            EXPECT_EQ(system->timers().size(), 0u);
            timers.cancel(2);
            EXPECT_TRUE(start(timers, 3, {.delay = 5}, "new").ok());
            return Code::OK;
        },
        10);
    in_actor([this](Context &, ActorTimers &timers) {
        for (int64_t key : {1, 2, 3}) {
            EXPECT_TRUE(start(timers, key, {.delay = 10}, "old").ok());
        }
        timers.cancel(1);
        timers.cancel(77);
        EXPECT_FALSE(timers.active(1));
        return Code::OK;
    });
    pass(14);
    EXPECT_EQ(lines(), Lines{});
    pass(1);
    EXPECT_EQ(lines(), Lines{"new"});
    EXPECT_EQ(system->timers().size(), 0u);
    EXPECT_TRUE(system->dead_letters().counts().empty());
}

TEST_F(ActorTimersTest, EndWithTheInstance) {
    in_actor([](Context &context, ActorTimers &) { return context.fail(Code::FAILED, "told to fail"); }, 10);
    auto start_all = [this](Context &, ActorTimers &timers) {
        EXPECT_TRUE(start(timers, 1, {.delay = 10}, "never").ok());
        EXPECT_TRUE(start(timers, 2, {.delay = 20, .interval = 20}, "never").ok());
        EXPECT_TRUE(start(timers, 3, {.delay = 20, .interval = 20, .fixed_rate = true}, "never").ok());
        EXPECT_TRUE(timers.set_receive_timeout(30).ok());
        return Code::OK;
    };
    in_actor(start_all);
    pass(10);
    EXPECT_EQ(system->timers().size(), 0u);
    in_actor(start_all, 10);
    in_actor(
        [this](Context &, ActorTimers &) {
            send(SystemKind::stop);
            return Code::OK;
        },
        20);
    pass(20);
    EXPECT_TRUE(actor->stopped());
    EXPECT_EQ(system->timers().size(), 0u);
    pass(1000);
    EXPECT_EQ(lines(), Lines{});
    EXPECT_TRUE(system->dead_letters().counts().empty());
}

TEST_F(ActorTimersTest, RefuseTimesThatCannotBe) {
    in_actor([this](Context &, ActorTimers &timers) {
        EXPECT_TRUE(start(timers, 7, {.delay = 10}, "kept").ok());
        const std::string most = " to 4611686018427387903 ns (146 years), not ";
        for (const auto &[plan, sentence] : {
                 std::pair(TimerPlan{.delay = -1}, "the delay of timer 7 is from 0" + most + "-1 ns"),
                 std::pair(TimerPlan{.delay = kMaxDelay + 1},
                           "the delay of timer 7 is from 0" + most + "4611686018427387904 ns"),
                 std::pair(TimerPlan{.interval = -5}, "the interval of timer 7 is from 0" + most + "-5 ns"),
                 std::pair(TimerPlan{.interval = INT64_MAX},
                           "the interval of timer 7 is from 0" + most + "9223372036854775807 ns"),
                 std::pair(TimerPlan{.fixed_rate = true}, "the interval of timer 7 is from 1" + most + "0 ns"),
             }) {
            Status refused = start(timers, 7, plan, "bad");
            EXPECT_EQ(refused.code(), Code::INVALID);
            EXPECT_EQ(refused.message(), sentence);
        }
        EXPECT_EQ(timers.set_receive_timeout(-3).message(), "a receive timeout is from 0" + most + "-3 ns");
        EXPECT_EQ(timers.set_receive_timeout(INT64_MAX).code(), Code::INVALID);
        EXPECT_TRUE(start(timers, 8, {.delay = kMaxDelay, .interval = kMaxDelay}, "late").ok());
        return Code::OK;
    });
    pass(10);
    EXPECT_EQ(lines(), Lines{"kept"});
}

TEST_F(ActorTimersTest, CancellingFreesTheMemoryAtOnce) {
    in_actor([this](Context &, ActorTimers &timers) {
        const std::string payload(8000, 'x');
        const size_t before = allocated();
        for (int64_t key = 0; key < 1000; ++key) {
            EXPECT_TRUE(start(timers, key, {.delay = kSecond}, payload).ok());
        }
        EXPECT_EQ(system->timers().size(), 1000u);
        EXPECT_GE(allocated(), before + 8'000'000);
        for (int64_t key = 0; key < 1000; ++key) {
            timers.cancel(key);
        }
        EXPECT_EQ(system->timers().size(), 0u);
        EXPECT_LT(allocated(), before + 200'000);
        return Code::OK;
    });
}

TEST_F(ActorTimersTest, ATickFindsItsPlaceInAFullMailbox) {
    Ptr<Props> made_of = actor->props().copy();
    made_of->mailbox_capacity = 3;
    actor = system->spawn(*system->user_guardian(), Ptr<const Props>(made_of), "small", true).value();
    in_actor([this](Context &, ActorTimers &timers) {
        EXPECT_TRUE(start(timers, 1, {.delay = 10}, "tick").ok());
        return Code::OK;
    });
    send(SystemKind::suspend);
    pass(0);
    for (int i = 0; i < 20; ++i) {
        tell("filler");
    }
    EXPECT_GE(system->dead_letters().counts()[Code::MAILBOX_FULL], 10u);
    pass(10);
    send(SystemKind::resume);
    pass(0);
    EXPECT_EQ(lines().back(), "tick");
}

TEST_F(ActorTimersTest, AReceiveTimeoutComesAfterEachIdleTime) {
    in_actor([](Context &, ActorTimers &timers) { return timers.set_receive_timeout(100).code(); });
    pass(99);
    tell("a");
    pass(99);
    tell("b");
    pass(99);
    EXPECT_EQ(lines(), (Lines{"a", "b"}));
    pass(1);
    EXPECT_EQ(lines(), Lines{"idle"});
    pass(99);
    EXPECT_EQ(lines(), Lines{});
    pass(101);
    EXPECT_EQ(lines(), (Lines{"idle", "idle"}));
    EXPECT_EQ(system->timers().size(), 1u);
    in_actor([](Context &, ActorTimers &timers) { return timers.set_receive_timeout(0).code(); });
    EXPECT_EQ(system->timers().size(), 0u);
    pass(1000);
    EXPECT_EQ(lines(), Lines{});
}

TEST_F(ActorTimersTest, OnlyMessagesOfOthersKeepTheReceiveTimeoutAway) {
    in_actor([this](Context &, ActorTimers &timers) {
        EXPECT_TRUE(start(timers, 1, {.delay = 60, .interval = 30}, "tick").ok());
        return timers.set_receive_timeout(100).code();
    });
    pass(95);
    actor->deliver(Envelope::make(types::identify, {}, nullptr, {}));
    pass(5);
    EXPECT_EQ(lines(), (Lines{"tick", "tick", "idle"}));
}

TEST_F(ActorTimersTest, AReceiveTimeoutThatIsDueComesToNothingBehindAMessage) {
    in_actor([this](Context &, ActorTimers &) { return Code::OK; }, 100);  // it is before the tick in the mailbox
    in_actor([](Context &, ActorTimers &timers) { return timers.set_receive_timeout(100).code(); });
    pass(199);
    EXPECT_EQ(lines(), Lines{});
    pass(1);
    EXPECT_EQ(lines(), Lines{"idle"});
}

TEST_F(ActorTimersTest, AnotherReceiveTimeoutTakesEffectAtOnce) {
    in_actor([](Context &, ActorTimers &timers) {
        EXPECT_TRUE(timers.set_receive_timeout(kSecond).ok());
        return timers.set_receive_timeout(10).code();
    });
    EXPECT_EQ(system->timers().size(), 1u);
    pass(10);
    EXPECT_EQ(lines(), Lines{"idle"});
}

}  // namespace
}  // namespace motet
