// What each logic chooses, without actors being run.
#include "core/route/logic.h"

#include <map>

#include "fixture.h"

namespace motet {
namespace {

class LogicTest : public RouteTest {
  protected:
    // A list of refs of actors that do not exist.
    Routees absent(const std::vector<std::string> &paths) {
        Routees routees;
        for (const std::string &path : paths) {
            routees.list.push_back({.ref = system->resolve(path).value()});
        }
        return routees;
    }

    std::unique_ptr<RoutingLogic> logic(const std::string &name, uint64_t seed = 1) {
        RouterSettings settings;
        EXPECT_TRUE(settings.set("router", name).ok());
        return make_logic(settings, seed);
    }

    size_t choose(RoutingLogic &logic, const Routees &routees, std::optional<uint64_t> key = {}) {
        const Choice choice = logic.choose(*message_, key, routees);
        EXPECT_EQ(choice.who, Choice::Who::one);
        return choice.index;
    }

    void SetUp() override {
        RouteTest::SetUp();
        message_ = Message::make(word, bytes("x"));
    }
    void TearDown() override {
        message_->release();
        RouteTest::TearDown();
    }

    Message *message_ = nullptr;
    const std::vector<std::string> paths_{"/user/a", "/user/b", "/user/c"};
};

TEST_F(LogicTest, RoundRobinTakesTurns) {
    const auto round_robin = logic("round-robin-pool");
    const Routees routees = absent(paths_);
    std::vector<size_t> chosen;
    for (int i = 0; i < 5; ++i) {
        chosen.push_back(choose(*round_robin, routees));
    }
    EXPECT_EQ(chosen, (std::vector<size_t>{0, 1, 2, 0, 1}));
}

TEST_F(LogicTest, RandomIsEvenAndOfItsSeed) {
    const auto random = logic("random-pool", 7);
    const auto same = logic("random-pool", 7);
    const auto other = logic("random-pool", 8);
    const Routees routees = absent(paths_);
    std::map<size_t, int> counts;
    int different = 0;
    for (int i = 0; i < 3000; ++i) {
        const size_t index = choose(*random, routees);
        ++counts[index];
        EXPECT_EQ(choose(*same, routees), index);
        different += choose(*other, routees) != index;
    }
    for (size_t i = 0; i < 3; ++i) {
        EXPECT_GT(counts[i], 900);
        EXPECT_LT(counts[i], 1100);
    }
    EXPECT_GT(different, 1500);
}

TEST_F(LogicTest, SmallestMailboxPrefersWhoHasLeastToDo) {
    auto gate = std::make_shared<std::mutex>();
    gate->lock();
    std::vector<Ptr<Cell>> actors;
    Routees routees;
    for (int waiting : {3, 0, 2}) {
        Ptr<Cell> actor = spawn([gate](Context &, const Envelope &envelope) {
            if (envelope.type() >= types::first_user) {
                std::lock_guard wait(*gate);
            }
            return Code::OK;
        });
        for (int i = 0; i < waiting; ++i) {
            tell(actor, "x");
        }
        actors.push_back(actor);
        routees.list.push_back({.ref = actor, .actor = actor});
    }
    routees.list.push_back(absent({"/user/elsewhere"}).list[0]);
    ASSERT_TRUE(soon([&] { return actors[1]->idle(); }));
    const auto smallest = logic("smallest-mailbox-pool");
    for (int i = 0; i < 8; ++i) {
        EXPECT_EQ(choose(*smallest, routees), 1u);
    }
    for (int i = 0; i < 9; ++i) {
        tell(actors[1], "x");
    }
    for (int i = 0; i < 8; ++i) {
        EXPECT_EQ(choose(*smallest, routees), 2u);
    }
    gate->unlock();
    for (const Ptr<Cell> &actor : actors) {
        stop(actor);
        wait_stopped(actor);
    }
    for (int i = 0; i < 8; ++i) {
        EXPECT_EQ(choose(*smallest, routees), 3u) << "one of which nothing is known, before those that have stopped";
    }
}

TEST_F(LogicTest, SmallestMailboxLetsEqualsTakeTurns) {
    const auto smallest = logic("smallest-mailbox-pool");
    const Routees routees = absent(paths_);
    std::set<size_t> chosen;
    for (int i = 0; i < 3; ++i) {
        chosen.insert(choose(*smallest, routees));
    }
    EXPECT_EQ(chosen.size(), 3u);
}

TEST_F(LogicTest, BroadcastIsForAllAndOthersForTheFirstAnswer) {
    const Routees routees = absent(paths_);
    EXPECT_EQ(logic("broadcast-pool")->choose(*message_, {}, routees).who, Choice::Who::all);
    EXPECT_EQ(logic("scatter-gather-pool")->choose(*message_, {}, routees).who, Choice::Who::first_answer);
    EXPECT_EQ(logic("tail-chopping-pool")->choose(*message_, {}, routees).who, Choice::Who::first_answer);
}

TEST_F(LogicTest, ConsistentHashingKeepsAKeyWithItsRoutee) {
    const auto hashing = logic("consistent-hashing-pool");
    Routees routees = absent(paths_);
    hashing->arrange(routees);
    Routees fewer = absent({"/user/a", "/user/c"});
    hashing->arrange(fewer);
    std::set<size_t> used;
    for (int i = 0; i < 200; ++i) {
        const uint64_t key = HashRing::hash(std::to_string(i));
        const size_t index = choose(*hashing, routees, key);
        EXPECT_EQ(choose(*hashing, routees, key), index);
        used.insert(index);
        if (index != 1) {
            EXPECT_EQ(fewer[choose(*hashing, fewer, key)].ref->path(), routees[index].ref->path());
        }
    }
    EXPECT_EQ(used.size(), 3u);
    EXPECT_EQ(hashing->choose(*message_, {}, routees).who, Choice::Who::nobody) << "without a key";
}

TEST_F(LogicTest, ConsistentHashingFindsTheKeyInTheMessage) {
    RouterSettings settings;
    ASSERT_TRUE(settings.set("router", "consistent-hashing-pool").ok());
    ASSERT_TRUE(settings.set("router.hash-key", "id").ok());
    const auto hashing = make_logic(settings, 1);
    Routees routees = absent(paths_);
    hashing->arrange(routees);
    const ByteVector with = body("id", 42);
    const ByteVector without = body("name", "x");
    Message *keyed = Message::make(word, with);
    Message *keyless = Message::make(word, without);
    EXPECT_EQ(hashing->choose(*keyed, {}, routees).index, choose(*hashing, routees, HashRing::hash("42")));
    EXPECT_EQ(hashing->choose(*keyless, {}, routees).who, Choice::Who::nobody);
    EXPECT_EQ(hashing->choose(*message_, {}, routees).who, Choice::Who::nobody) << "no map";
    const uint64_t given = HashRing::hash("another");
    EXPECT_EQ(hashing->choose(*keyed, given, routees).index, choose(*hashing, routees, given)) << "a given key wins";
    keyed->release();
    keyless->release();
}

}  // namespace
}  // namespace motet
