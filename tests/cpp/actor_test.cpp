#include "support.h"

#include <stdexcept>

namespace {

// Voice is an actor class with a constructor, several messages and a memory.
class Voice {
  public:
    using Messages = motet::Messages<Text, Ping, Number>;

    Voice(motet::Context &context, std::string name) : name_(std::move(name)), path_(context.self().path()) {}

    void receive(motet::Context &context, const Text &text) {
        ++sung_;
        context.reply(Text{name_ + ": " + text.text});
    }
    void receive(motet::Context &context, const Ping &) { context.reply(Number{sung_}); }
    void receive(motet::Context &, const Number &number) {
        throw std::out_of_range("no bar " + std::to_string(number.number));
    }

  private:
    std::string name_;
    std::string path_;
    std::int64_t sung_ = 0;
};

TEST(CppActor, ClassHandlesItsMessagesByType) {
    motet::System system(quiet());
    motet::Ref alto = system.spawn(motet::actor<Voice>("alto"), "alto");
    EXPECT_EQ(system.ask<Text>(alto, Text{"la"}, patience).get().text, "alto: la");
    EXPECT_EQ(system.ask<Number>(alto, Ping{}, patience).get().number, 1);
    system.close(patience);
}

TEST(CppActor, FunctionsShareAState) {
    motet::System system(quiet());
    motet::Ref counter = system.spawn(motet::actor<std::int64_t>(
        [](std::int64_t &sum, motet::Context &, const Number &number) { sum += number.number; },
        [](std::int64_t &sum, motet::Context &context, const Ping &) { context.reply(Number{sum}); }));
    for (int i = 1; i <= 10; ++i) {
        EXPECT_EQ(system.tell(counter, Number{i}), motet::Code::ok);
    }
    EXPECT_EQ(system.ask<Number>(counter, Ping{}, patience).get().number, 55);
    system.close(patience);
}

TEST(CppActor, ExceptionBecomesTheFailureAndRestartsTheActor) {
    motet::System system(quiet());
    auto restarts = std::make_shared<Box<motet::PostRestart>>();
    motet::Ref ref = system.spawn(
        motet::actor<int>([](int &, motet::Context &, const Number &) { throw std::out_of_range("no bar 7"); },
                          [restarts](motet::Context &, const motet::PostRestart &restart) { restarts->put(restart); },
                          [](int &count, motet::Context &context, const Ping &) { context.reply(Number{++count}); }));
    EXPECT_EQ(system.ask<Number>(ref, Ping{}, patience).get().number, 1);
    EXPECT_EQ(system.ask<Number>(ref, Ping{}, patience).get().number, 2);
    system.tell(ref, Number{7});
    auto seen = restarts->take(1);
    EXPECT_EQ(seen[0].error, "std::out_of_range: no bar 7");
    EXPECT_EQ(seen[0].code, MOTET_E_FAILED);
    EXPECT_EQ(system.ask<Number>(ref, Ping{}, patience).get().number, 1) << "the state is new";
    system.close(patience);
}

TEST(CppActor, WhatIsThrownNeedNotBeAnException) {
    motet::System system(quiet());
    auto restarts = std::make_shared<Box<motet::PostRestart>>();
    motet::Ref ref = system.spawn(
        motet::actor([](motet::Context &, const Ping &) { throw 7; },
                     [](motet::Context &, const Text &) { throw motet::Error(motet::Code::not_found, "no score"); },
                     [restarts](motet::Context &, const motet::PostRestart &restart) { restarts->put(restart); }));
    system.tell(ref, Ping{});
    EXPECT_EQ(restarts->take(1)[0].error, "int");
    system.tell(ref, Text{});
    auto seen = restarts->take(2);
    EXPECT_EQ(seen[1].error, "motet::Error: no score");
    EXPECT_EQ(seen[1].code, MOTET_E_NOT_FOUND);
    system.close(patience);
}

TEST(CppActor, ConstructorThatThrowsStopsTheActor) {
    struct Shy {
        using Messages = motet::Messages<Ping>;
        Shy() { throw std::runtime_error("stage fright"); }
        void receive(motet::Context &, const Ping &) {}
    };
    motet::System system(quiet());
    auto [ended, props] = collector<motet::Terminated>();
    motet::Ref watcher = system.spawn(props);
    motet::Ref shy = system.spawn(motet::actor<Shy>());
    EXPECT_EQ(motet_ref_watch(watcher.get(), shy.get()), MOTET_OK);
    EXPECT_EQ(ended->take(1)[0].actor, shy);
    system.close(patience);
}

TEST(CppActor, UnhandledTypeIsADeadLetter) {
    motet::System system(quiet());
    auto [letters, props] = collector<motet::DeadLetter>();
    system.subscribe(system.spawn(props), "dead-letters");
    motet::Ref alto = system.spawn(motet::actor<Voice>("alto"), "alto");
    EXPECT_EQ(system.tell(alto, Unknown{}), motet::Code::ok);
    auto seen = letters->take(1);
    EXPECT_EQ(seen[0].cause, MOTET_E_UNHANDLED);
    EXPECT_EQ(seen[0].type, "test.Unknown");
    EXPECT_NE(seen[0].target.find("/user/alto"), std::string::npos);
    system.close(patience);
}

TEST(CppActor, CatchAllSaysWhatItHandled) {
    struct Relay {
        using Messages = motet::Messages<Ping, motet::Message>;
        void receive(motet::Context &context, const Ping &) { context.reply(Number{1}); }
        bool receive(motet::Context &context, const motet::Message &message) {
            return message.type_name() == "test.Text" &&
                   context.reply(message.type(), message.data()) == motet::Code::ok;
        }
    };
    motet::System system(quiet());
    auto [letters, props] = collector<motet::DeadLetter>();
    system.subscribe(system.spawn(props), "dead-letters");
    motet::Ref relay = system.spawn(motet::actor<Relay>());
    EXPECT_EQ(system.ask<Number>(relay, Ping{}, patience).get().number, 1);
    EXPECT_EQ(system.ask<Text>(relay, Text{"as it is"}, patience).get().text, "as it is");
    system.tell(relay, Unknown{});
    EXPECT_EQ(letters->take(1)[0].cause, MOTET_E_UNHANDLED);
    system.close(patience);
}

TEST(CppActor, WatchTellsTheEndOfAChild) {
    struct Parent {
        using Messages = motet::Messages<Ping, motet::Terminated>;
        explicit Parent(std::shared_ptr<Box<std::string>> ends) : ends_(std::move(ends)) {}
        void receive(motet::Context &context, const Ping &) {
            motet::Ref child = context.spawn(motet::actor<Voice>("child"), "child");
            context.watch(child);
            child.stop();
        }
        void receive(motet::Context &, const motet::Terminated &terminated) {
            EXPECT_TRUE(terminated.existence_confirmed);
            ends_->put(terminated.actor.path());
        }
        std::shared_ptr<Box<std::string>> ends_;
    };
    motet::System system(quiet());
    auto ends = std::make_shared<Box<std::string>>();
    motet::Ref parent = system.spawn(motet::actor<Parent>(ends), "parent");
    system.tell(parent, Ping{});
    EXPECT_TRUE(ends->take(1)[0].starts_with("motet://motet/user/parent/child#"));
    system.close(patience);
}

TEST(CppActor, TimersAndForward) {
    motet::System system(quiet());
    auto [box, props] = collector<Number>();
    motet::Ref target = system.spawn(props);
    motet::Ref metronome = system.spawn(motet::actor<std::int64_t>(
        [](std::int64_t &, motet::Context &context, const Ping &) {
            context.after(1h, 1, Number{0});
            context.every(0s, 1ms, 1, Number{4});
            context.at_fixed_rate(1ms, 2, Number{4});
            context.after(1h, 3, Number{0});
            EXPECT_TRUE(context.timer_active(3));
            context.cancel_timer(3);
            EXPECT_FALSE(context.timer_active(3));
        },
        [target](std::int64_t &count, motet::Context &context, const Number &) {
            context.forward(target);
            if (++count == 3) {
                context.cancel_timer(1);
                context.cancel_timer(2);
            }
        }));
    system.tell(metronome, Ping{});
    EXPECT_EQ(box->take(3)[2].number, 4);
    system.close(patience);
}

TEST(CppActor, TimesThatCannotBeAreRefused) {
    motet::System system(quiet());
    auto [box, props] = collector<Text>();
    motet::Ref target = system.spawn(props);
    motet::Ref ref = system.spawn(motet::actor([target](motet::Context &context, const Ping &) {
        auto refusal = [&](auto call) {
            try {
                call();
                context.tell(target, Text{"accepted"});
            } catch (const motet::Error &error) {
                EXPECT_EQ(error.code(), motet::Code::invalid);
                context.tell(target, Text{error.what()});
            }
        };
        refusal([&] { context.after(-1ms, 2, Ping{}); });
        refusal([&] { context.every(std::chrono::hours::max(), 3, Ping{}); });
        refusal([&] { context.at_fixed_rate(0s, 4, Ping{}); });
        refusal([&] { context.receive_timeout(std::chrono::duration<double>(-1e300)); });
        refusal([&] { (void)context.ask<Number>(context.self(), Ping{}, std::chrono::hours::max()); });
    }));
    system.tell(ref, Ping{});
    const std::string range = "; each is from 0 ns to 146 years, an interval of a fixed rate above 0";
    const std::string most = "9223372036854775807";
    std::vector<Text> told = box->take(5);
    EXPECT_EQ(told[0].text, "timer 2 with a delay of -1000000 ns and an interval of 0 ns" + range);
    EXPECT_EQ(told[1].text, "timer 3 with a delay of " + most + " ns and an interval of " + most + " ns" + range);
    EXPECT_EQ(told[2].text, "timer 4 with a delay of 0 ns and an interval of 0 ns" + range);
    EXPECT_EQ(told[3].text, "a receive timeout of -9223372036854775808 ns; it is from 0 ns to 146 years");
    EXPECT_NE(told[4].text.find("at most 146 years"), std::string::npos) << told[4].text;
    system.close(patience);
}

TEST(CppActor, AnIdleActorIsTold) {
    motet::System system(quiet());
    auto [box, props] = collector<Number>();
    motet::Ref target = system.spawn(props);
    motet::Ref idler = system.spawn(motet::actor<std::int64_t>(
        [](std::int64_t &, motet::Context &context, const Ping &) { context.receive_timeout(2ms); },
        [target](std::int64_t &count, motet::Context &context, const motet::ReceiveTimeout &idle) {
            context.tell(target, Number{idle.timeout_ns});
            if (++count == 2) {
                context.receive_timeout(0s);
            }
        }));
    system.tell(idler, Ping{});
    EXPECT_EQ(box->take(2)[1].number, 2'000'000);
    system.close(patience);
}

TEST(CppActor, WhatPropsHoldIsReleasedWithTheLastActor) {
    auto held = std::make_shared<int>(7);
    std::weak_ptr<int> watched = held;
    {
        motet::System system(quiet());
        auto props = motet::actor(
            [held = std::move(held)](motet::Context &context, const Ping &) { context.reply(Number{*held}); });
        motet::Ref ref = system.spawn(props);
        { auto gone = std::move(props); }
        EXPECT_EQ(system.ask<Number>(ref, Ping{}, patience).get().number, 7);
        EXPECT_FALSE(watched.expired());
        system.close(patience);
    }
    EXPECT_TRUE(watched.expired());
}

TEST(CppActor, PropsAreChecked) {
    motet::System system(quiet());
    try {
        motet::actor<Voice>("a").set("supervision.directive", "explode");
        FAIL() << "accepted";
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), motet::Code::bad_value);
        EXPECT_NE(std::string(error.what()).find("explode"), std::string::npos);
    }
    system.spawn(motet::actor<Voice>("a"), "a");
    EXPECT_THROW(system.spawn(motet::actor<Voice>("a"), "a"), motet::Error);
    system.close(patience);
}

