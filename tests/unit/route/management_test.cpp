// Messages that manage a router, and senders that go on while its routees change.
#include <atomic>
#include <thread>

#include "fixture.h"

namespace motet {
namespace {

class ManagementTest : public RouteTest {
  protected:
    Code adjust(const Ptr<Cell> &pool, int64_t change) {
        return send(pool, types::adjust_pool_size, body("change", change));
    }
};

TEST_F(ManagementTest, ARouterTellsItsRoutees) {
    Ptr<Cell> pool = router("round-robin-pool", 2);
    std::vector<Ptr<Cell>> routees = children(pool);
    EXPECT_EQ(ask_routees(pool), (std::vector<std::string>{routees[0]->full_path(), routees[1]->full_path()}));
    Ptr<Cell> group = router({{"router", "random-group"}, {"router.paths", "/user/x"}}, noting(), "group");
    EXPECT_EQ(ask_routees(group), (std::vector<std::string>{"motet://motet/user/x"}));
}

TEST_F(ManagementTest, APoolGrowsAndShrinksButNeverToNothing) {
    Ptr<Cell> pool = router("round-robin-pool", 1);
    Ptr<Cell> first = children(pool)[0];
    adjust(pool, 4);
    EXPECT_EQ(ask_routees(pool).size(), 5u);
    adjust(pool, -2);
    EXPECT_EQ(ask_routees(pool).size(), 3u);
    adjust(pool, -100);
    EXPECT_EQ(ask_routees(pool), (std::vector<std::string>{first->full_path()})) << "the eldest stays";
    adjust(pool, INT64_MIN);
    EXPECT_EQ(ask_routees(pool).size(), 1u);
    EXPECT_TRUE(soon([&] { return pool->children().all().size() == 1; }));
    EXPECT_FALSE(pool->stopped());
    EXPECT_EQ(tell(pool, "x"), Code::OK);
    EXPECT_EQ(received(1), (Lines{"$a:x"}));
}

TEST_F(ManagementTest, RouteesAreAddedAndRemoved) {
    Ptr<Cell> own = spawn(noting(), "own");
    Ptr<Cell> pool = router("broadcast-pool", 2);
    std::vector<Ptr<Cell>> routees = children(pool);
    send(pool, types::add_routee, routee_body(*own));
    EXPECT_EQ(ask_routees(pool).size(), 3u);
    tell(pool, "1");
    EXPECT_EQ(received(3), (Lines{"$a:1", "$b:1", "own:1"}));

    send(pool, types::remove_routee, routee_body(*own));
    send(pool, types::remove_routee, routee_body(*routees[0]));
    EXPECT_EQ(ask_routees(pool), (std::vector<std::string>{routees[1]->full_path()}));
    wait_stopped(routees[0]);
    EXPECT_FALSE(own->stopped()) << "what the router has not made it does not end";
    tell(pool, "2");
    EXPECT_EQ(received(4).count("$b:2"), 1u);

    send(pool, types::remove_routee, routee_body(*routees[1]));
    wait_stopped(pool);
}

TEST_F(ManagementTest, AnAddedRouteeThatEndsLeaves) {
    Ptr<Cell> guest = spawn(noting(), "guest");
    spawn(noting(), "host");
    Ptr<Cell> group = router({{"router", "round-robin-group"}, {"router.paths", "/user/host"}}, noting());
    send(group, types::add_routee, routee_body(*guest));
    EXPECT_EQ(ask_routees(group).size(), 2u);
    stop(guest);
    EXPECT_TRUE(soon_of_size(group, 1));
    send(group, types::add_routee, routee_body(*guest));
    EXPECT_TRUE(soon_of_size(group, 1)) << "one that has ended does not stay";
    send(group, types::remove_routee, body("routee", msgpack::type::ext_ref("\x01/user/host", 11)));
    EXPECT_TRUE(soon_of_size(group, 0));
    EXPECT_EQ(tell(group, "x"), Code::STOPPED);
    EXPECT_FALSE(group->stopped()) << "a group may be empty for a while";
}

TEST_F(ManagementTest, WhatDoesNotFitIsADeadLetter) {
    Ptr<Cell> group = router({{"router", "random-group"}, {"router.paths", "/user/x"}}, noting());
    send(group, types::add_routee, body("routee", "/user/x"));
    send(group, types::add_routee, {});
    send(group, types::add_routee, routee_body(*group));
    send(group, types::remove_routee, body("colour", 1));
    EXPECT_TRUE(soon([&] { return dead(Code::MALFORMED) == 4; }));
    adjust(group, 1);
    EXPECT_TRUE(soon([&] { return dead(Code::UNHANDLED) == 1; })) << "a group has no size";
    Ptr<Cell> ordinary = spawn(
        [](Context &, const Envelope &envelope) { return is_signal(envelope.type()) ? Code::OK : Code::UNHANDLED; });
    send(ordinary, types::get_routees);
    EXPECT_TRUE(soon([&] { return dead(Code::UNHANDLED) == 2; }));
    EXPECT_EQ(ask_routees(group).size(), 1u);
}

TEST_F(ManagementTest, EveryMessageIsHandledOnceWhileRouteesComeAndGo) {
    constexpr int kSenders = 3;
    constexpr int kMessages = 3000;
    struct Counts {
        std::atomic<int> handled{0};
        std::atomic<uint8_t> times[kSenders * kMessages] = {};
    };
    auto counts = std::make_shared<Counts>();
    auto counting = props([counts](Context &, const Envelope &envelope) {
        if (envelope.type() >= types::first_user) {
            uint32_t number;
            std::memcpy(&number, envelope.payload().data(), sizeof number);
            ++counts->times[number];
            ++counts->handled;
        }
        return Code::OK;
    });
    Ptr<Cell> pool = router({{"router", "round-robin-pool"}, {"router.instances", "4"}}, counting);
    std::atomic<int> running{kSenders};
    std::vector<std::thread> senders;
    for (int s = 0; s < kSenders; ++s) {
        senders.emplace_back([&, s] {
            for (int i = 0; i < kMessages; ++i) {
                const auto number = static_cast<uint32_t>(s * kMessages + i);
                uint8_t data[sizeof number];
                std::memcpy(data, &number, sizeof number);
                EXPECT_EQ(pool->deliver(Envelope::make(word, data, nullptr, {})), Code::OK);
            }
            --running;
        });
    }
    for (int round = 0; running > 0; ++round) {
        adjust(pool, round % 2 == 0 ? 3 : -3);
        Ptr<Cell> guest = spawn(counting);
        send(pool, types::add_routee, routee_body(*guest));
        send(pool, types::remove_routee, routee_body(*guest));
        ask_routees(pool);
        guest->deliver(Envelope::make(types::poison_pill, {}, nullptr, {}));
    }
    for (std::thread &sender : senders) {
        sender.join();
    }
    EXPECT_EQ(send(pool, types::broadcast, wrapped("motet.PoisonPill", "")), Code::OK);
    wait_stopped(pool);
    EXPECT_TRUE(soon([&] { return counts->handled == kSenders * kMessages; }))
        << counts->handled << " handled, " << dead(Code::STOPPED) << " dead letters";
    for (const auto &times : counts->times) {
        EXPECT_EQ(times, 1);
    }
    EXPECT_EQ(dead(Code::STOPPED), 0u) << "who is taken away first does what it was sent";
}

TEST_F(ManagementTest, EveryMessageIsHandledOnceOrADeadLetterWhileRouteesDie) {
    constexpr int kSenders = 3;
    constexpr int kMessages = 2000;
    auto handled = std::make_shared<std::atomic<uint64_t>>(0);
    auto counting = props([handled](Context &, const Envelope &envelope) {
        *handled += envelope.type() >= types::first_user;
        return Code::OK;
    });
    Ptr<Cell> pool = router({{"router", "smallest-mailbox-pool"}, {"router.instances", "2"}}, counting);
    std::atomic<int> running{kSenders};
    std::vector<std::thread> senders;
    for (int s = 0; s < kSenders; ++s) {
        senders.emplace_back([&] {
            for (int i = 0; i < kMessages; ++i) {
                tell(pool, "x");
            }
            --running;
        });
    }
    while (running > 0) {
        adjust(pool, 1);
        ask_routees(pool);
        stop(children(pool)[0]);
        soon_of_size(pool, 2);
    }
    for (std::thread &sender : senders) {
        sender.join();
    }
    send(pool, types::poison_pill);
    wait_stopped(pool);
    EXPECT_TRUE(soon([&] { return *handled + dead(Code::STOPPED) == uint64_t{kSenders} * kMessages; }))
        << *handled << " handled, " << dead(Code::STOPPED) << " dead letters";
}

}  // namespace
}  // namespace motet
