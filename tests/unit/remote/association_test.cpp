#include "core/remote/association.h"

#include <gtest/gtest.h>

namespace motet {
namespace {

using Kind = Association::Effect::Kind;
using State = Association::State;
using Kinds = std::vector<Kind>;

Now at(Nanos mono) { return {mono, mono}; }

Kinds kinds(const Association::Effects &effects) {
    Kinds result;
    for (const Association::Effect &effect : effects) {
        result.push_back(effect.kind);
    }
    return result;
}

const AssociationSettings kSettings{20 * kSecond, kSecond, 5 * kSecond};

Association active(uint64_t uid) {
    Association association(kSettings);
    association.wanted(at(0));
    association.welcome(at(0), uid);
    return association;
}

TEST(Association, ShakesHandsWhenItIsWanted) {
    Association association(kSettings);
    EXPECT_EQ(kinds(association.wanted(at(0))), (Kinds{Kind::connect, Kind::send_hello}));
    EXPECT_EQ(association.state(), State::handshaking);
    EXPECT_EQ(kinds(association.wanted(at(1))), (Kinds{}));
    EXPECT_EQ(kinds(association.welcome(at(2), 7)), (Kinds{Kind::associated}));
    EXPECT_EQ(association.state(), State::active);
    EXPECT_EQ(association.uid(), 7u);
    EXPECT_FALSE(association.deadline().has_value());
}

TEST(Association, RepeatsItsHelloAndGivesUpAtLast) {
    Association association(kSettings);
    association.wanted(at(0));
    EXPECT_EQ(association.deadline(), kSecond);
    EXPECT_EQ(kinds(association.tick(at(kSecond))), (Kinds{Kind::send_hello}));
    EXPECT_EQ(kinds(association.tick(at(kSecond))), (Kinds{}));
    EXPECT_EQ(kinds(association.link_lost(at(2 * kSecond), "refused")), (Kinds{}));
    const Association::Effects effects = association.tick(at(20 * kSecond));
    EXPECT_EQ(kinds(effects), (Kinds{Kind::reset, Kind::association_error}));
    EXPECT_EQ(effects[1].reason, "no answer to the handshake within 20000 ms; at last: refused");
    EXPECT_EQ(association.state(), State::gated);
}

TEST(Association, IsGatedForATimeWhenTheLinkIsLost) {
    Association association = active(7);
    EXPECT_EQ(kinds(association.link_lost(at(kSecond), "reset")), (Kinds{Kind::reset, Kind::disassociated}));
    EXPECT_EQ(association.state(), State::gated);
    EXPECT_EQ(association.deadline(), 6 * kSecond);
    EXPECT_EQ(kinds(association.wanted(at(6 * kSecond - 1))), (Kinds{}));
    association.tick(at(6 * kSecond));
    EXPECT_EQ(association.state(), State::idle);
    EXPECT_EQ(kinds(association.wanted(at(6 * kSecond))), (Kinds{Kind::connect, Kind::send_hello}));
    EXPECT_EQ(kinds(association.welcome(at(7 * kSecond), 7)), (Kinds{Kind::associated}));
}

TEST(Association, AHelloOpensTheGate) {
    Association association = active(7);
    association.link_lost(at(kSecond), "reset");
    EXPECT_EQ(kinds(association.hello(7)), (Kinds{Kind::associated, Kind::send_welcome}));
    EXPECT_EQ(association.state(), State::active);
    EXPECT_EQ(kinds(association.hello(7)), (Kinds{Kind::send_welcome}));
}

TEST(Association, ARestartedPeerIsANewLifeAndWorksAtOnce) {
    Association association = active(7);
    EXPECT_EQ(kinds(association.hello(8)), (Kinds{Kind::reset, Kind::new_life, Kind::associated, Kind::send_welcome}));
    EXPECT_EQ(association.uid(), 8u);
    EXPECT_EQ(association.state(), State::active);
}

TEST(Association, ANewLifeIsAlsoFoundByOurOwnHandshake) {
    Association association = active(7);
    association.link_lost(at(kSecond), "reset");
    association.tick(at(6 * kSecond));
    association.wanted(at(6 * kSecond));
    EXPECT_EQ(kinds(association.welcome(at(7 * kSecond), 8)), (Kinds{Kind::new_life, Kind::associated}));
}

TEST(Association, AQuarantinedLifeIsRefusedForEverANewOneIsNot) {
    Association association = active(7);
    EXPECT_EQ(kinds(association.quarantine(at(kSecond), 7, "removed")),
              (Kinds{Kind::quarantined, Kind::reset, Kind::new_life}));
    EXPECT_EQ(association.state(), State::quarantined);
    const Association::Effects effects = association.hello(7);
    EXPECT_EQ(kinds(effects), (Kinds{Kind::send_reject}));
    EXPECT_EQ(effects[0].reason, "removed");
    EXPECT_EQ(association.state(), State::quarantined);
    EXPECT_EQ(kinds(association.hello(8)), (Kinds{Kind::new_life, Kind::associated, Kind::send_welcome}));
    EXPECT_EQ(association.state(), State::active);
    EXPECT_EQ(kinds(association.hello(7)), (Kinds{Kind::send_reject}));
    EXPECT_EQ(association.uid(), 8u);
}

TEST(Association, LooksForANewLifeOfAQuarantinedOneOnceInAGateTime) {
    Association association = active(7);
    association.quarantine(at(0), 7, "removed");
    EXPECT_EQ(kinds(association.wanted(at(kSecond))), (Kinds{}));
    EXPECT_EQ(kinds(association.wanted(at(5 * kSecond))), (Kinds{Kind::connect, Kind::send_hello}));
    EXPECT_EQ(association.state(), State::quarantined);
    EXPECT_EQ(kinds(association.wanted(at(5 * kSecond))), (Kinds{}));
    EXPECT_EQ(kinds(association.welcome(at(6 * kSecond), 7)), (Kinds{Kind::reset, Kind::association_error}));
    EXPECT_EQ(association.state(), State::quarantined);
    association.wanted(at(11 * kSecond));
    EXPECT_EQ(kinds(association.tick(at(16 * kSecond))), (Kinds{Kind::reset}));
    EXPECT_EQ(kinds(association.wanted(at(21 * kSecond))), (Kinds{Kind::connect, Kind::send_hello}));
    EXPECT_EQ(kinds(association.welcome(at(22 * kSecond), 8)), (Kinds{Kind::new_life, Kind::associated}));
    EXPECT_EQ(association.state(), State::active);
}

TEST(Association, QuarantineOfAPastOrUnknownLifeDoesNotTouchThePresentOne) {
    Association association = active(8);
    EXPECT_EQ(kinds(association.quarantine(at(0), 7, "old")), (Kinds{}));
    EXPECT_EQ(kinds(association.quarantine(at(0), 0, "unknown")), (Kinds{}));
    EXPECT_EQ(association.state(), State::active);
    EXPECT_TRUE(association.is_quarantined(7));
}

TEST(Association, IsGatedWithTheReasonWhenRefused) {
    Association association(kSettings);
    association.wanted(at(0));
    const Association::Effects effects = association.rejected(at(0), wire::RejectCode::wrong_address, "I am B");
    EXPECT_EQ(kinds(effects), (Kinds{Kind::reset, Kind::association_error}));
    EXPECT_EQ(effects[1].reason, "I am B");
    EXPECT_EQ(association.state(), State::gated);
}

TEST(Association, LearnsThatThePeerHasQuarantinedIt) {
    Association association = active(7);
    EXPECT_EQ(kinds(association.rejected(at(0), wire::RejectCode::quarantined, "removed")),
              (Kinds{Kind::reset, Kind::disassociated, Kind::quarantined_by_peer}));
    EXPECT_EQ(association.state(), State::gated);
}

TEST(Association, ShakesHandsAgainWithAPeerThatDoesNotKnowIt) {
    Association association = active(7);
    EXPECT_EQ(kinds(association.rejected(at(0), wire::RejectCode::no_handshake, "who?")),
              (Kinds{Kind::reset, Kind::disassociated, Kind::connect, Kind::send_hello}));
    EXPECT_EQ(association.state(), State::handshaking);
    EXPECT_EQ(kinds(association.rejected(at(0), wire::RejectCode::no_handshake, "late")), (Kinds{}));
    EXPECT_EQ(association.state(), State::handshaking);
}

}  // namespace
}  // namespace motet
