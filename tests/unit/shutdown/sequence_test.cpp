// The shutdown as a machine, with a hand-held clock.
#include "core/shutdown/sequence.h"

#include <gtest/gtest.h>

namespace motet {
namespace {

class ShutdownSequenceTest : public testing::Test {
  protected:
    static constexpr Nanos kStart = 1000 * kSecond;

    TaskNumber add(const std::string &phase, const std::string &name) {
        Result<TaskNumber> task = sequence.add(phase, name);
        EXPECT_TRUE(task.ok()) << task.status().message();
        names[task.value()] = name;
        return task.value();
    }

    void run(Nanos within = -1, const std::string &from = {}) {
        EXPECT_TRUE(sequence.run(now, ShutdownReason::cluster_leaving, from, within).ok());
        collect();
    }

    void done(TaskNumber task, const Status &how = {}) {
        sequence.completed(now, task, how);
        collect();
    }

    // Lets the time pass, as a driver does.
    void pass(Nanos duration) {
        const Nanos end = now + duration;
        while (sequence.next_deadline() <= end) {
            now = std::max(now, sequence.next_deadline());
            sequence.on_timer(now);
            collect();
        }
        now = end;
    }

    void collect() {
        for (ShutdownSequence::Effect &effect : sequence.take_effects()) {
            if (const auto *task = std::get_if<ShutdownSequence::BeginTask>(&effect)) {
                begun.push_back(names.at(task->task));
            } else if (const auto *line = std::get_if<ShutdownSequence::WriteLine>(&effect)) {
                log += line->text + "\n";
            } else {
                EXPECT_FALSE(finished);
                finished = true;
                outcome = std::get<ShutdownSequence::Finish>(effect).code;
                sentence = std::get<ShutdownSequence::Finish>(effect).text;
                deadline = std::get<ShutdownSequence::Finish>(effect).deadline;
            }
        }
    }

    bool logged(const std::string &text) const { return log.find(text) != std::string::npos; }

