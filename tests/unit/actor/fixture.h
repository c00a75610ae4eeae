// What the tests of the actor room share: a system, behaviours made of a function, and a place where messages are
// collected.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/actor/cell.h"
#include "core/actor/system.h"

namespace motet {

inline Bytes bytes(std::string_view text) { return {reinterpret_cast<const uint8_t *>(text.data()), text.size()}; }
inline std::string text(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

using Receive = std::function<Code(Context &, const Envelope &)>;

class FunctionBehavior final : public Behavior {
  public:
    explicit FunctionBehavior(Receive receive) : receive_(std::move(receive)) {}
    Code receive(Context &context, const Envelope &envelope) override { return receive_(context, envelope); }

  private:
    Receive receive_;
};

inline Ptr<Props> props(Receive receive) {
    auto result = make_counted<Props>();
    result->make_behavior = [receive](Context &) -> Result<std::unique_ptr<Behavior>> {
        return std::unique_ptr<Behavior>(new FunctionBehavior(receive));
    };
    return result;
}

// Collects lines from any thread; tests wait for what they expect, with a deadline.
class Journal {
  public:
    void add(std::string line) {
        std::lock_guard lock(mutex_);
        lines_.push_back(std::move(line));
        changed_.notify_all();
    }

    std::vector<std::string> wait_for(size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(60), [&] { return lines_.size() >= count; });
        return lines_;
    }

    bool wait_for_line(const std::string &line) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(60),
                                 [&] { return std::find(lines_.begin(), lines_.end(), line) != lines_.end(); });
    }

    std::vector<std::string> lines() {
        std::lock_guard lock(mutex_);
        return lines_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

class ActorTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(config.set("log.level", "off").ok());
        start();
    }

    void TearDown() override {
        if (system) {
            Status closed = system->close(60 * kSecond);
            EXPECT_TRUE(closed.ok()) << closed.message();
        }
    }

    void start() {
        Result<Ptr<System>> started = System::start(config);
        ASSERT_TRUE(started.ok()) << started.status().message();
        system = started.value();
        word = system->types().intern("test.Word").value();
    }

    Ptr<Cell> spawn(Receive receive, const std::string &name = "") { return spawn(props(std::move(receive)), name); }

    Ptr<Cell> spawn(Ptr<Props> description, const std::string &name = "") {
        Result<Ptr<Cell>> spawned =
            system->spawn(*system->user_guardian(), Ptr<const Props>(description), name, !name.empty());
        EXPECT_TRUE(spawned.ok()) << spawned.status().message();
        return spawned.value();
    }

    Code tell(const Ptr<Cell> &target, std::string_view payload, const ActorRef *sender = nullptr) {
        return target->deliver(Envelope::make(word, bytes(payload), sender, {}));
    }

    void stop(const Ptr<Cell> &cell) { cell->deliver_system(new SystemMessage{SystemKind::stop, {}}); }

    // Waits until an actor is gone: it takes nothing any more, what it left is dead letters, and its name is free.
    void wait_stopped(const Ptr<Cell> &cell) {
        const auto gone = [&] { return cell->stopped() && cell->parent()->children().find(cell->name()) != cell; };
        for (auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
             !gone() && std::chrono::steady_clock::now() < deadline;) {
            std::this_thread::yield();
        }
        EXPECT_TRUE(gone());
    }

    Config config;
    Ptr<System> system;
    TypeId word = 0;
    Journal journal;
};

}  // namespace motet
