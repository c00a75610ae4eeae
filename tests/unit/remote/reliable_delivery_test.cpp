#include "core/remote/reliable_delivery.h"

#include <cstring>
#include <gtest/gtest.h>

#include "core/base/random.h"

namespace motet {
namespace {

Now at(Nanos mono) { return {mono, mono}; }

ByteBuffer record(uint64_t number) {
    ByteBuffer buffer;
    std::memcpy(buffer.extend(sizeof(number)), &number, sizeof(number));
    return buffer;
}

std::vector<uint64_t> numbers(const ByteBuffer &buffer) {
    std::vector<uint64_t> result(buffer.size() / sizeof(uint64_t));
    if (!result.empty()) {
        std::memcpy(result.data(), buffer.data(), buffer.size());
    }
    return result;
}

std::vector<uint64_t> collect(ReliableSender &sender, Nanos now) {
    ByteBuffer out;
    sender.collect(at(now), out);
    return numbers(out);
}

void add(ReliableSender &sender, Nanos now, int count) {
    for (int i = 0; i < count; ++i) {
        const uint64_t number = sender.next_sequence();
        ASSERT_TRUE(sender.add(at(now), record(number)));
    }
}

using Numbers = std::vector<uint64_t>;

TEST(ReliableSender, SendsNewOnceAndAllAgainWhenOverdue) {
    ReliableSender sender({.resend_interval = kSecond});
    add(sender, 0, 2);
    EXPECT_EQ(collect(sender, 0), (Numbers{1, 2}));
    add(sender, 0, 1);
    EXPECT_EQ(collect(sender, kSecond / 2), (Numbers{3}));
    EXPECT_EQ(collect(sender, kSecond - 1), (Numbers{}));
    EXPECT_EQ(collect(sender, kSecond), (Numbers{1, 2, 3}));
    sender.acknowledged(at(kSecond), 2);
    EXPECT_EQ(collect(sender, 2 * kSecond), (Numbers{3}));
    sender.acknowledged(at(2 * kSecond), 3);
    EXPECT_EQ(sender.waiting(), 0u);
    EXPECT_FALSE(sender.deadline().has_value());
}

TEST(ReliableSender, IgnoresAcknowledgementsOfWhatWasNeverSent) {
    ReliableSender sender({});
    add(sender, 0, 1);
    sender.acknowledged(at(0), 2);
    EXPECT_EQ(sender.waiting(), 1u);
    sender.acknowledged(at(0), 1);
    sender.acknowledged(at(0), 1);
    EXPECT_EQ(sender.waiting(), 0u);
    EXPECT_EQ(sender.next_sequence(), 2u);
}

TEST(ReliableSender, IsBoundedAndLosesHope) {
    ReliableSender sender({.buffer = 2, .give_up = 10 * kSecond});
    add(sender, 0, 2);
    EXPECT_FALSE(sender.add(at(0), record(3)));
    EXPECT_FALSE(sender.hopeless(at(10 * kSecond - 1)));
    EXPECT_TRUE(sender.hopeless(at(10 * kSecond)));
    EXPECT_EQ(sender.restart().size(), 2u);
    EXPECT_EQ(sender.next_sequence(), 1u);
    EXPECT_FALSE(sender.hopeless(at(10 * kSecond)));
}

TEST(ReliableSender, KeepsAWindow) {
    ReliableSender sender({});
    add(sender, 0, 500);
    EXPECT_EQ(collect(sender, 0).size(), ReliableSender::kMaxResent);
    EXPECT_TRUE(collect(sender, 0).empty());
    sender.acknowledged(at(0), 150);
    EXPECT_EQ(collect(sender, 0).size(), 150u);
}

TEST(ReliableSender, SendsAllAgainOnAFreshLink) {
    ReliableSender sender({});
    add(sender, 0, 2);
    collect(sender, 0);
    sender.link_renewed();
    EXPECT_EQ(collect(sender, 1), (Numbers{1, 2}));
}

TEST(ReliableReceiver, TakesEachOnceAndInOrder) {
    using Verdict = ReliableReceiver::Verdict;
    ReliableReceiver receiver;
    EXPECT_EQ(receiver.accept(2), Verdict::gap);
    EXPECT_EQ(receiver.acknowledgement(), 0u);
    EXPECT_EQ(receiver.accept(1), Verdict::deliver);
    EXPECT_EQ(receiver.accept(1), Verdict::duplicate);
    EXPECT_EQ(receiver.accept(2), Verdict::deliver);
    EXPECT_EQ(receiver.acknowledgement(), 2u);
    receiver.restart();
    EXPECT_EQ(receiver.accept(1), Verdict::deliver);
}

// A link that loses, doubles and reorders, both ways.
class BadLink {
  public:
    explicit BadLink(uint64_t seed) : random_(seed) {}
    void send(uint64_t number) {
        for (uint64_t copies = random_.below(3); copies > 0; --copies) {  // none, one or two
            in_flight_.insert(in_flight_.begin() + static_cast<ptrdiff_t>(random_.below(in_flight_.size() + 1)),
                              number);
        }
    }
    std::vector<uint64_t> receive() { return std::exchange(in_flight_, {}); }

  private:
    Random random_;
    std::vector<uint64_t> in_flight_;
};

TEST(ReliableDelivery, IsInOrderAndExactlyOnceOverABadLink) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
        BadLink there(seed);
        BadLink back(seed + 1000);
        ReliableSender sender({.resend_interval = kSecond});
        ReliableReceiver receiver;
        Numbers delivered;
        uint64_t given = 0;
        for (Nanos now = 0; delivered.size() < 300; now += kSecond / 4) {
            ASSERT_LT(now, 3000 * kSecond) << "seed " << seed;
            if (given < 300) {
                add(sender, now, 3);
                given += 3;
            }
            for (const uint64_t number : collect(sender, now)) {
                there.send(number);
            }
            for (const uint64_t number : there.receive()) {
                if (receiver.accept(number) == ReliableReceiver::Verdict::deliver) {
                    delivered.push_back(number);
                }
                back.send(receiver.acknowledgement());
            }
            for (const uint64_t number : back.receive()) {
                sender.acknowledged(at(now), number);
            }
        }
        for (uint64_t i = 0; i < delivered.size(); ++i) {
            ASSERT_EQ(delivered[i], i + 1) << "seed " << seed;
        }
    }
}

}  // namespace
}  // namespace motet
