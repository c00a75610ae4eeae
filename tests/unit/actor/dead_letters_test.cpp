#include "core/actor/dead_letters.h"

#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "tests/unit/actor/fixture.h"

namespace motet {
namespace {

class HandClock final : public Clock {
  public:
    Now now() const override { return {time.load(), time.load()}; }
    std::atomic<Nanos> time{kSecond};
};

class DeadLettersTest : public ActorTest {
  protected:
    void restart(const std::vector<std::pair<std::string, std::string>> &settings) {
        ASSERT_TRUE(system->close(10 * kSecond).ok());
        for (const auto &[key, value] : settings) {
            Status set = config.set(key, value);
            ASSERT_TRUE(set.ok()) << set.message();
        }
        Result<Ptr<System>> started = System::start(config, {.clock = &clock});
        ASSERT_TRUE(started.ok()) << started.status().message();
        system = started.value();
        word = system->types().intern("test.Word").value();
    }

    void lose(std::string_view payload, const Hops &hops = {}, const TraceContext &trace = {}) {
        Envelope *envelope = Envelope::make(word, bytes(payload), nullptr, trace);
        envelope->set_hops(hops);
        EXPECT_EQ(system->dead_letters().take(envelope, Code::STOPPED, "motet://test/user/gone"), Code::STOPPED);
    }

    // What the log says meanwhile, line by line.
    std::vector<std::string> logged(const std::function<void()> &meanwhile) {
        testing::internal::CaptureStderr();
        meanwhile();
        std::istringstream lines(testing::internal::GetCapturedStderr());
        std::vector<std::string> all;
        for (std::string line; std::getline(lines, line);) {
            all.push_back(line.substr(std::min(line.find("dead letter"), line.size())));
        }
        return all;
    }

    HandClock clock;
};

TEST_F(DeadLettersTest, TheLogGoesQuietAndSaysHowManyItHasNotTold) {
    restart({{"log.level", "info"}, {"dead-letters.log-count", "2"}, {"dead-letters.log-pause", "10s"}});
    std::vector<std::string> lines = logged([&] {
        for (int i = 0; i < 5; ++i) {
            lose("word");
        }
    });
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0], "dead letter, cause STOPPED: test.Word of 4 bytes from nobody to motet://test/user/gone");
    EXPECT_NE(lines[1].find("only counted for a while"), std::string::npos) << lines[1];
    clock.time += 9 * kSecond;
    EXPECT_TRUE(logged([&] { lose("word"); }).empty());
    clock.time += 2 * kSecond;
    lines = logged([&] { lose("word"); });
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines[0].find("(4 more were not logged)"), std::string::npos) << lines[0];
    EXPECT_EQ(logged([&] { lose("word"); }).size(), 1u) << "it may be logged again";
    EXPECT_EQ(system->dead_letters().counts()[Code::STOPPED], 8u) << "what is not logged is counted";
}

TEST_F(DeadLettersTest, NothingIsLoggedWhereNothingMay) {
    restart({{"log.level", "info"}, {"dead-letters.log-count", "0"}});
    EXPECT_TRUE(logged([&] { lose("word"); }).empty());
    EXPECT_EQ(system->dead_letters().recent().size(), 1u);
}

TEST_F(DeadLettersTest, TheLogTellsTheWayAndTheTrace) {
    restart({{"log.level", "info"}});
    Random random(3);
    const TraceContext trace = TraceContext::root(random, false);
    std::vector<std::string> lines = logged([&] {
        lose("w", {{"/user/a", "/user/b"}, 2});
        lose("w", {{"/user/a"}, 4}, trace);
    });
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_TRUE(lines[0].ends_with("to motet://test/user/gone, by way of /user/a, /user/b")) << lines[0];
    EXPECT_TRUE(lines[1].ends_with(", by way of /user/a and 3 more, trace " + trace_id_hex(trace))) << lines[1];
}

