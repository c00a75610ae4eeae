#include "core/route/hash_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/route/hash_key.h"

namespace motet {
namespace {

std::vector<std::string> names(int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) {
        all.push_back("motet.tcp://S@10.0.0." + std::to_string(i) + ":2551/user/worker");
    }
    return all;
}

std::string owner(const std::vector<std::string> &all, const std::string &key, int places = 10) {
    return all[HashRing(all, places).owner(HashRing::hash(key))];
}

TEST(HashRingTest, HashesAreTheSameEverywhere) {
    EXPECT_EQ(HashRing::hash(""), 0xf52a15e9a9b5e89bu);
    EXPECT_EQ(HashRing::hash("a"), 0x2c0bdbf481420f8u);
    EXPECT_EQ(HashRing::hash("motet"), 0xd0749a9960c8fd23u);
}

TEST(HashRingTest, TheOrderOfTheNamesDoesNotMatter) {
    std::vector<std::string> forward = names(7);
    std::vector<std::string> backward(forward.rbegin(), forward.rend());
    for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(owner(forward, std::to_string(i)), owner(backward, std::to_string(i)));
    }
}

TEST(HashRingTest, OnlyTheKeysOfWhoLeavesMove) {
    const std::vector<std::string> before = names(10);
    std::vector<std::string> after = before;
    after.erase(after.begin() + 4);
    const HashRing ring_before(before, 10);
    const HashRing ring_after(after, 10);
    int moved = 0;
    constexpr int kKeys = 10'000;
    for (int i = 0; i < kKeys; ++i) {
        const uint64_t hash = HashRing::hash(std::to_string(i));
        const std::string &old_owner = before[ring_before.owner(hash)];
        const std::string &new_owner = after[ring_after.owner(hash)];
        if (old_owner == before[4]) {
            ++moved;
        } else {
            EXPECT_EQ(old_owner, new_owner);
        }
    }
    EXPECT_GT(moved, kKeys / 40);
    EXPECT_LT(moved, kKeys / 4);
}

TEST(HashRingTest, MorePlacesSpreadMoreEvenly) {
    const std::vector<std::string> all = names(10);
    const HashRing ring(all, 1000);
    std::map<size_t, int> keys;
    for (int i = 0; i < 10'000; ++i) {
        ++keys[ring.owner(HashRing::hash(std::to_string(i)))];
    }
    ASSERT_EQ(keys.size(), 10u);
    for (const auto &[name, count] : keys) {
        EXPECT_GT(count, 800);
        EXPECT_LT(count, 1200);
    }
}

TEST(HashKeyTest, AKeyIsItsTextItsBytesOrItsDigits) {
    Field text{Field::Kind::text, "42"};
    Field binary{Field::Kind::binary, "42"};
    Field number{Field::Kind::integer, {}, 42};
    Field below{Field::Kind::integer, {}, static_cast<uint64_t>(int64_t{-42}), true};
    Field most{Field::Kind::integer, {}, UINT64_MAX};
    EXPECT_EQ(hash_of_key(text), HashRing::hash("42"));
    EXPECT_EQ(hash_of_key(binary), HashRing::hash("42"));
    EXPECT_EQ(hash_of_key(number), HashRing::hash("42"));
    EXPECT_EQ(hash_of_key(below), HashRing::hash("-42"));
    EXPECT_EQ(hash_of_key(most), HashRing::hash("18446744073709551615"));
    EXPECT_EQ(hash_of_key({Field::Kind::other}), std::nullopt);
    EXPECT_EQ(hash_of_key({}), std::nullopt);
}

}  // namespace
}  // namespace motet
