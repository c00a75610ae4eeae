#include "core/cluster/resolver.h"

#include <gtest/gtest.h>

#include "core/cluster/lease.h"
#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

using Uids = std::vector<uint64_t>;

// One node's resolver among five members, whose clock moves by hand.
class Resolving : public testing::Test {
  protected:
    explicit Resolving(DowningSettings settings = {}, uint64_t self = 1)
        : state_(self), self_(self), resolver_(settings, kSecond, 3 * kSecond) {
        for (uint64_t number = 1; number <= 5; ++number) {
            state_.apply(make_member(number), 0);
        }
        see_all();
    }

    void see_all() {
        for (const auto &[uid, member] : state_.members()) {
            state_.mark_seen(uid);
        }
    }

    // These cannot be reached any more, which another member says too; the rest has seen that.
    void lose(const std::set<uint64_t> &lost) {
        unreachable_ = lost;
        for (const auto &[uid, member] : Members(state_.members())) {
            if (uid != self_ && lost.count(uid) == 0) {
                Member witness = member;
                witness.accusations.clear();
                for (const uint64_t subject : lost) {
                    witness.accusations.push_back({subject, 0});
                }
                ++witness.observed;
                state_.apply(witness, 0);
                break;
            }
        }
        for (const auto &[uid, member] : state_.members()) {
            if (lost.count(uid) == 0) {
                state_.mark_seen(uid);
            }
        }
    }

    View view() const { return {state_, self_, unreachable_, departed_}; }

    // What is done until something is, or until the time has passed.
    SplitBrainResolver::Step run(Nanos time) {
        for (const Nanos end = now_.mono + time; now_.mono < end;) {
            now_.mono += 100 * kMillisecond;
            SplitBrainResolver::Step step = resolver_.step(now_, view());
            if (!step.down.empty() || step.acquire || step.release) {
                return step;
            }
        }
        return {};
    }

    void remove(std::initializer_list<uint64_t> uids) {
        for (const uint64_t uid : uids) {
            state_.apply(make_member(uid, MemberStatus::removed), 0);
        }
        unreachable_.clear();
    }

    Now now_;
    State state_;
    uint64_t self_;
    std::set<uint64_t> unreachable_;
    std::set<uint64_t> departed_;
    SplitBrainResolver resolver_;
};

TEST_F(Resolving, WaitsForThePictureToStayTheSame) {
    EXPECT_TRUE(run(100 * kSecond).down.empty());  // nobody is unreachable
    lose({4});
    EXPECT_TRUE(run(4 * kSecond).down.empty());
    lose({4, 5});
    EXPECT_TRUE(run(4 * kSecond).down.empty());
    state_.apply(make_member(6, MemberStatus::joining), 0);  // does not matter
    lose({4, 5});
    EXPECT_EQ(run(2 * kSecond).down, (Uids{4, 5}));
}

TEST_F(Resolving, WaitsLongerAsLongAsSomebodyHereMayBeOnTheOtherSide) {
    lose({5});
    state_.apply(make_member(6, MemberStatus::joining), 0);  // which nobody has seen
    EXPECT_TRUE(run(29 * kSecond).down.empty());
    EXPECT_EQ(run(2 * kSecond).down, (Uids{5}));
}

TEST_F(Resolving, WaitsNoLongerThanTheWindowOnceAllHereAgree) {
    lose({5});
    state_.apply(make_member(6, MemberStatus::joining), 0);
    EXPECT_TRUE(run(10 * kSecond).down.empty());
    lose({5});  // and the others see that
    EXPECT_EQ(run(kSecond).down, (Uids{5}));
}

TEST_F(Resolving, AfterAPauseTheWaitBeginsAnew) {
    lose({5});
    EXPECT_TRUE(run(4 * kSecond).down.empty());
    resolver_.restart(now_.mono);
    EXPECT_TRUE(run(4 * kSecond).down.empty());
    EXPECT_EQ(run(2 * kSecond).down, (Uids{5}));
}

class OfTheSecondMember : public Resolving {
  protected:
    OfTheSecondMember() : Resolving({}, 2) {}
};

TEST_F(OfTheSecondMember, OnlyTheFirstMemberDecides) {
    lose({5});
    EXPECT_TRUE(run(20 * kSecond).down.empty());
    lose({1, 5});
    EXPECT_EQ(run(20 * kSecond).down, (Uids{1, 5}));
}

TEST_F(Resolving, WhoCannotReachSomebodyWhomOthersCanLeavesItToTheNext) {
    state_.apply(accusing(*state_.find(1), {3}), 0);
    lose({5});
    EXPECT_TRUE(run(20 * kSecond).down.empty());
    self_ = 2;
    EXPECT_EQ(run(20 * kSecond).down, (Uids{5}));
}

class ByDerivedWindow : public Resolving {
  protected:
    static DowningSettings derived() {
        DowningSettings settings;
        settings.stable_after = 0;
        return settings;
    }
    ByDerivedWindow() : Resolving(derived()) {}
};

