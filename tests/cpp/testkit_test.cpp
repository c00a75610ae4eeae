#include "support.h"

#include <motet/testkit.hpp>

#include <unordered_set>

namespace {

// What an expectation throws.
template <class Expectation> std::string thrown(Expectation &&expectation) {
    try {
        expectation();
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), motet::Code::unexpected) << error.what();
        return error.what();
    }
    return "nothing";
}

bool contains(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

motet::Props echo() {
    return motet::actor([](motet::Context &context, const Text &text) { context.reply(text); });
}

TEST(CppTestKit, ExpectationsGiveMessages) {
    motet::TestKit kit;
    motet::System system = kit.start(quiet());
    motet::Probe probe(system, "probe");
    system.tell(probe.ref(), Text{"la"}, probe.ref());
    EXPECT_EQ(probe.expect<Text>(0ms), Text{"la"});
    EXPECT_EQ(probe.sender(), probe.ref());
    system.tell(probe.ref(), Text{"le"});
    probe.expect(Text{"le"}, 0ms);
    system.tell(probe.ref(), Number{7});
    auto either = probe.expect_any_of<Text, Number>(0ms);
    EXPECT_EQ(std::get<Number>(either).number, 7);
    for (int i = 0; i < 2; ++i) {
        system.tell(probe.ref(), Text{"one"});
        system.tell(probe.ref(), Number{2});
        system.tell(probe.ref(), Text{"three"});
    }
    auto [one, two, three] = probe.expect_in_order<Text, Number, Text>(0ms);
    EXPECT_EQ(one.text + std::to_string(two.number) + three.text, "one2three");
    auto [number, first, second] = probe.expect_all_of<Number, Text, Text>(0ms);
    EXPECT_EQ(first.text + std::to_string(number.number) + second.text, "one2three");
    probe.expect_none(1s);
    EXPECT_EQ(kit.now(), 1s);
    EXPECT_THROW((void)probe.message(), motet::Error);
    system.close(patience);
}

TEST(CppTestKit, UnmetExpectationsTellTheStory) {
    motet::TestKit kit;
    motet::System system = kit.start(quiet());
    motet::Probe probe(system, "probe");
    system.tell(probe.ref(), Text{"la"});
    const std::string story = thrown([&] { probe.expect<Number>(10ms); });
    EXPECT_TRUE(contains(story, "expected test.Number within 10 ms, but after 0 ms number 1 of 1 was test.Text "
                                "{\"text\":\"la\"} from nobody; it got 1 in all"))
        << story;
    EXPECT_TRUE(contains(thrown([&] { probe.expect(Text{"lu"}); }), "expected test.Text {\"text\":\"lu\"}"));
    EXPECT_TRUE(contains(thrown([&] { probe.expect_none(5ms); }), "expected no message"));
    EXPECT_TRUE(contains(thrown([&] { probe.expect_terminated(probe.ref()); }), "expected the end of"));
    EXPECT_EQ(probe.expect<Text>(0ms), Text{"la"});
    EXPECT_TRUE(contains(thrown([&] { probe.expect<Text>(); }), "after 3000 ms only 0 of 1 had come"));
    system.close(patience);
}

TEST(CppTestKit, ProbesTakePart) {
    motet::TestKit kit(7);
    motet::System system = kit.start(quiet());
    motet::Ref actor = system.spawn(echo());
    motet::Probe probe(system);
    motet::Probe other(system);
    EXPECT_EQ(probe.tell(actor, Text{"la"}), motet::Code::ok);
    EXPECT_EQ(probe.expect<Text>(0ms), Text{"la"});
    EXPECT_EQ(probe.forward(other.ref()), motet::Code::ok);
    EXPECT_EQ(other.expect<Text>(0ms), Text{"la"});
    EXPECT_EQ(other.sender(), actor);
    auto future = system.ask<Number>(other.ref(), Ping{}, 5s);
    other.expect<Ping>(0ms);
    EXPECT_EQ(other.reply(Number{5}), motet::Code::ok);
    EXPECT_EQ(future.get().number, 5);
    EXPECT_EQ(probe.watch(actor), motet::Code::ok);
    EXPECT_EQ(probe.watch(other.ref()), motet::Code::ok);
    EXPECT_EQ(probe.unwatch(other.ref()), motet::Code::ok);
    actor.stop();
    probe.expect_terminated(actor, 0ms);
    EXPECT_EQ(kit.now(), 0s);
    system.close(patience);
}

TEST(CppTestKit, AutoPilotsAnswer) {
    motet::TestKit kit;
    motet::System system = kit.start(quiet());
    motet::Probe probe(system);
    probe.answer([](motet::Context &context, const Text &text) { context.reply(Text{text.text + "!"}); },
                 [](motet::Context &context, const Ping &) { context.reply(Number{1}); });
    EXPECT_EQ(system.ask<Text>(probe.ref(), Text{"la"}, 5s).get(), Text{"la!"});
    EXPECT_EQ(system.ask<Number>(probe.ref(), Ping{}, 5s).get().number, 1);
    probe.expect_in_order<Text, Ping>(0ms);
    probe.answer([](motet::Context &context, const Text &text) { context.reply(Text{text.text + "?"}); });
    EXPECT_EQ(system.ask<Text>(probe.ref(), Text{"la"}, 5s).get(), Text{"la?"});
    probe.answer();
    EXPECT_THROW((void)system.ask<Text>(probe.ref(), Text{"la"}, 5s).get(), motet::Error);
    EXPECT_EQ(kit.now(), 5s);
    system.close(patience);
}

TEST(CppTestKit, DeadLettersAreExpected) {
    motet::TestKit kit;
    motet::System system = kit.start(quiet());
    motet::Ref actor = system.spawn(echo());
    motet::DeadLetterWatch letters(system);
    system.tell(actor, Ping{});
    system.tell(actor, Number{});
    letters.expect<Ping>(motet::Code::unhandled, 1, 0ms);
    EXPECT_TRUE(contains(thrown([&] { letters.expect_none(5ms); }), "test.Number of"));
    letters.expect(motet::Code::ok, 1, 0ms);
    letters.expect_none(1s);
    system.close(patience);
}

// How often two tellers took turns at one probe.
int turns(std::uint64_t seed) {
    motet::TestKit kit(seed);
    motet::System system = kit.start(quiet());
    motet::Probe probe(system);
    for (const std::string voice : {"alto", "tenor"}) {
        motet::Ref teller = system.spawn(motet::actor(
            [voice, ref = probe.ref()](motet::Context &context, const Ping &) { context.tell(ref, Text{voice}); }));
        for (int i = 0; i < 10; ++i) {
            system.tell(teller, Ping{});
        }
    }
    kit.run();
    int count = 0;
    std::string last;
    for (int i = 0; i < 20; ++i) {
        const std::string voice = probe.expect<Text>(0ms).text;
        count += voice != last;
        last = voice;
    }
    system.close(patience);
    return count;
}

TEST(CppTestKit, SeedsChooseTheOrder) {
    std::unordered_set<int> different;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const int count = turns(seed);
        EXPECT_EQ(turns(seed), count);
        different.insert(count);
    }
    EXPECT_GT(different.size(), 4u);
}

