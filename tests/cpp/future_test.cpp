#include "support.h"

#include <motet/testkit.hpp>

namespace {

TEST(CppFuture, IsLookedAtAndWaitedFor) {
    motet::TestKit kit;
    motet::System system = kit.start(quiet());
    motet::Probe probe(system);
    auto future = system.ask<Number>(probe.ref(), Ping{}, 60s);
    EXPECT_FALSE(future.ready());
    EXPECT_FALSE(future.wait_for(0s));
    EXPECT_FALSE(future.wait_for(10s));
    EXPECT_EQ(kit.now(), 10s);
    EXPECT_THROW((void)future.wait_for(-1s), motet::Error);
    probe.expect<Ping>();
    probe.reply(Number{7});
    EXPECT_TRUE(future.wait_for(std::chrono::hours::max()));
    EXPECT_TRUE(future.ready());
    EXPECT_EQ(future.get().number, 7);
    auto lost = system.ask<Number>(probe.ref(), Ping{}, 5s);
    EXPECT_TRUE(lost.wait_for(1h));
    EXPECT_EQ(kit.now(), 15s);
    EXPECT_THROW((void)lost.get(), motet::Error);
    std::move(lost).then(
        [](const motet::Outcome<Number> &outcome) { EXPECT_EQ(outcome.error().code(), motet::Code::timeout); });
    EXPECT_THROW((void)lost.ready(), motet::Error) << "it was given away";
    system.close(patience);
}

// An actor that has its own answers sent to itself.
TEST(CppFuture, IsSentToAnActor) {
    motet::System system(quiet());
    motet::Probe probe(system);
    motet::Probe told(system);
    motet::Ref ref = system.spawn(motet::actor(
        [host = probe.ref()](motet::Context &context, const Ping &ping) {
            context.ask<Number>(host, ping, 10s).pipe_to(context.self());
        },
        [to = told.ref()](motet::Context &context, const Number &number) {
            context.tell(to, number, context.sender());
        },
        [to = told.ref()](motet::Context &context, const motet::Failure &failure) {
            EXPECT_FALSE(context.sender());
            context.tell(to, Text{failure.error});
        }));
    system.tell(ref, Ping{});
    probe.expect<Ping>(patience);
    probe.reply(Number{7});
    EXPECT_EQ(told.expect<Number>(patience).number, 7);
    EXPECT_EQ(told.sender(), probe.ref()) << "who has answered";
    system.tell(ref, Ping{});
    probe.expect<Ping>(patience);
    probe.reply(motet::Failure{MOTET_E_IO, "no paper"});
    EXPECT_EQ(told.expect<Text>(patience).text, "no paper");
    system.ask<Number>(probe.ref(), Ping{}, 10s).pipe_to(told.ref(), ref);
    probe.expect<Ping>(patience);
    probe.reply(Number{8});
    EXPECT_EQ(told.expect<Number>(patience).number, 8);
    EXPECT_EQ(told.sender(), ref) << "the sender that was chosen";
    EXPECT_THROW(system.ask<Number>(probe.ref(), Ping{}, 10s).pipe_to(motet::Ref()), motet::Error);
    system.close(patience);
}

// Stops by a word of its own.
TEST(CppFuture, TellsOfTheEndOfAnActor) {
    motet::TestKit kit;
    motet::System system = kit.start(quiet());
    auto props = motet::actor([](motet::Context &context, const Text &) { context.stop(); },
                              [](motet::Context &, const Ping &) {});
    motet::Ref ref = system.spawn(props, "a");
    try {
        (void)system.graceful_stop(ref, 3s, Ping{}).get();
        FAIL() << "stopped";
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), motet::Code::timeout);
        EXPECT_STREQ(error.what(), "motet://motet/user/a had not stopped 3000 ms after it was sent test.Ping");
    }
    EXPECT_EQ(system.graceful_stop(ref, 3s, Text{"enough"}).get().actor, ref);
    EXPECT_EQ(system.graceful_stop(ref, 3s).get().actor, ref) << "already";
    EXPECT_EQ(kit.now(), 3s);
    EXPECT_THROW((void)system.graceful_stop(motet::Ref(), 3s), motet::Error);
    EXPECT_THROW((void)system.graceful_stop(ref, -3s), motet::Error);
    EXPECT_THROW((void)system.graceful_stop(ref, std::chrono::hours::max()), motet::Error);
    system.close(patience);
}

TEST(CppFuture, ResolvesPaths) {
    motet::System system(quiet());
    motet::Ref ref = system.spawn(motet::actor([](motet::Context &, const Ping &) {}), "a");
    EXPECT_EQ(system.resolve("/user/a", patience), ref);
    EXPECT_EQ(system.resolve("/user/?", patience), ref);
    try {
        (void)system.resolve("/user/b", patience);
        FAIL() << "found";
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), motet::Code::not_found);
        EXPECT_STREQ(error.what(), "nobody is at path \"/user/b\"");
    }
    EXPECT_THROW((void)system.resolve("/user/a", -1s), motet::Error);
    EXPECT_THROW((void)system.resolve("/user/a", std::chrono::hours::max()), motet::Error);
    system.close(patience);
}

TEST(CppFuture, ChildrenAreFound) {
    motet::System system(quiet());
    motet::Ref parent = system.spawn(motet::actor([](motet::Context &context, const Text &name) {
        const motet::Ref child = context.spawn(motet::actor([](motet::Context &, const Ping &) {}), name.text);
        EXPECT_EQ(context.child(name.text), child);
        EXPECT_FALSE(context.child("nobody"));
        context.reply(Number{static_cast<std::int64_t>(context.children().size())});
    }));
    EXPECT_TRUE(parent.children().empty());
    EXPECT_EQ(system.ask<Number>(parent, Text{"a"}, patience).get().number, 1);
    EXPECT_EQ(system.ask<Number>(parent, Text{"b"}, patience).get().number, 2);
    const motet::Ref b = parent.child("b");
    EXPECT_TRUE(b.path().starts_with(parent.path().substr(0, parent.path().find('#')) + "/b#"));
    EXPECT_EQ(parent.children().size(), 2u);
    (void)system.graceful_stop(b, patience).get();
    ASSERT_EQ(parent.children().size(), 1u);
    EXPECT_EQ(parent.children()[0], parent.child("a"));
    EXPECT_FALSE(parent.child("b"));
    EXPECT_THROW((void)motet::Ref().child("a"), motet::Error);
    EXPECT_THROW((void)motet::Ref().children(), motet::Error);
    EXPECT_THROW((void)system.ref("/user/*").children(), motet::Error);
    system.close(patience);
}

}  // namespace
