// What the tests of the C++ layer share: a quiet system, an actor that collects, and messages.
// Knows the C++ layer.
// Must never know the engine behind it.
#pragma once

#include <motet/motet.hpp>

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

// How long a test waits for what must come.
inline constexpr auto patience = 60s;

struct Text {
    std::string text;
    bool operator==(const Text &) const = default;
    MOTET_FIELDS(text)
};
struct Number {
    std::int64_t number = 0;
    MOTET_FIELDS(number)
};
struct Ping {};
struct Unknown {};

MOTET_MESSAGE(Text, "test.Text");
MOTET_MESSAGE(Number, "test.Number");
MOTET_MESSAGE(Ping, "test.Ping");
MOTET_MESSAGE(Unknown, "test.Unknown");

inline motet::Config quiet() {
    return std::move(motet::Config().set("remote.enabled", "off").set("log.level", "error"));
}

// Box is where actors put things for a test to take them out.
template <class T> class Box {
  public:
    void put(T value) {
        std::lock_guard lock(mutex_);
        values_.push_back(std::move(value));
        changed_.notify_all();
    }

    // Waits until there are so many; gives all.
    std::vector<T> take(std::size_t count) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, patience, [&] { return values_.size() >= count; }))
            << "only " << values_.size() << " of " << count;
        return values_;
    }

    std::size_t size() {
        std::lock_guard lock(mutex_);
        return values_.size();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<T> values_;
};

// An actor that puts every message of one type into a box.
template <class M> std::pair<std::shared_ptr<Box<M>>, motet::Props> collector() {
    auto box = std::make_shared<Box<M>>();
    return {box, motet::actor([box](motet::Context &, const M &message) { box->put(message); })};
}
