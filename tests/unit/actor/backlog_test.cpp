#include "core/actor/backlog.h"

#include <gtest/gtest.h>

#include <string>

#include "core/message/type_table.h"

namespace motet {
namespace {

constexpr TypeId kUrgent = 100;
constexpr TypeId kPlain = 101;
constexpr TypeId kBulk = 102;

Envelope *message(TypeId type, char mark) {
    auto byte = static_cast<uint8_t>(mark);
    return Envelope::make(type, {&byte, 1}, nullptr, {});
}

// The marks of what is queued, in the order in which it comes.
std::string drained(Backlog &backlog) {
    std::string marks;
    while (Envelope *envelope = backlog.pop()) {
        marks += static_cast<char>(envelope->payload()[0]);
        envelope->destroy();
    }
    return marks;
}

MailboxSettings prioritised() {
    MailboxSettings settings;
    settings.priorities = {{kUrgent, -1}, {kBulk, 5}};
    return settings;
}

TEST(BacklogTest, ComesByPriorityAndThenByArrival) {
    Backlog backlog(prioritised());
    for (auto [type, mark] : {std::pair(kBulk, 'd'), {kPlain, 'b'}, {kUrgent, 'a'}, {kBulk, 'e'}, {kPlain, 'c'}}) {
        EXPECT_EQ(backlog.push(message(type, mark)).code, Code::OK);
    }
    EXPECT_EQ(drained(backlog), "abcde");
}

TEST(BacklogTest, RefusesTheNewestWhenFull) {
    MailboxSettings settings = prioritised();
    settings.capacity = 2;
    Backlog backlog(settings);
    backlog.push(message(kPlain, 'a'));
    backlog.push(message(kPlain, 'b'));
    Envelope *refused = message(kUrgent, 'c');
    EXPECT_EQ(backlog.push(refused).code, Code::MAILBOX_FULL);
    refused->destroy();
    EXPECT_EQ(drained(backlog), "ab");
}

TEST(BacklogTest, DropsTheOldestOfTheLeastUrgent) {
    MailboxSettings settings = prioritised();
    settings.capacity = 3;
    settings.overflow = Overflow::drop_oldest;
    Backlog backlog(settings);
    backlog.push(message(kUrgent, 'a'));
    backlog.push(message(kBulk, 'x'));
    backlog.push(message(kBulk, 'c'));
    Backlog::Pushed pushed = backlog.push(message(kPlain, 'b'));
    ASSERT_TRUE(pushed.dropped);
    EXPECT_EQ(pushed.dropped->payload()[0], 'x');
    pushed.dropped->destroy();
    EXPECT_EQ(drained(backlog), "abc");
}

TEST(BacklogTest, NeverDropsATick) {
    MailboxSettings settings;
    settings.capacity = 2;
    settings.overflow = Overflow::drop_oldest;
    Backlog backlog(settings);
    backlog.append(message(types::timer_tick, 't'));
    backlog.push(message(kPlain, 'x'));
    EXPECT_EQ(backlog.push(message(kPlain, 'a')).dropped, nullptr);
    Backlog::Pushed pushed = backlog.push(message(kPlain, 'b'));
    ASSERT_TRUE(pushed.dropped);
    EXPECT_EQ(pushed.dropped->payload()[0], 'x');
    pushed.dropped->destroy();
    EXPECT_EQ(drained(backlog), "tab");
}

TEST(BacklogTest, TellsOfHighWaterOncePerRise) {
    MailboxSettings settings;
    settings.high_water = 4;
    Backlog backlog(settings);
    int told = 0;
    for (int i = 0; i < 6; ++i) {
        told += backlog.push(message(kPlain, 'm')).high_water ? 1 : 0;
    }
    EXPECT_EQ(told, 1);
    for (int i = 0; i < 4; ++i) {
        backlog.pop()->destroy();
    }
    EXPECT_FALSE(backlog.push(message(kPlain, 'm')).high_water) << "not below half";
    drained(backlog);
    for (int i = 0; i < 4; ++i) {
        told += backlog.push(message(kPlain, 'm')).high_water ? 1 : 0;
    }
    EXPECT_EQ(told, 2);
}

TEST(BacklogTest, AClosedOneTakesNothingAndGivesBackTheRest) {
    Backlog backlog(prioritised());
    backlog.push(message(kPlain, 'a'));
    EnvelopeList left;
    backlog.close(left);
    Envelope *only = left.pop_front();
    ASSERT_NE(only, nullptr);
    EXPECT_TRUE(left.empty());
    EXPECT_EQ(backlog.push(only).code, Code::STOPPED);
    only->destroy();
    backlog.append(message(kPlain, 'b'));
    EXPECT_EQ(backlog.pop(), nullptr);
}

}  // namespace
}  // namespace motet