TEST_F(ByDerivedWindow, TheWindowFollowsTheTimeThatChangesTake) {
    (void)run(kSecond);
    EXPECT_EQ(resolver_.stable_after(), 3 * kSecond);  // the shortest
    state_.apply(make_member(6, MemberStatus::joining), 0);
    (void)run(2 * kSecond);
    see_all();
    (void)run(kSecond);
    EXPECT_NEAR(static_cast<double>(resolver_.stable_after()), 3.0 * 2 * kSecond + kSecond, 0.5 * kSecond);
    state_.apply(make_member(7, MemberStatus::joining), 0);
    (void)run(100 * kSecond);
    see_all();
    (void)run(kSecond);
    EXPECT_EQ(resolver_.stable_after(), 30 * kSecond);  // the longest
}

class WhenUnstable : public Resolving {
  protected:
    static DowningSettings impatient() {
        DowningSettings settings;
        settings.down_all_when_unstable = 4 * kSecond;
        return settings;
    }
    WhenUnstable() : Resolving(impatient()) { self_ = 3; }  // everybody does, not the leader alone

    // Whether all go within the time, while 4 and 5 are lost and found by turns; quiet: and both found in between.
    bool all_go(Nanos time, bool quiet) {
        for (const Nanos end = now_.mono + time; now_.mono < end;) {
            for (const std::set<uint64_t> &lost : {std::set<uint64_t>{4}, {5}, {}}) {
                if (lost.empty() && !quiet) {
                    continue;
                }
                lose(lost);
                if (run(kSecond).down == (Uids{1, 2, 3, 4, 5}) || run(kSecond).down.size() == 5) {
                    return true;
                }
            }
        }
        return false;
    }
};

TEST_F(WhenUnstable, AllGoWhenReachabilityDoesNotComeToRest) { EXPECT_TRUE(all_go(12 * kSecond, false)); }

TEST_F(WhenUnstable, NobodyGoesWhenItDoesInBetween) { EXPECT_FALSE(all_go(60 * kSecond, true)); }

class ByLease : public Resolving {
  protected:
    static DowningSettings by_lease() {
        DowningSettings settings;
        settings.strategy = DowningStrategy::lease_majority;
        return settings;
    }
    explicit ByLease(uint64_t self = 1) : Resolving(by_lease(), self) {}
};

class ByLeaseOfTheOtherSide : public ByLease {
  protected:
    ByLeaseOfTheOtherSide() : ByLease(4) {}
};

TEST_F(ByLease, WhoIsGrantedItDownsTheOthersAndGivesItBackLater) {
    lose({4, 5});
    EXPECT_TRUE(run(5500 * kMillisecond).acquire);
    EXPECT_EQ(resolver_.lease_answered(now_, view(), true).down, (Uids{4, 5}));
    EXPECT_FALSE(run(60 * kSecond).release);  // they are still there
    remove({4, 5});
    EXPECT_FALSE(run(39 * kSecond).release);
    EXPECT_TRUE(run(2 * kSecond).release);
    EXPECT_FALSE(run(60 * kSecond).release);
}

TEST_F(ByLease, WhoIsRefusedItDownsItsOwnSide) {
    lose({4, 5});
    EXPECT_TRUE(run(6 * kSecond).acquire);
    EXPECT_EQ(resolver_.lease_answered(now_, view(), false).down, (Uids{1, 2, 3}));
}

TEST_F(ByLease, NoAnswerIsARefusalAndALateGrantIsGivenBack) {
    lose({4, 5});
    EXPECT_TRUE(run(6 * kSecond).acquire);
    EXPECT_EQ(run(6 * kSecond).down, (Uids{1, 2, 3}));
    const SplitBrainResolver::Step late = resolver_.lease_answered(now_, view(), true);
    EXPECT_TRUE(late.release && late.down.empty());
}

TEST_F(ByLeaseOfTheOtherSide, TheSmallerSideAsksLater) {
    lose({1, 2, 3});
    const Nanos lost = now_.mono;
    EXPECT_TRUE(run(20 * kSecond).acquire);
    EXPECT_NEAR(static_cast<double>(now_.mono - lost), 7.0 * kSecond, 0.5 * kSecond);
}

TEST_F(ByLease, WhenAllIsWellAgainNobodyGoes) {
    lose({4, 5});
    EXPECT_TRUE(run(6 * kSecond).acquire);
    lose({});
    EXPECT_TRUE(resolver_.lease_answered(now_, view(), true).down.empty());
    EXPECT_TRUE(run(60 * kSecond).release);
}

TEST(InProcessLease, HasOneOwnerAtATime) {
    InProcessLease lease;
    const auto ask = [&](Lease::Operation operation, const char *owner) {
        Code code = Code::INTERNAL;
        lease.request({operation, "l", owner}, [&](const Status &outcome) { code = outcome.code(); });
        return code;
    };
    EXPECT_EQ(ask(Lease::Operation::check, "a"), Code::REFUSED);
    EXPECT_EQ(ask(Lease::Operation::acquire, "a"), Code::OK);
    EXPECT_EQ(ask(Lease::Operation::acquire, "a"), Code::OK);
    EXPECT_EQ(ask(Lease::Operation::acquire, "b"), Code::REFUSED);
    EXPECT_EQ(ask(Lease::Operation::release, "b"), Code::REFUSED);
    EXPECT_EQ(ask(Lease::Operation::release, "a"), Code::OK);
    EXPECT_EQ(ask(Lease::Operation::acquire, "b"), Code::OK);
}

}  // namespace
}  // namespace motet
