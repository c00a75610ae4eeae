// Scatter-gather and tail-chopping: who is asked when, and which answer counts. Time moves only when a test says so.
#include <chrono>
#include <thread>

#include "fixture.h"

namespace motet {
namespace {

class HandClock final : public Clock {
  public:
    Now now() const override { return {mono_.load(), mono_.load()}; }
    void advance(Nanos by) { mono_ += by; }

  private:
    std::atomic<Nanos> mono_{kSecond};
};

// Lets nothing happen by itself: pools run the actors, and the test advances the timers.
class WaitingDriver final : public Driver {
  public:
    bool run_until(Nanos timeout, const std::function<bool()> &condition) override {
        auto deadline = std::chrono::steady_clock::now() + std::chrono::nanoseconds(timeout);
        while (!condition() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::yield();
        }
        return condition();
    }
    bool inside() const override { return false; }
    void later(std::function<void()> what) override { what(); }
};

class RaceTest : public RouteTest {
  protected:
    void SetUp() override {
        ASSERT_TRUE(config.set("log.level", "off").ok());
        Seams seams;
        seams.clock = &clock_;
        seams.driver = std::make_shared<WaitingDriver>();
        seams.uid = 7;
        system = System::start(config, seams).value();
        word = system->types().intern("test.Word").value();
    }

    void advance(Nanos by) {
        clock_.advance(by);
        system->timers().advance();
    }

    // An actor that writes down when it is asked, and answers when it is told to.
    void spawn_routee(const std::string &name) {
        asked_[name] = Ref();
        spawn(
            [this, name](Context &, const Envelope &envelope) {
                if (envelope.type() == word) {
                    {
                        std::lock_guard lock(mutex_);
                        asked_[name] = hold(envelope.sender());
                        order_.push_back(name);
                    }
                    journal.add("asked " + name);
                }
                return Code::OK;
            },
            name);
    }

    Ref asker_of(const std::string &name) {
        std::lock_guard lock(mutex_);
        return asked_[name];
    }

    std::vector<std::string> order() {
        std::lock_guard lock(mutex_);
        return order_;
    }

    Ptr<Cell> group(const std::string &kind, const Properties &more = {}) {
        for (const char *name : {"a", "b", "c"}) {
            spawn_routee(name);
        }
        Properties properties = more;
        properties.insert({{"router", kind}, {"router.paths", "/user/a,/user/b,/user/c"}});
        return router(properties, noting());
    }

    void answer(const std::string &name, std::string_view payload) {
        asker_of(name)->deliver(
            Envelope::make(word, bytes(payload), system->resolve("/user/" + name).value().get(), {}));
    }

    void fail(const std::string &name) {
        asker_of(name)->deliver(
            Envelope::make(types::failure, encode_failure(Code::FAILED, name + " is sorry"), nullptr, {}));
    }

    // An actor that writes down the answers it gets.
    Ptr<Cell> spawn_asker() {
        return spawn(
            [this](Context &, const Envelope &envelope) {
                if (envelope.type() == word) {
                    journal.add("answer " + text(envelope.payload()) + " from " + envelope.sender()->path());
                } else if (envelope.type() == types::failure) {
                    journal.add(std::string("failure ") + code_name(decode_failure(envelope.payload()).code()));
                }
                return Code::OK;
            },
            "asker");
    }