TEST(CppTestKit, StepsAndTime) {
    motet::TestKit kit;
    motet::System system = kit.start(quiet());
    motet::Probe probe(system);
    kit.run();
    EXPECT_FALSE(kit.step());
    motet::Ref teller = system.spawn(motet::actor([ref = probe.ref()](motet::Context &context, const Ping &ping) {
        context.tell(ref, Text{"now"});
        context.after(90s, 1, ping);
    }));
    system.tell(teller, Ping{});
    int steps = 0;
    while (kit.step()) {
        ++steps;
    }
    EXPECT_GT(steps, 1);
    probe.expect<Text>(0ms);
    probe.expect_none(89s);
    kit.advance(1s);
    probe.expect<Text>(0ms);
    EXPECT_EQ(kit.now(), 90s);
    motet::Ref restless = system.spawn(
        motet::actor([](motet::Context &context, const Text &text) { context.tell(context.self(), text); }));
    system.tell(restless, Text{"again"});
    EXPECT_THROW(kit.run(1000), motet::Error);
    restless.stop();
    system.close(patience);
}

TEST(CppTestKit, NodesCrashAndAreCutOff) {
    motet::TestKit kit;
    auto config = std::move(quiet().set("remote.enabled", "on").set("log.level", "off").set("cluster.enabled", "off"));
    motet::System here = kit.start(config, 1);
    motet::System there = kit.start(config, 2);
    there.spawn(echo(), "echo");
    motet::Probe probe(here);
    motet::Ref actor = here.ref(there.address() + "/user/echo");
    probe.tell(actor, Text{"la"});
    EXPECT_EQ(probe.expect<Text>(), Text{"la"});
    kit.cut(1, 2);
    probe.tell(actor, Text{"lost"});
    probe.expect_none(500ms);
    kit.mend(1, 2);
    probe.tell(actor, Text{"le"});
    EXPECT_EQ(probe.expect<Text>(), Text{"le"});
    probe.watch(actor);
    probe.expect_none(1s);
    kit.crash(2);
    EXPECT_THROW(kit.crash(2), motet::Error);
    probe.expect_terminated(actor, 120s);
    here.close(patience);
}

