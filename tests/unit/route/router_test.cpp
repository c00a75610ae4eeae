#include "core/route/router.h"

#include <set>

#include "tests/unit/actor/fixture.h"

namespace motet {
namespace {

class RouterTest : public ActorTest {
  protected:
    // Writes "name:payload" into the journal, with the sender when there is one.
    Ptr<Props> worker() {
        return props([this](Context &context, const Envelope &envelope) {
            if (envelope.type() == word) {
                std::string sender = envelope.sender() ? " from " + envelope.sender()->path() : "";
                journal.add(context.self().name() + ":" + text(envelope.payload()) + sender);
            }
            return Code::OK;
        });
    }

    Result<Ptr<Cell>> router(const std::string &kind, int instances, std::vector<std::string> paths = {}) {
        RouterSettings settings;
        EXPECT_TRUE(set_router(settings, kind).ok());
        settings.instances = instances;
        settings.paths = std::move(paths);
        return Router::spawn(*system->user_guardian(), Ptr<const Props>(worker()), settings, "router", true);
    }

    std::multiset<std::string> received(size_t count) {
        std::vector<std::string> lines = journal.wait_for(count);
        return {lines.begin(), lines.end()};
    }
};

using Lines = std::multiset<std::string>;

TEST_F(RouterTest, RoundRobinPoolDealsInTurn) {
    Ptr<Cell> pool = router("round-robin-pool", 3).value();
    for (const char *message : {"1", "2", "3", "4"}) {
        EXPECT_EQ(tell(pool, message), Code::OK);
    }
    EXPECT_EQ(received(4), (Lines{"$a:1", "$b:2", "$c:3", "$a:4"}));
}

TEST_F(RouterTest, BroadcastReachesAllWithTheOriginalSender) {
    Ptr<Cell> sender = spawn(worker(), "sender");
    Ptr<Cell> pool = router("broadcast-pool", 2).value();
    tell(pool, "x", sender.get());
    std::string from = " from " + sender->path();
    EXPECT_EQ(received(2), (Lines{"$a:x" + from, "$b:x" + from}));
}

TEST_F(RouterTest, RandomUsesEveryRoutee) {
    Ptr<Cell> pool = router("random-pool", 3).value();
    for (int i = 0; i < 100; ++i) {
        tell(pool, "x");
    }
    Lines lines = received(100);
    EXPECT_GT(lines.count("$a:x"), 10u);
    EXPECT_GT(lines.count("$b:x"), 10u);
    EXPECT_GT(lines.count("$c:x"), 10u);
}

TEST_F(RouterTest, GroupSendsToPathsAndLivesOn) {
    spawn(worker(), "a");
    spawn(worker(), "b");
    Ptr<Cell> group = router("round-robin-group", 0, {"/user/a", "/user/b", "/user/nobody"}).value();
    EXPECT_EQ(tell(group, "1"), Code::OK);
    EXPECT_EQ(tell(group, "2"), Code::OK);
    EXPECT_EQ(tell(group, "3"), Code::STOPPED);  // a dead letter of that path
    EXPECT_EQ(received(2), (Lines{"a:1", "b:2"}));
}

TEST_F(RouterTest, ThePoolEndsWithItsLastRouteeAndItsRouteesWithThePool) {
    Ptr<Cell> pool = router("round-robin-pool", 2).value();
    for (const Ptr<Cell> &routee : pool->children().all()) {
        stop(routee);
    }
    wait_stopped(pool);
    EXPECT_EQ(tell(pool, "late"), Code::STOPPED);

    Ptr<Cell> other = router("round-robin-pool", 2).value();
    std::vector<Ptr<Cell>> routees = other->children().all();
    other->deliver(Envelope::make(types::poison_pill, {}, nullptr, {}));
    wait_stopped(other);
    for (const Ptr<Cell> &routee : routees) {
        EXPECT_TRUE(routee->stopped());
    }
}

TEST_F(RouterTest, SaysWhatIsWrong) {
    RouterSettings settings;
    Status unknown = set_router(settings, "fastest-pool");
    EXPECT_EQ(unknown.code(), Code::BAD_VALUE);
    EXPECT_NE(unknown.message().find("round-robin"), std::string::npos);
    EXPECT_EQ(router("random-group", 0).status().code(), Code::BAD_VALUE);
    EXPECT_EQ(router("random-group", 0, {"not a path"}).status().code(), Code::BAD_NAME);
}

}  // namespace
}  // namespace motet