    HandClock clock_;
    std::mutex mutex_;
    std::map<std::string, Ref> asked_;  // under mutex_: whom an answer of each goes to
    std::vector<std::string> order_;    // under mutex_
};

TEST_F(RaceTest, ScatterGatherAsksAllAndPassesTheFirstAnswerOn) {
    Ptr<Cell> scatter = group("scatter-gather-group");
    Ptr<Cell> asker = spawn_asker();
    tell(scatter, "question", asker.get());
    EXPECT_EQ(received(3), (Lines{"asked a", "asked b", "asked c"}));
    answer("b", "first");
    answer("a", "second");
    EXPECT_TRUE(journal.wait_for_line("answer first from motet://motet/user/b"));
    answer("c", "third");
    advance(10 * kSecond);
    tell(asker, "done", asker.get());
    EXPECT_TRUE(journal.wait_for_line("answer done from motet://motet/user/asker"));
    EXPECT_EQ(journal.lines().size(), 5u) << "later answers are dropped";
    EXPECT_EQ(dead(Code::STOPPED), 0u);
}

TEST_F(RaceTest, AFailureCountsOnlyWhenAllHaveFailed) {
    Ptr<Cell> scatter = group("scatter-gather-group");
    Ptr<Cell> asker = spawn_asker();
    tell(scatter, "question", asker.get());
    received(3);
    fail("a");
    fail("b");
    answer("c", "yes");
    EXPECT_TRUE(journal.wait_for_line("answer yes from motet://motet/user/c"));
    tell(scatter, "again", asker.get());
    received(7);
    for (const char *name : {"a", "b", "c"}) {
        fail(name);
    }
    EXPECT_TRUE(journal.wait_for_line("failure FAILED"));
}

TEST_F(RaceTest, WithoutAnAnswerInTimeScatterGatherFails) {
    Ptr<Cell> scatter = group("scatter-gather-group", {{"router.within", "2s"}});
    Ptr<Cell> asker = spawn_asker();
    tell(scatter, "question", asker.get());
    journal.wait_for(3);
    fail("b");
    advance(2 * kSecond - 1);
    EXPECT_EQ(journal.lines().size(), 3u);
    advance(1);
    EXPECT_TRUE(journal.wait_for_line("failure TIMEOUT"));
}

TEST_F(RaceTest, WithoutAnAnswerInTimeTailChoppingFails) {
    Ptr<Cell> chopping = group("tail-chopping-group", {{"router.within", "2s"}, {"router.interval", "1500ms"}});
    Ptr<Cell> asker = spawn_asker();
    tell(chopping, "question", asker.get());
    journal.wait_for(1);
    advance(1500 * kMillisecond);
    journal.wait_for(2);
    advance(500 * kMillisecond - 1);
    EXPECT_EQ(journal.lines().size(), 2u);
    advance(1);
    EXPECT_TRUE(journal.wait_for_line("failure TIMEOUT"));
    advance(kSecond);
    EXPECT_EQ(order().size(), 2u) << "after the time nobody is asked";
}

TEST_F(RaceTest, TailChoppingAsksOneMoreEachInterval) {
    Ptr<Cell> chopping = group("tail-chopping-group");
    Ptr<Cell> asker = spawn_asker();
    tell(chopping, "question", asker.get());
    journal.wait_for(1);
    advance(9 * kMillisecond);
    EXPECT_EQ(order().size(), 1u);
    advance(kMillisecond);
    journal.wait_for(2);
    EXPECT_EQ(order().size(), 2u);
    answer(order()[1], "quick");
    EXPECT_EQ(journal.wait_for(3).back(), "answer quick from motet://motet/user/" + order()[1]);
    advance(20 * kMillisecond);
    EXPECT_EQ(order().size(), 2u) << "nobody is asked after the answer";
    answer(order()[0], "slow");
    EXPECT_EQ(dead(Code::STOPPED), 0u);
}

TEST_F(RaceTest, TailChoppingGoesOnAtOnceWhenOneFails) {
    Ptr<Cell> chopping = group("tail-chopping-group");
    Ptr<Cell> asker = spawn_asker();
    tell(chopping, "question", asker.get());
    for (size_t asked = 1; asked <= 3; ++asked) {
        journal.wait_for(asked);
        ASSERT_EQ(order().size(), asked);
        fail(order().back());
        system->timers().advance();
    }
    EXPECT_EQ(journal.wait_for(4).back(), "failure FAILED");
}

TEST_F(RaceTest, TailChoppingBeginsWithAnyone) {
    Ptr<Cell> chopping = group("tail-chopping-group");
    std::set<std::string> first;
    for (size_t i = 1; i <= 30; ++i) {
        tell(chopping, "question");
        journal.wait_for(i);
    }
    for (const std::string &name : order()) {
        first.insert(name);
    }
    EXPECT_EQ(first.size(), 3u);
}

TEST_F(RaceTest, StoppedRouteesFailAtOnce) {
    spawn_routee("a");
    for (const char *kind : {"scatter-gather-group", "tail-chopping-group"}) {
        Ptr<Cell> racing = router({{"router", kind}, {"router.paths", "/user/x,/user/a,/user/y"}}, noting(), kind);
        Ptr<Cell> none =
            router({{"router", kind}, {"router.paths", "/user/x,/user/y"}}, noting(), std::string("none-") + kind);
        const size_t before = journal.lines().size();
        Ptr<Cell> asker = spawn([this](Context &, const Envelope &envelope) {
            if (envelope.type() == word) {
                journal.add("answered");
            } else if (envelope.type() == types::failure) {
                journal.add("failed");
            }
            return Code::OK;
        });
        tell(racing, "question", asker.get());
        for (int i = 0; i < 3; ++i) {
            system->timers().advance();
        }
        EXPECT_EQ(journal.wait_for(before + 1).back(), "asked a");
        answer("a", "here");
        EXPECT_EQ(journal.wait_for(before + 2).back(), "answered");
        tell(none, "question", asker.get());
        for (int i = 0; i < 3; ++i) {
            system->timers().advance();
        }
        EXPECT_EQ(journal.wait_for(before + 3).back(), "failed");
    }
}

TEST_F(RaceTest, WithoutRouteesWhoAsksIsToldAtOnce) {
    Ptr<Cell> asker = spawn_asker();
    Ptr<Cell> scatter = router({{"router", "scatter-gather-group"}, {"router.paths", "/user/x"}}, noting());
    send(scatter, types::remove_routee, body("routee", msgpack::type::ext_ref("\x01/user/x", 8)));
    ASSERT_TRUE(soon_of_size(scatter, 0));
    EXPECT_EQ(tell(scatter, "question", asker.get()), Code::STOPPED);
    EXPECT_TRUE(journal.wait_for_line("failure STOPPED"));
}

TEST_F(RaceTest, ClosingEndsARace) {
    Ptr<Cell> chopping = group("tail-chopping-group");
    Ptr<Cell> asker = spawn_asker();
    tell(chopping, "question", asker.get());
    journal.wait_for(1);
    EXPECT_TRUE(system->close(60 * kSecond).ok());
}

}  // namespace
}  // namespace motet