// Three nodes of which one counts for the others. It is restarted, the network loses and delays, a side is cut off: who
// asks again until it is answered has its answer in the end, from every seed.
TEST(CppTestKit, WholeNodesAreTestedUnderFaults) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        motet::TestKit kit(seed);
        const auto start = [&kit](int node) {
            return kit.start(std::move(quiet()
                                           .set("remote.enabled", "on")
                                           .set("log.level", "off")
                                           .set("system.name", "Kit")
                                           .set("cluster.seed-nodes", "motet.tcp://Kit@10.0.0.1:2551")),
                             node);
        };
        std::vector<std::unique_ptr<motet::System>> systems;
        for (int node = 1; node <= 3; ++node) {
            systems.emplace_back(new motet::System(start(node)));
        }
        const auto up = [&](size_t wanted) {
            return std::all_of(systems.begin(), systems.end(), [wanted](const auto &system) {
                const motet::ClusterState state = system->cluster().state();
                return state.members.size() == wanted && state.unreachable.empty();
            });
        };
        const auto until = [&kit](auto condition) {
            for (int look = 0; look < 600 && !condition(); ++look) {
                kit.advance(100ms);
            }
            return condition();
        };
        kit.lose(1, 2, 0.2);
        kit.delay(1, 3, 300ms);
        EXPECT_TRUE(until([&] { return up(3); })) << "seed " << seed;
        kit.mend_all();

        systems[2]->spawn(echo(), "echo");
        motet::Probe probe(*systems[0]);
        motet::Ref echo_there = systems[0]->ref(systems[2]->address() + "/user/echo");
        const auto answered = [&] {
            probe.tell(echo_there, Text{"la"});
            try {
                probe.expect<Text>(500ms);
                return true;
            } catch (const motet::Error &) {
                return false;
            }
        };
        EXPECT_TRUE(answered());
        kit.split({3});
        EXPECT_FALSE(answered());
        kit.mend_all();
        EXPECT_TRUE(until(answered)) << "seed " << seed;

        kit.crash(3);
        EXPECT_FALSE(answered());
        systems[2].reset(new motet::System(start(3)));
        systems[2]->spawn(echo(), "echo");
        EXPECT_TRUE(until([&] { return up(3); })) << "seed " << seed;
        EXPECT_TRUE(until(answered)) << "seed " << seed;
    }
}

TEST(CppTestKit, ProbesWaitInRealTimeElsewhere) {
    motet::System system(quiet());
    motet::Ref actor = system.spawn(echo());
    motet::Probe probe(system);
    motet::DeadLetterWatch letters(system);
    probe.tell(actor, Text{"la"});
    EXPECT_EQ(probe.expect<Text>(patience), Text{"la"});
    probe.expect_none(5ms);
    probe.tell(actor, Ping{});
    letters.expect<Ping>(motet::Code::unhandled, 1, patience);
    system.close(patience);
}

}  // namespace
