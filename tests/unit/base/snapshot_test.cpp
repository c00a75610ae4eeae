#include "core/base/snapshot.h"

#include <gtest/gtest.h>

#include <vector>

namespace motet {
namespace {

TEST(SnapshotTest, WhatIsChangedTakesThePlace) {
    Snapshot<std::vector<int>> numbers({1, 2});
    EXPECT_EQ(numbers.change([](std::vector<int> &all) {
        all.push_back(3);
        return all.size();
    }),
              3u);
    const auto reading = numbers.read();
    EXPECT_EQ(*reading, (std::vector<int>{1, 2, 3}));
}

TEST(SnapshotTest, ReadingsMayNest) {
    Snapshot<int> inner(1);
    Snapshot<int> outer(2);
    auto first = outer.read();
    auto second = inner.read();
    auto again = outer.read();
    EXPECT_EQ(*first + *second + *again, 5);
}

TEST(SnapshotTest, WhoReplacesWaitsForReaders) {
    Snapshot<int> number(1);
    std::atomic<bool> reading{false};
    std::atomic<bool> replaced{false};
    std::atomic<bool> early{false};
    std::thread reader([&] {
        auto value = number.read();
        reading = true;
        for (int i = 0; i < 1000; ++i) {
            std::this_thread::yield();
        }
        early = replaced.load();
    });
    while (!reading) {
        std::this_thread::yield();
    }
    number.change([](int &value) { value = 2; });
    replaced = true;
    reader.join();
    EXPECT_FALSE(early);
}

TEST(SnapshotTest, ManyReadersSeeWholeValuesWhileTheyChange) {
    struct Pair {
        std::vector<int> left, right;
    };
    Snapshot<Pair> pair;
    std::atomic<bool> done{false};
    std::atomic<int> torn{0};
    std::vector<std::thread> readers;
    for (int t = 0; t < 4; ++t) {
        readers.emplace_back([&] {
            while (!done) {
                auto value = pair.read();
                torn += value->left != value->right;
            }
        });
    }
    for (int i = 0; i < 300; ++i) {
        pair.change([&](Pair &value) {
            value.left.push_back(i);
            value.right.push_back(i);
        });
    }
    done = true;
    for (std::thread &reader : readers) {
        reader.join();
    }
    EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace motet
