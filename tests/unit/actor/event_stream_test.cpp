#include "core/actor/event_stream.h"

#include <thread>

#include "tests/unit/actor/fixture.h"

namespace motet {
namespace {

class EventStreamTest : public ActorTest {
  protected:
    // Writes "name:payload" into the journal for every message but the signals of its own life.
    Ptr<Cell> listener(const std::string &name) {
        return spawn(
            [this](Context &context, const Envelope &envelope) {
                if (envelope.type() > types::terminated) {
                    journal.add(context.self().name() + ":" + text(envelope.payload()));
                }
                return Code::OK;
            },
            name);
    }

    TypeRange events(const std::string &name) {
        Result<TypeRange> named = EventStream::named(system->types(), name);
        EXPECT_TRUE(named.ok()) << named.status().message();
        return named.value();
    }

    EventStream &stream() { return system->events(); }

    std::atomic<int64_t> heard{0};
};

TEST_F(EventStreamTest, SubscribersGetTheTypesTheySubscribedTo) {
    Ptr<Cell> left = listener("left"), right = listener("right");
    const TypeId other = system->types().intern("test.Other").value();
    stream().subscribe(events("test.Word"), *left);
    stream().subscribe(events("test.Word"), *left);
    stream().subscribe(events("test.Word"), *right);
    stream().subscribe(events("test.Other"), *right);
    EXPECT_EQ(stream().publish(word, bytes("a")), 2);
    EXPECT_EQ(stream().publish(other, bytes("b")), 1);
    std::vector<std::string> lines = journal.wait_for(3);
    std::sort(lines.begin(), lines.end());
    EXPECT_EQ(lines, (std::vector<std::string>{"left:a", "right:a", "right:b"}));
    stream().unsubscribe(events("test.Word"), *right);
    stream().unsubscribe(events("test.Word"), *right);
    EXPECT_EQ(stream().publish(word, bytes("c")), 1);
    EXPECT_EQ(stream().publish(other, bytes("d")), 1);
    EXPECT_TRUE(journal.wait_for_line("left:c"));
    EXPECT_TRUE(journal.wait_for_line("right:d"));
}

TEST_F(EventStreamTest, SenderAndTraceTravel) {
    Random random(7);
    const TraceContext trace = TraceContext::root(random, false);
    Ptr<Cell> publisher = listener("publisher");
    Ptr<Cell> subscriber = spawn([&](Context &context, const Envelope &envelope) {
        if (envelope.type() == word) {
            journal.add(context.trace() == trace && envelope.sender() == publisher.get() ? "as sent" : "changed");
        }
        return Code::OK;
    });
    stream().subscribe(events("test.Word"), *subscriber);
    EXPECT_EQ(stream().publish(word, {}, publisher.get(), trace), 1);
    EXPECT_EQ(journal.wait_for(1)[0], "as sent");
}

TEST_F(EventStreamTest, ASubscriptionEndsWithItsActor) {
    Ptr<Cell> mortal = listener("mortal");
    stream().subscribe(events("test.Word"), *mortal);
    stream().subscribe(events("cluster"), *mortal);
    stop(mortal);
    wait_stopped(mortal);
    for (auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
         stream().has_subscribers(word) && std::chrono::steady_clock::now() < deadline;) {
        std::this_thread::yield();
    }
    EXPECT_FALSE(stream().has_subscribers(word));
    EXPECT_FALSE(stream().has_subscribers(types::member_up));
    stream().subscribe(events("test.Word"), *mortal);
    EXPECT_FALSE(stream().has_subscribers(word)) << "who has stopped is not subscribed";
    EXPECT_EQ(stream().publish(word, {}), 0);
}

TEST_F(EventStreamTest, ATopicStandsForItsTypes) {
    Ptr<Cell> some = listener("some"), all = listener("all");
    stream().subscribe(events("cluster"), *all);
    stream().subscribe(events("motet.cluster.MemberUp"), *some);
    EXPECT_EQ(stream().publish(types::member_up, {}), 2);
    EXPECT_EQ(stream().publish(types::member_joined, {}), 1);
    stream().unsubscribe(events("cluster"), *all);
    EXPECT_EQ(stream().publish(types::member_up, {}), 1);
    EXPECT_FALSE(stream().has_subscribers(types::join_refused));
}

TEST_F(EventStreamTest, NamesThatAreNoEventAreRefused) {
    for (const char *name :
         {"motet.PoisonPill", "motet.PreStart", "motet.no.such", "", "two words", "gossip", "test.Unknown"}) {
        Result<TypeRange> named = EventStream::named(system->types(), name);
        ASSERT_FALSE(named.ok()) << name;
        EXPECT_EQ(named.status().code(), Code::INVALID);
    }
    EXPECT_NE(EventStream::named(system->types(), "motet.no.such").status().message().find("dead-letters, remoting"),
              std::string::npos);
}

TEST_F(EventStreamTest, AGreeterComesBeforeTheEvents) {
    Ptr<Cell> subscriber = listener("new");
    stream().greet(types::cluster_state, [&](const Ref &who, TypeRange range) {
        who->deliver(Envelope::make(types::cluster_state, bytes("state"), nullptr, {}));
        stream().admit(range, *who);
    });
    stream().subscribe(events("motet.cluster.MemberUp"), *subscriber);
    EXPECT_EQ(stream().publish(types::member_up, bytes("up")), 1) << "only the state itself is greeted with";
    stream().subscribe(events("cluster"), *subscriber);
    EXPECT_EQ(stream().publish(types::member_left, bytes("left")), 1);
    EXPECT_EQ(journal.wait_for(3), (std::vector<std::string>{"new:up", "new:state", "new:left"}));
    stream().greet(types::cluster_state, {});
}

TEST_F(EventStreamTest, ManyThreadsSubscribePublishAndEnd) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            const TypeRange range = events(t % 2 == 0 ? "test.Word" : "cluster");
            for (int i = 0; i < 100; ++i) {
                Ptr<Cell> actor = spawn([this](Context &, const Envelope &envelope) {
                    heard += envelope.type() == word ? 1 : 0;
                    return Code::OK;
                });
                stream().subscribe(range, *actor);
                stream().publish(word, bytes("now"));
                stop(actor);
                stream().unsubscribe(range, *actor);
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    EXPECT_FALSE(stream().has_subscribers(word));
    EXPECT_FALSE(stream().has_subscribers(types::member_up));
}

}  // namespace
}  // namespace motet
