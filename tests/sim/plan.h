// Plan is one simulated history to be: a cluster, what its network is like, and every fault with its time. It is a
// value with a text of one line for each fault, so that it can be printed, edited, kept and made shorter. Knows: what
// may be planned, and its text. Must never know: how a plan comes about, or how it is run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/status.h"
#include "core/cluster/downing.h"

namespace motet {

enum class Verb : uint8_t {
    start,      // nodes begin a life, at times within the duration
    crash,      // all at once
    restart,    // crash, and a new life at the same address after a while (by)
    leave,      // as told to the node itself
    down,       // by the first of the others
    pause,      // as SIGSTOP and SIGCONT do
    slow,       // everything that reaches the nodes is handled later (by)
    drift,      // their clocks go faster (share above 0) or slower
    split,      // nodes from all others, both ways
    mute,       // what nodes send to all others is lost
    deafen,     // what all others send to nodes is lost
    cut,        // nodes from the others named, both ways
    block,      // the same one way
    flap,       // split and not, in turns (by)
    loss,       // a share of what nodes send or get; of all packets when none is named
    delay,      // of the same packets, each up to a time (by)
    duplicate,  // a share of the same packets comes again, up to a time (by) later
};
constexpr size_t kVerbs = 17;

const char *verb_name(Verb verb);

struct Fault {
    Nanos at = 0;
    Verb verb = Verb::start;
    std::vector<uint32_t> nodes;
    std::vector<uint32_t> others;
    double share = 0;
    Nanos by = 0;
    Nanos duration = 0;

    friend bool operator==(const Fault &a, const Fault &b) = default;
};

struct Plan {
    uint32_t nodes = 3;
    uint64_t seed = 1;  // of all that the plan does not say: uids, delays, whose packet is lost
    DowningStrategy downing = DowningStrategy::keep_majority;
    Nanos stable_after = 5 * kSecond;
    double loss = 0;  // of every packet, as all of these for the whole of the plan
    Nanos delay = 2 * kMillisecond;
    Nanos heal = 60 * kSecond;      // when all faults end
    bool restart = false;           // whether those that are not there then are started again
    Nanos deadline = 60 * kSecond;  // after which, then, all must agree
    std::vector<Fault> faults;

    std::string text() const;
    // Errors: BAD_VALUE, with the line and what is wrong.
    static Result<Plan> parse(std::string_view text);

    friend bool operator==(const Plan &a, const Plan &b) = default;
};

}  // namespace motet