    using Names = std::vector<std::string>;
    ShutdownSequence sequence{{{"first", 5 * kSecond},
                               {"strict", 5 * kSecond, false},
                               {"off", 5 * kSecond, true, false},
                               {"empty", 5 * kSecond},
                               {"last", 10 * kSecond}}};
    Nanos now = kStart;
    std::map<TaskNumber, std::string> names;
    Names begun;
    std::string log;
    bool finished = false;
    Code outcome = Code::OK;
    std::string sentence;
    Nanos deadline = 0;
};

TEST_F(ShutdownSequenceTest, PhasesFollowEachOtherAndTheirTasksRunTogether) {
    const TaskNumber c = add("last", "c");
    const TaskNumber a = add("first", "a");
    const TaskNumber b = add("first", "b");
    EXPECT_EQ(sequence.next_deadline(), INT64_MAX);
    EXPECT_FALSE(sequence.reason());
    run();
    EXPECT_EQ(sequence.reason(), ShutdownReason::cluster_leaving);
    EXPECT_TRUE(logged("reason cluster-leaving"));
    EXPECT_EQ(begun, (Names{"a", "b"}));
    done(b);
    EXPECT_EQ(begun.size(), 2u);
    done(a);
    EXPECT_EQ(begun, (Names{"a", "b", "c"}));
    EXPECT_FALSE(finished);
    done(c);
    EXPECT_TRUE(finished);
    EXPECT_EQ(outcome, Code::OK);
    EXPECT_EQ(deadline, kStart + 10 * kSecond);
    EXPECT_EQ(sequence.next_deadline(), INT64_MAX);
}

TEST_F(ShutdownSequenceTest, WithoutTasksItIsOverAtOnce) {
    run();
    EXPECT_TRUE(finished);
    EXPECT_EQ(outcome, Code::OK);
}

TEST_F(ShutdownSequenceTest, ATaskThatFailsIsToldAndThePhaseGoesOn) {
    const TaskNumber bad = add("first", "bad");
    const TaskNumber good = add("first", "good");
    const TaskNumber next = add("last", "next");
    run();
    done(bad, Status(Code::FAILED, "the disk is full"));
    EXPECT_TRUE(logged("phase first, task \"bad\" failed: the disk is full"));
    EXPECT_EQ(begun, (Names{"bad", "good"}));
    done(good);
    EXPECT_EQ(begun.back(), "next");
    done(next);
    EXPECT_EQ(outcome, Code::OK);
}

TEST_F(ShutdownSequenceTest, APhaseEndsAtItsTimeout) {
    add("first", "slow");
    const TaskNumber quick = add("first", "quick");
    const TaskNumber next = add("last", "next");
    run();
    done(quick);
    pass(5 * kSecond - 1);
    EXPECT_EQ(begun.size(), 2u);
    pass(1);
    EXPECT_EQ(begun.back(), "next");
    EXPECT_TRUE(logged("\"slow\""));
    EXPECT_FALSE(logged("\"quick\""));
    done(next);
    EXPECT_TRUE(finished);
    EXPECT_EQ(outcome, Code::OK);
}

TEST_F(ShutdownSequenceTest, WhatEndsTooLateChangesNothing) {
    const TaskNumber slow = add("first", "slow");
    const TaskNumber next = add("last", "next");
    run();
    pass(5 * kSecond);
    done(slow, Status(Code::FAILED, "at last"));
    EXPECT_FALSE(logged("at last"));
    EXPECT_FALSE(finished);
    done(next);
    done(next);
    done(4711);
    EXPECT_TRUE(finished);
}

TEST_F(ShutdownSequenceTest, AStrictPhaseThatFailsHasTheLastOneFollow) {
    const TaskNumber bad = add("strict", "bad");
    const TaskNumber other = add("strict", "other");
    add("empty", "skipped");
    const TaskNumber end = add("last", "end");
    run();
    done(bad, Status(Code::IO, "no disk"));
    EXPECT_EQ(begun, (Names{"bad", "other", "end"}));
    done(other);
    EXPECT_FALSE(finished);
    done(end);
    EXPECT_TRUE(finished);
    EXPECT_EQ(outcome, Code::IO);
    EXPECT_NE(sentence.find("phase strict, task \"bad\" failed: no disk"), std::string::npos);
}

TEST_F(ShutdownSequenceTest, AStrictPhaseThatTakesTooLongHasTheLastOneFollow) {
    add("strict", "slow");
    add("empty", "skipped");
    const TaskNumber end = add("last", "end");
    run();
    pass(5 * kSecond);
    EXPECT_EQ(begun, (Names{"slow", "end"}));
    done(end);
    EXPECT_EQ(outcome, Code::TIMEOUT);
}

TEST_F(ShutdownSequenceTest, ADisabledPhaseIsPassedBy) {
    add("off", "never");
    const TaskNumber end = add("last", "end");
    run();
    EXPECT_EQ(begun, (Names{"end"}));
    EXPECT_TRUE(logged("phase off is disabled"));
    done(end);
    EXPECT_TRUE(finished);
}

TEST_F(ShutdownSequenceTest, ItMayBeginLater) {
    add("first", "never");
    const TaskNumber middle = add("empty", "middle");
    run(-1, "empty");
    EXPECT_EQ(begun, (Names{"middle"}));
    done(middle);
    EXPECT_TRUE(finished);
    EXPECT_EQ(sequence.run(now, ShutdownReason::unknown, "nowhere", -1).code(), Code::NOT_FOUND);
}

TEST_F(ShutdownSequenceTest, TasksMayBeAddedToPhasesThatHaveNotBegun) {
    const TaskNumber a = add("first", "a");
    run();
    EXPECT_EQ(sequence.add("first", "late").status().code(), Code::BAD_STATE);
    const TaskNumber b = add("empty", "b");
    done(a);
    EXPECT_EQ(begun, (Names{"a", "b"}));
    EXPECT_EQ(sequence.add("strict", "late").status().code(), Code::BAD_STATE);
    done(b);
    EXPECT_TRUE(finished);
    EXPECT_EQ(sequence.add("last", "late").status().code(), Code::BAD_STATE);
}

TEST_F(ShutdownSequenceTest, TasksAreRefusedByName) {
    const Result<TaskNumber> refused = sequence.add("nowhere", "a");
    const Status &nowhere = refused.status();
    EXPECT_EQ(nowhere.code(), Code::NOT_FOUND);
    EXPECT_NE(nowhere.message().find("there are: first, strict"), std::string::npos);
    EXPECT_EQ(sequence.add("first", "").status().code(), Code::INVALID);
}

TEST_F(ShutdownSequenceTest, ATaskMayBeCancelledUntilItBegins) {
    const TaskNumber a = add("first", "a");
    const TaskNumber b = add("first", "b");
    const TaskNumber c = add("last", "c");
    EXPECT_TRUE(sequence.cancel(b));
    EXPECT_FALSE(sequence.cancel(b));
    run();
    EXPECT_FALSE(sequence.cancel(a));
    EXPECT_TRUE(sequence.cancel(c));
    done(a);
    EXPECT_EQ(begun, (Names{"a"}));
    EXPECT_TRUE(finished);
}

TEST_F(ShutdownSequenceTest, TheFirstReasonCounts) {
    const TaskNumber a = add("first", "a");
    run();
    EXPECT_TRUE(sequence.run(now, ShutdownReason::process_exit, {}, -1).ok());
    EXPECT_EQ(sequence.reason(), ShutdownReason::cluster_leaving);
    done(a);
    run();
    EXPECT_TRUE(finished);
    EXPECT_EQ(sequence.reason(), ShutdownReason::cluster_leaving);
}

TEST_F(ShutdownSequenceTest, OfATimeForTheWholeEachPhaseHasHalfOfWhatIsLeft) {
    add("first", "a");
    add("empty", "b");
    add("last", "c");
    run(8 * kSecond);
    pass(4 * kSecond - 1);
    EXPECT_EQ(begun.size(), 1u);
    pass(1);
    EXPECT_EQ(begun.size(), 2u);
    pass(2 * kSecond);
    EXPECT_EQ(begun.size(), 3u);
    pass(2 * kSecond - 1);
    EXPECT_FALSE(finished);
    pass(1);
    EXPECT_TRUE(finished);
    EXPECT_EQ(deadline, kStart + 8 * kSecond);
}

TEST_F(ShutdownSequenceTest, OfALongTimeTheLastPhaseHasTheRest) {
    add("first", "a");
    const TaskNumber last = add("last", "b");
    run(60 * kSecond);
    pass(5 * kSecond);
    EXPECT_EQ(begun.size(), 2u);
    pass(54 * kSecond);
    EXPECT_FALSE(finished);
    done(last);
    EXPECT_TRUE(finished);
}

TEST_F(ShutdownSequenceTest, WithoutTimeOnlyTheLastPhaseIsBegun) {
    add("first", "a");
    add("last", "b");
    run(0);
    EXPECT_EQ(begun, (Names{"b"}));
    EXPECT_TRUE(finished);
    EXPECT_TRUE(logged("phase first is left out"));
}

TEST_F(ShutdownSequenceTest, WhoJoinsWithLessTimeHurriesIt) {
    add("first", "a");
    add("empty", "b");
    add("last", "c");
    run();
    pass(1 * kSecond);
    run(4 * kSecond);
    pass(2 * kSecond);
    EXPECT_EQ(begun.size(), 2u);
    run(100 * kSecond);  // more time than it has does not give it more
    pass(1 * kSecond);
    EXPECT_EQ(begun.size(), 3u);
    run(0);
    EXPECT_TRUE(finished);
    EXPECT_EQ(now, kStart + 4 * kSecond);
}

}  // namespace
}  // namespace motet
