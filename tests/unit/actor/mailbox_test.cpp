#include "core/actor/mailbox.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace motet {
namespace {

struct Numbered : QueueNode {
    bool counted = false;
    int producer = 0;
    int number = 0;
};

// A mailbox as it is when its actor has begun and found nothing.
struct IdleMailbox : Mailbox {
    explicit IdleMailbox(uint32_t bound) : Mailbox(bound) { EXPECT_TRUE(idle()); }
};

int take(Mailbox &mailbox) {
    auto *front = static_cast<Numbered *>(mailbox.front());
    if (!front) {
        return -1;
    }
    mailbox.count_taken(*front);
    mailbox.remove(*front);
    return front->number;
}

TEST(MailboxTest, TheFirstMessageToAnIdleActorWakesIt) {
    IdleMailbox mailbox(10);
    Numbered first, second;
    EXPECT_EQ(mailbox.push(first), Mailbox::Pushed::woken);
    EXPECT_EQ(mailbox.push(second), Mailbox::Pushed::queued);
    EXPECT_FALSE(mailbox.remove_and_idle(first)) << "the second is still there";
    EXPECT_TRUE(mailbox.remove_and_idle(second));
    EXPECT_EQ(mailbox.push(first), Mailbox::Pushed::woken);
}

TEST(MailboxTest, MessagesComeInTheOrderInWhichTheyWerePushed) {
    IdleMailbox mailbox(10);
    std::vector<Numbered> nodes(5);
    for (int i = 0; i < 5; ++i) {
        nodes[i].number = i;
        mailbox.push(nodes[i]);
    }
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(take(mailbox), i);
    }
    EXPECT_EQ(take(mailbox), -1);
    EXPECT_TRUE(mailbox.idle());
}

TEST(MailboxTest, TheBoundCountsWhatWaitsBehindTheFirst) {
    IdleMailbox mailbox(2);
    std::vector<Numbered> nodes(5);
    EXPECT_EQ(mailbox.push(nodes[0]), Mailbox::Pushed::woken);
    EXPECT_EQ(mailbox.push(nodes[1]), Mailbox::Pushed::queued);
    EXPECT_EQ(mailbox.push(nodes[2]), Mailbox::Pushed::queued);
    EXPECT_EQ(mailbox.push(nodes[3]), Mailbox::Pushed::full);
    EXPECT_EQ(mailbox.waiting(), 2u);
    EXPECT_EQ(mailbox.push<false>(nodes[4]), Mailbox::Pushed::queued) << "what does not count is not refused";
    take(mailbox);
    EXPECT_EQ(mailbox.push(nodes[3]), Mailbox::Pushed::full) << "two still wait";
    take(mailbox);
    EXPECT_EQ(mailbox.push(nodes[3]), Mailbox::Pushed::queued);
}

TEST(MailboxTest, AClosedMailboxTakesNothing) {
    Mailbox mailbox(2);
    Numbered node;
    EXPECT_EQ(mailbox.push(node), Mailbox::Pushed::queued);
    EXPECT_FALSE(mailbox.close()) << "something is queued";
    take(mailbox);
    EXPECT_TRUE(mailbox.close());
    EXPECT_TRUE(mailbox.closed());
    EXPECT_EQ(mailbox.push(node), Mailbox::Pushed::closed);
}

TEST(MailboxTest, AnIdleMailboxCanBeSeizedAndClosed) {
    IdleMailbox mailbox(2);
    EXPECT_FALSE(mailbox.close()) << "nobody runs the actor";
    mailbox.seize();
    EXPECT_TRUE(mailbox.close());
}

// Producers push for ever; a token that only the woken producer gets stands for the scheduled actor.
TEST(MailboxTest, ManyProducersLoseNothingAndKeepTheirOrder) {
    constexpr int kProducers = 4;
    constexpr int kMessages = 20000;
    IdleMailbox mailbox(kProducers * kMessages);  // never full
    std::vector<std::vector<Numbered>> nodes(kProducers);
    std::atomic<int> scheduled{0};
    std::vector<std::thread> producers;
    for (int p = 0; p < kProducers; ++p) {
        nodes[p] = std::vector<Numbered>(kMessages);
        producers.emplace_back([&, p] {
            for (int i = 0; i < kMessages; ++i) {
                nodes[p][i].producer = p;
                nodes[p][i].number = i;
                Mailbox::Pushed pushed = mailbox.push(nodes[p][i]);
                EXPECT_NE(pushed, Mailbox::Pushed::full);
                if (pushed == Mailbox::Pushed::woken) {
                    EXPECT_EQ(scheduled.fetch_add(1), 0) << "scheduled twice";
                    scheduled.notify_one();
                }
            }
        });
    }
    std::vector<int> next(kProducers, 0);
    int taken = 0;
    while (taken < kProducers * kMessages) {
        scheduled.wait(0);
        scheduled.fetch_sub(1);
        for (bool idle = false; !idle;) {
            QueueNode *front = mailbox.front();
            if (!front) {
                idle = mailbox.idle();
                continue;
            }
            auto *node = static_cast<Numbered *>(front);
            ASSERT_EQ(node->number, next[node->producer]++);
            mailbox.count_taken(*node);
            ++taken;
            idle = mailbox.remove_and_idle(*node);
        }
    }
    for (std::thread &producer : producers) {
        producer.join();
    }
    EXPECT_EQ(mailbox.waiting(), 0u);
}

}  // namespace
}  // namespace motet
