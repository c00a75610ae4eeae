// Many threads spawn, watch, tell, fail, restart and stop at once; run under the thread sanitizer too.
#include <atomic>
#include <thread>

#include "core/actor/foreign.h"
#include "fixture.h"

namespace motet {
namespace {

class StressTest : public ActorTest {
  protected:
    void SetUp() override {
        ASSERT_TRUE(config.set("actor.threads", "4").ok());
        ActorTest::SetUp();
    }
};

TEST_F(StressTest, EveryMessageOfEverySenderArrivesInOrder) {
    constexpr int kSenders = 4;
    constexpr int kMessages = 5000;
    std::atomic<int> wrong{0};
    std::atomic<int> last[kSenders] = {};
    Ptr<Cell> receiver = spawn([&](Context &, const Envelope &envelope) {
        if (envelope.type() == word) {
            Bytes data = envelope.payload();
            int sender = data[0];
            int number = data[1] * 256 + data[2];
            wrong += last[sender].exchange(number) + 1 != number;
        }
        return Code::OK;
    });
    std::vector<std::thread> senders;
    for (int sender = 0; sender < kSenders; ++sender) {
        senders.emplace_back([&, sender] {
            for (int i = 1; i <= kMessages; ++i) {
                uint8_t data[3] = {static_cast<uint8_t>(sender), static_cast<uint8_t>(i / 256),
                                   static_cast<uint8_t>(i % 256)};
                EXPECT_EQ(receiver->deliver(Envelope::make(word, data, nullptr, {})), Code::OK);
            }
        });
    }
    for (std::thread &sender : senders) {
        sender.join();
    }
    receiver->deliver(Envelope::make(types::poison_pill, {}, nullptr, {}));
    wait_stopped(receiver);
    EXPECT_EQ(wrong, 0);
    for (const auto &number : last) {
        EXPECT_EQ(number, kMessages);
    }
}

TEST_F(StressTest, LivesUnderFire) {
    constexpr int kThreads = 4;
    constexpr int kRounds = 200;
    std::atomic<int> began{0};
    std::atomic<int> ended{0};
    std::atomic<int> inside{0};
    std::atomic<int> terminated{0};
    auto description = props([&](Context &context, const Envelope &envelope) {
        if (envelope.type() == types::pre_start) {
            ++began;
        } else if (envelope.type() == types::post_stop) {
            ++ended;
        } else if (envelope.type() == word && text(envelope.payload()) == "fail") {
            return context.fail(Code::FAILED, "told to");
        }
        return Code::OK;
    });
    Ptr<Cell> watcher = spawn([&](Context &, const Envelope &envelope) {
        EXPECT_EQ(inside.fetch_add(1), 0) << "two handlers of one actor at once";
        terminated += envelope.type() == types::terminated;
        inside.fetch_sub(1);
        return Code::OK;
    });
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < kRounds; ++i) {
                Ptr<Cell> actor = spawn(description);
                watcher->watch(*actor);
                tell(actor, "hello", watcher.get());
                tell(actor, "fail");
                tell(actor, "again");
                stop(actor);
                tell(actor, "late");
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (terminated < kThreads * kRounds && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    EXPECT_EQ(terminated, kThreads * kRounds);
    EXPECT_TRUE(system->close(60 * kSecond).ok());
    EXPECT_EQ(began, ended);
}

TEST_F(StressTest, ForeignPollersShareTheWork) {
    auto dispatcher = make_counted<ForeignDispatcher>(*system);
    ASSERT_TRUE(system->keep(*dispatcher).ok());
    constexpr int kActors = 20;
    constexpr int kMessages = 500;
    std::atomic<int> handled{0};
    std::atomic<int> restarts{0};
    std::atomic<int> inside[kActors + 1] = {};
    std::vector<Ptr<Cell>> actors;
    for (int i = 1; i <= kActors; ++i) {
        auto description = make_counted<Props>();
        description->foreign = dispatcher;
        description->foreign_number = static_cast<uint64_t>(i);
        actors.push_back(spawn(description));
    }
    auto poll = [&] {
        Batch batch;
        while (dispatcher->poll(batch, 100, -1) >= 0) {
            for (size_t i = 0; i < batch.records().size();) {
                uint64_t actor = batch.records()[i].actor;
                EXPECT_EQ(inside[actor].fetch_add(1), 0) << "one actor in two batches";
                size_t run = 0;
                bool failed = false;
                for (; i < batch.records().size() && batch.records()[i].actor == actor; ++i) {
                    const Delivery &delivery = batch.records()[i];
                    restarts += delivery.type == types::post_restart;
                    if (!failed && delivery.type == word) {
                        // The first message of every actor fails once; what came after it must come again.
                        failed = delivery.data_size == 4;
                        handled += !failed;
                    }
                    run += !failed;
                }
                inside[actor].fetch_sub(1);
                dispatcher->complete(actor, static_cast<int64_t>(run), failed ? Code::FAILED : Code::OK,
                                     failed ? "told to" : "");
            }
        }
    };
    std::thread first(poll);
    std::thread second(poll);
    for (int m = 0; m < kMessages; ++m) {
        for (const Ptr<Cell> &actor : actors) {
            EXPECT_EQ(tell(actor, m == 0 ? "fail" : "x"), Code::OK);
        }
    }
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (handled < kActors * (kMessages - 1) && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    EXPECT_EQ(handled, kActors * (kMessages - 1));
    EXPECT_EQ(restarts, kActors);
    EXPECT_TRUE(system->close(10 * kSecond).ok());
    first.join();
    second.join();
}

TEST_F(StressTest, CloseUnderLoadEnds) {
    std::atomic<bool> go{true};
    std::vector<Ptr<Cell>> actors;
    for (int i = 0; i < 50; ++i) {
        actors.push_back(spawn([](Context &context, const Envelope &envelope) {
            if (envelope.type() >= types::first_user) {
                context.reply(envelope.type(), envelope.payload());
            }
            return Code::OK;
        }));
    }
    std::vector<std::thread> senders;
    for (int t = 0; t < 3; ++t) {
        senders.emplace_back([&, t] {
            for (size_t i = static_cast<size_t>(t); go; ++i) {
                tell(actors[i % actors.size()], "x", actors[(i + 7) % actors.size()].get());
            }
        });
    }
    for (const Ptr<Cell> &actor : actors) {
        tell(actor, "begin", actor.get());
    }
    Status closed = system->close(60 * kSecond);
    EXPECT_TRUE(closed.ok()) << closed.message();
    go = false;
    for (std::thread &sender : senders) {
        sender.join();
    }
}

TEST_F(StressTest, AHandlerThatDoesNotEndIsCutOff) {
    auto gate = std::make_shared<std::mutex>();  // outlives the test, as the thread does
    gate->lock();
    auto seen = std::make_shared<Journal>();
    Ptr<Cell> stuck = spawn([gate, seen](Context &, const Envelope &envelope) {
        if (envelope.type() >= types::first_user) {
            seen->add("stuck");
            std::lock_guard wait(*gate);
        }
        return Code::OK;
    });
    tell(stuck, "x");
    ASSERT_TRUE(seen->wait_for_line("stuck"));
    EXPECT_EQ(system->close(50 * kMillisecond).code(), Code::TIMEOUT);
    gate->unlock();
    // What a handler that does not end stands on is kept for ever; this is where the leak checker finds it.
    static auto *cut_off = new std::vector<Ptr<System>>;
    cut_off->push_back(system);
    system = nullptr;
}

}  // namespace
}  // namespace motet
