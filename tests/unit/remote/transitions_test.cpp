// The states of an association pass into each other exactly as docs/remoting.md says.
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

#include "core/remote/association.h"

namespace motet {
namespace {

constexpr uint64_t kLife = 7;
constexpr Nanos kLater = kSecond * 1'000;
const AssociationSettings kSettings{20 * kSecond, kSecond, 5 * kSecond};

Now at(Nanos mono) { return {mono, mono}; }

// An association with a life that is known, in each of its states at the time 0.
Association in_state(const std::string &state) {
    Association association(kSettings);
    association.wanted(at(0));
    association.welcome(at(0), kLife);
    if (state == "idle" || state == "handshaking") {
        association.unused("nothing happens");
    }
    if (state == "handshaking") {
        association.wanted(at(0));
    } else if (state == "gated") {
        association.link_lost(at(0), "cut");
    } else if (state == "quarantined") {
        association.quarantine(at(0), kLife, "bad");
    }
    return association;
}

const std::map<std::string, std::function<void(Association &)>> kInputs = {
    {"something to send", [](Association &it) { it.wanted(at(1)); }},
    {"HELLO", [](Association &it) { it.hello(kLife); }},
    {"HELLO of another life", [](Association &it) { it.hello(8); }},
    {"WELCOME", [](Association &it) { it.welcome(at(1), kLife); }},
    {"refused", [](Association &it) { it.rejected(at(1), wire::RejectCode::wrong_cookie, "no"); }},
    {"no handshake", [](Association &it) { it.rejected(at(1), wire::RejectCode::no_handshake, "who?"); }},
    {"quarantined there", [](Association &it) { it.rejected(at(1), wire::RejectCode::quarantined, "no"); }},
    {"link lost", [](Association &it) { it.link_lost(at(1), "cut"); }},
    {"goodbye", [](Association &it) { it.goodbye(at(1), "bye"); }},
    {"unused", [](Association &it) { it.unused("nothing happens"); }},
    {"quarantine", [](Association &it) { it.quarantine(at(1), kLife, "bad"); }},
    {"time is over", [](Association &it) { it.tick(at(kLater)); }},
};

// The cells of a line of a table, without what surrounds them.
std::vector<std::string> cells(const std::string &line) {
    std::vector<std::string> found;
    std::stringstream stream(line.substr(1));
    for (std::string cell; std::getline(stream, cell, '|');) {
        const size_t first = cell.find_first_not_of(' ');
        found.push_back(first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(' ') - first + 1));
    }
    return found;
}

TEST(Transitions, AreThoseThatAreDocumented) {
    std::ifstream file("docs/remoting.md");  // tests run in the root of the repository
    std::vector<std::string> inputs;
    size_t states = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("| |")) {
            inputs = cells(line);
            ASSERT_EQ(inputs.size(), kInputs.size() + 1);
        } else if (!inputs.empty() && line.starts_with("| ")) {
            const std::vector<std::string> row = cells(line);
            ASSERT_EQ(row.size(), inputs.size()) << line;
            for (size_t i = 1; i < row.size(); ++i) {
                Association association = in_state(row[0]);
                ASSERT_EQ(Association::name(association.state()), row[0]);
                kInputs.at(inputs[i])(association);
                EXPECT_EQ(Association::name(association.state()), row[i]) << row[0] << ", " << inputs[i];
            }
            ++states;
        } else if (line.empty()) {
            if (states > 0) {
                break;
            }
        }
    }
    EXPECT_EQ(states, 5u);
}

TEST(Transitions, AGateThatIsOverAsksAgainWhenSomethingIsToBeSent) {
    Association association = in_state("gated");
    association.wanted(at(kLater));
    EXPECT_EQ(association.state(), Association::State::handshaking);
}

TEST(Transitions, EndsSayWhoBegan) {
    for (const bool inbound : {false, true}) {
        Association association(kSettings);
        if (inbound) {
            association.hello(kLife);
        } else {
            association.wanted(at(0));
            association.welcome(at(0), kLife);
        }
        for (const Association::Effect &effect : Association(association).unused("")) {
            if (effect.kind == Association::Effect::Kind::disassociated) {
                EXPECT_EQ(effect.inbound, inbound);
            }
        }
        for (const Association::Effect &effect : association.link_lost(at(1), "")) {
            if (effect.kind == Association::Effect::Kind::disassociated) {
                EXPECT_EQ(effect.inbound, inbound);
            }
        }
    }
}

}  // namespace
}  // namespace motet