// Says no until it is asked often enough, and keeps the questions for that time.
TEST(CppActor, BecomesAnotherAndStashesMeanwhile) {
    motet::System system(quiet());
    auto said = std::make_shared<Box<std::string>>();
    motet::Ref door = system.spawn(
        motet::actor([](motet::Context &context, const Text &) { EXPECT_EQ(context.stash(), motet::Code::ok); },
                     [said](motet::Context &context, const Ping &) {
                         EXPECT_EQ(context.unbecome(), motet::Code::bad_state);
                         EXPECT_EQ(context.become([said](motet::Context &, const Text &text) { said->put(text.text); },
                                                  [](motet::Context &inner, const Ping &) {
                                                      EXPECT_EQ(inner.unbecome(), motet::Code::ok);
                                                  }),
                                   motet::Code::ok);
                         EXPECT_GT(context.unstash_all(), 0);
                     }));
    system.tell(door, Text{"a"});
    system.tell(door, Text{"b"});
    system.tell(door, Ping{});
    system.tell(door, Text{"c"});
    EXPECT_EQ(said->take(3), (std::vector<std::string>{"a", "b", "c"}));
    system.tell(door, Ping{});
    system.tell(door, Text{"d"});
    system.tell(door, Ping{});
    EXPECT_EQ(said->take(4).back(), "d") << "stashed by the first again";
    system.close(patience);
}

}  // namespace
