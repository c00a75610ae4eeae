#include "core/cluster/flap_damping.h"

#include <gtest/gtest.h>

#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

constexpr uint64_t kOther = 2;

struct Damped {
    explicit Damped(Nanos longest = 64 * kSecond) : damping(longest) {
        state.apply(make_member(1), 0);
        state.apply(make_member(kOther), 0);
    }

    // Whether the other one is told as unreachable, this much later.
    bool told(Nanos later, bool unreachable) {
        now += later;
        holds.clear();
        return damping.update(now, state, unreachable ? std::set{kOther} : std::set<uint64_t>{}, holds).count(kOther) >
               0;
    }

    // How long it is held back when it has been away for a second.
    Nanos hold_of_return() {
        EXPECT_TRUE(told(kSecond, true));
        told(kSecond, false);
        EXPECT_LE(holds.size(), 1u);
        return holds.empty() ? 0 : holds[0].duration;
    }

    State state{1};
    FlapDamping damping;
    Nanos now = 1000 * kSecond;
    std::vector<FlapDamping::Hold> holds;
};

TEST(FlapDamping, OneReturnIsToldAtOnce) {
    Damped damped;
    EXPECT_TRUE(damped.told(0, true));
    EXPECT_TRUE(damped.told(kSecond, true));
    EXPECT_FALSE(damped.told(kSecond, false));
    EXPECT_TRUE(damped.holds.empty());
    EXPECT_FALSE(damped.damping.holding());
}

TEST(FlapDamping, TheSecondHasToLast) {
    Damped damped;
    damped.hold_of_return();
    EXPECT_EQ(damped.hold_of_return(), 2 * kSecond);
    EXPECT_EQ(damped.holds[0].returns, 2);
    EXPECT_TRUE(damped.damping.holding());
    EXPECT_TRUE(damped.told(2 * kSecond - 1, false));
    EXPECT_FALSE(damped.told(1, false));
    EXPECT_FALSE(damped.damping.holding());
}

TEST(FlapDamping, EachFurtherOneTwiceAsLongUpToTheLongest) {
    Damped damped;
    const std::vector<Nanos> expected = {0, 2, 4, 8, 16, 32, 64, 64, 64};
    for (const Nanos seconds : expected) {
        EXPECT_EQ(damped.hold_of_return(), seconds * kSecond);
    }
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(damped.hold_of_return(), 64 * kSecond);
    }
}

TEST(FlapDamping, WhoGoesWhileHeldBackIsToldNothing) {
    Damped damped;
    damped.hold_of_return();
    damped.hold_of_return();
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(damped.told(kSecond, true));
        EXPECT_TRUE(damped.told(kSecond, false)) << "it never lasts";
    }
}

TEST(FlapDamping, WhatIsLongPastDoesNotCount) {
    Damped damped;
    damped.hold_of_return();
    damped.hold_of_return();
    EXPECT_FALSE(damped.told(FlapDamping::kWindow + 1, false));
    EXPECT_EQ(damped.hold_of_return(), 0);
}

TEST(FlapDamping, LongAbsenceIsNoFlapping) {
    Damped damped;
    damped.hold_of_return();
    EXPECT_TRUE(damped.told(1, true));
    EXPECT_FALSE(damped.told(FlapDamping::kWindow + 1, false));
}

TEST(FlapDamping, WhoIsNoMemberIsForgotten) {
    Damped damped;
    damped.hold_of_return();
    damped.hold_of_return();
    damped.state.apply(make_member(kOther, MemberStatus::removed), damped.now);
    EXPECT_FALSE(damped.told(1, false));
    EXPECT_FALSE(damped.damping.holding());
}

TEST(FlapDamping, MayBeOff) {
    Damped damped(0);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(damped.hold_of_return(), 0);
    }
}

}  // namespace
}  // namespace motet
