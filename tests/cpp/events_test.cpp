// The event stream, dead letters and routers by configuration, in the C++ layer.
#include "support.h"

namespace {

TEST(CppEvents, EventsReachWhoSubscribedToTheirType) {
    motet::System system(quiet());
    auto [texts, props] = collector<Text>();
    motet::Ref subscriber = system.spawn(props);
    EXPECT_EQ(system.publish(Text{"nobody listens"}), 0);
    system.subscribe<Text>(subscriber);
    EXPECT_EQ(system.publish(Text{"one"}), 1);
    EXPECT_EQ(system.publish(Number{7}), 0);
    EXPECT_EQ(texts->take(1)[0], Text{"one"});
    system.unsubscribe<Text>(subscriber);
    EXPECT_EQ(system.publish(Text{"two"}), 0);
    EXPECT_THROW(system.publish(motet::DeadLetter{}), motet::Error);
    EXPECT_THROW(system.subscribe<motet::Kill>(subscriber), motet::Error);
    EXPECT_THROW(system.subscribe<Text>(motet::Ref()), motet::Error);
    system.close(patience);
}

TEST(CppEvents, ActorsSubscribeAndPublish) {
    motet::System system(quiet());
    auto senders = std::make_shared<Box<motet::Ref>>();
    motet::Ref subscriber =
        system.spawn(motet::actor([](motet::Context &context, const motet::PreStart &) { context.subscribe<Number>(); },
                                  [senders](motet::Context &context, const Number &number) {
                                      senders->put(context.sender());
                                      if (number.number == 2) {
                                          context.unsubscribe<Number>();
                                      }
                                  },
                                  [](motet::Context &context, const Ping &) { context.reply(Text{"ready"}); }));
    (void)system.ask<Text>(subscriber, Ping{}, patience).get();
    motet::Ref publisher = system.spawn(motet::actor(
        [](motet::Context &context, const Number &number) { context.reply(Number{context.publish(number)}); }));
    EXPECT_EQ(system.ask<Number>(publisher, Number{1}, patience).get().number, 1);
    EXPECT_EQ(system.ask<Number>(publisher, Number{2}, patience).get().number, 1);
    for (const motet::Ref &sender : senders->take(2)) {
        EXPECT_EQ(sender, publisher);
    }
    (void)system.ask<Text>(subscriber, Ping{}, patience).get();
    EXPECT_EQ(system.ask<Number>(publisher, Number{3}, patience).get().number, 0);
    system.close(patience);
}

TEST(CppEvents, DeadLettersAreReadWithTheirHops) {
    motet::System system(quiet());
    auto [letters, watcher] = collector<motet::DeadLetter>();
    system.subscribe<motet::DeadLetter>(system.spawn(watcher));
    motet::Ref gone = system.ref("/user/gone");
    motet::Ref forwarder = system.spawn(
        motet::actor([gone](motet::Context &context, const Text &) { context.forward(gone); }), "forwarder");
    EXPECT_EQ(system.tell(forwarder, Text{"la"}), motet::Code::ok);
    const motet::DeadLetter told = letters->take(1)[0];
    const motet::DeadLetters all = system.dead_letters();
    EXPECT_EQ(all.total(), 1u);
    EXPECT_EQ(all.total(motet::Code::stopped), 1u);
    EXPECT_EQ(all.total(motet::Code::gated), 0u);
    ASSERT_EQ(all.recent().size(), 1u);
    const motet::DeadLetter kept = all.recent()[0];
    for (const motet::DeadLetter &letter : {told, kept}) {
        EXPECT_EQ(letter.type, "test.Text");
        EXPECT_EQ(letter.target, system.address() + "/user/gone");
        EXPECT_EQ(letter.hops, std::vector<std::string>{system.address() + "/user/forwarder"});
        EXPECT_EQ(letter.passed_on, 1u);
    }
    system.close(patience);
    EXPECT_THROW((void)system.dead_letters(), motet::Error);
}

TEST(CppEvents, ConfigurationMakesARouter) {
    motet::Config config = quiet();
    config.set("actor.deployment.\"/all\".router", "broadcast-pool");
    config.set("actor.deployment.\"/all\".router.instances", "3");
    motet::System system(config);
    auto [texts, props] = collector<Text>();
    EXPECT_EQ(system.tell(system.spawn(props, "all"), Text{"la"}), motet::Code::ok);
    EXPECT_EQ(texts->take(3).size(), 3u);
    system.close(patience);
    try {
        motet::System refused(quiet().set("actor.deployment.\"/a\".router", "none"));
        FAIL() << "accepted";
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), motet::Code::bad_value);
        EXPECT_NE(std::string(error.what()).find("round-robin-pool"), std::string::npos) << error.what();
    }
}

}  // namespace