TEST_F(DeadLettersTest, TheRingKeepsTheLastOnes) {
    restart({{"dead-letters.ring", "3"}});
    for (int i = 0; i < 5; ++i) {
        lose(std::string(static_cast<size_t>(i), 'x'), {{"/user/a"}, 1});
    }
    std::deque<DeadLetterBody> recent = system->dead_letters().recent();
    ASSERT_EQ(recent.size(), 3u);
    EXPECT_EQ(recent.front().size, 2u);
    EXPECT_EQ(recent.back().size, 4u);
    EXPECT_EQ(recent.back().hops.first, std::vector<std::string>{"/user/a"});
    EXPECT_EQ(system->dead_letters().counts()[Code::STOPPED], 5u);
    restart({{"dead-letters.ring", "0"}});
    lose("word");
    EXPECT_TRUE(system->dead_letters().recent().empty());
}

TEST_F(DeadLettersTest, WhoForwardedIsToldInOrder) {
    Ptr<Cell> gone = spawn([](Context &, const Envelope &) { return Code::OK; }, "gone");
    stop(gone);
    wait_stopped(gone);
    auto forwarder = [this](const std::string &name, const Ptr<Cell> &next) {
        return spawn(
            [this, next](Context &context, const Envelope &envelope) {
                if (envelope.type() == word) {
                    (void)context.forward(*next);
                    journal.add("forwarded");
                }
                return Code::OK;
            },
            name);
    };
    Ptr<Cell> second = forwarder("second", gone);
    Ptr<Cell> first = forwarder("first", second);
    tell(first, "word");
    journal.wait_for(2);
    std::deque<DeadLetterBody> recent = system->dead_letters().recent();
    ASSERT_EQ(recent.size(), 1u);
    EXPECT_EQ(recent[0].hops.first, (std::vector<std::string>{first->path(), second->path()}));
    EXPECT_EQ(recent[0].hops.all, 2);
    EXPECT_EQ(recent[0].target, gone->path());
}

TEST_F(DeadLettersTest, ASelectionWithPatternsIsAHopAndAnExactPathIsNone) {
    Ptr<Cell> silent =
        spawn([](Context &,
                 const Envelope &envelope) { return envelope.type() > types::terminated ? Code::UNHANDLED : Code::OK; },
              "silent");
    for (const char *path : {"/user/sil*", "/user/silent", "/user/nobody"}) {
        system->resolve(path).value()->deliver(Envelope::make(word, {}, nullptr, {}));
    }
    for (auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
         system->dead_letters().recent().size() < 3 && std::chrono::steady_clock::now() < deadline;) {
        std::this_thread::yield();
    }
    std::multiset<std::string> seen;
    for (const DeadLetterBody &letter : system->dead_letters().recent()) {
        seen.insert(letter.target + (letter.hops.first.empty() ? "" : " by " + letter.hops.first[0]));
    }
    const std::string user = system->address().text() + "/user/";
    EXPECT_EQ(seen,
              (std::multiset<std::string>{user + "silent by " + user + "sil*", user + "silent", user + "nobody"}));
}

TEST_F(DeadLettersTest, AMessageThatGoesRoundKeepsItsFirstHops) {
    std::atomic<int> left{100};
    Ptr<Cell> gone = spawn([](Context &, const Envelope &) { return Code::OK; }, "gone");
    stop(gone);
    wait_stopped(gone);
    Ptr<Cell> round = spawn([&](Context &context, const Envelope &envelope) {
        if (envelope.type() == word) {
            const bool last = --left == 0;
            (void)context.forward(last ? *gone : context.self());
            if (last) {
                journal.add("done");
            }
        }
        return Code::OK;
    });
    tell(round, "word");
    journal.wait_for(1);
    const DeadLetterBody letter = system->dead_letters().recent().back();
    EXPECT_EQ(letter.hops.first.size(), Hops::kKept);
    EXPECT_EQ(letter.hops.all, 100);
}

TEST_F(DeadLettersTest, EveryCauseIsInTheListOfTheHeader) {
    std::ifstream file("capi/include/motet/dead_letters.h");
    std::set<std::string> listed;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(" *   ") && line[5] != ' ') {
            listed.insert(line.substr(5, line.find(' ', 5) - 5));
        }
    }
    std::set<std::string> causes;
    for (Code cause : kDeadLetterCauses) {
        causes.insert(code_name(cause));
    }
    EXPECT_EQ(listed, causes);
}

}  // namespace
}  // namespace motet
