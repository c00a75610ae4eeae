// A node in untrusted mode: what it drops when it comes from other nodes, and what it does not.
#include "tests/unit/remote/loopback_node.h"

namespace motet {
namespace {

using Node = LoopbackNode;

Trust trust(TypeTable &types, const std::map<std::string, std::string> &settings) {
    Config config;
    for (const auto &[key, value] : settings) {
        EXPECT_TRUE(config.set(key, value).ok()) << key;
    }
    return Trust(config, types);
}

TEST(Trust, IsCompleteUnlessItIsSwitchedOff) {
    TypeTable types;
    const Trust all = trust(types, {});
    EXPECT_TRUE(all.complete());
    EXPECT_TRUE(all.admits(types::kill, "/user/a"));
}

TEST(Trust, KnowsNamesFromActorsAndHarmFromWords) {
    TypeTable types;
    const TypeId word = types.intern("test.Word").value();
    const TypeId shut = types.intern("test.ShutDown").value();
    const Trust little = trust(types, {{"remote.untrusted-mode", "on"},
                                       {"remote.trusted-selection-paths", "/user/door,/user/desk"},
                                       {"remote.possibly-harmful-types", "test.ShutDown"}});
    EXPECT_FALSE(little.complete());
    for (const char *path : {"/user/door", "/user/desk", "/user/a#17", "/temp/1#9", "/user/door#3"}) {
        EXPECT_TRUE(little.admits(word, path)) << path;
        for (const TypeId type : {shut, types::poison_pill, types::kill, types::terminated, types::broadcast,
                                  types::consistent_hashable_envelope}) {
            EXPECT_FALSE(little.admits(type, path)) << path << " " << type;
        }
    }
    for (const char *path :
         {"/user/a", "/user/a#0", "/user/a#00", "/user/*", "/user/*#17", "/user/door/child", "/user", "/user/door/",
          "/", "", "/user/door/../a", "/user/door/../a#17", "/user/doo?", "nonsense", "/system/cluster"}) {
        EXPECT_FALSE(little.admits(word, path)) << path;
    }
}

TEST(Trust, AcceptsOnlyPathsThatMeanOneActor) {
    Config config;
    for (const char *path :
         {"user/a", "/", "/user/*", "/user/a#1", "/user//a", "/user/../a", "/user/a/", "/user/a b"}) {
        const Status set = config.set("remote.trusted-selection-paths", path);
        EXPECT_EQ(set.code(), Code::BAD_VALUE) << path;
    }
}

class UntrustedMode : public testing::Test {
  protected:
    Node stranger{"S"};
    Node node{"S",
              0,
              {{"remote.untrusted-mode", "on"},
               {"remote.trusted-selection-paths", "/user/door"},
               {"remote.possibly-harmful-types", "test.Harm"}}};

    // An actor of the node as the stranger knows it by a message, and not by its name.
    Ref known(const Ptr<Cell> &actor) { return stranger.system->resolve(actor->full_path()).value(); }

    void expect_dropped(uint64_t count) {
        EXPECT_TRUE(node.wait([&] { return node.dead(Code::UNTRUSTED) == count; })) << node.dead(Code::UNTRUSTED);
        EXPECT_TRUE(node.wait([&] { return node.remoting->counters().untrusted == count; }));
    }
};

TEST_F(UntrustedMode, DropsWhatIsSentToNamesThatAreNotTrusted) {
    node.spawn_noting("door");
    const Ptr<Cell> other = node.spawn_noting("other");
    stranger.tell(stranger.ref(node, "/user/other"), "by name");
    stranger.tell(stranger.ref(node, "/user/*"), "by pattern");
    stranger.tell(stranger.ref(node, "/user/door/../other"), "by a detour");
    stranger.tell(stranger.ref(node, "/user/door"), "trusted");
    EXPECT_TRUE(node.journal.wait_for_line("door: trusted"));
    expect_dropped(3);
    stranger.tell(known(other), "known");
    EXPECT_TRUE(node.journal.wait_for_line("other: known"));
    EXPECT_EQ(node.journal.lines(), (std::vector<std::string>{"door: trusted", "other: known"}));
    const DeadLetterBody last = node.system->dead_letters().recent().back();
    EXPECT_EQ(last.cause, Code::UNTRUSTED);
    EXPECT_EQ(last.target, node.remoting->address().text() + "/user/door/../other");
}

TEST_F(UntrustedMode, DropsWhatMayHarmAlsoWhenItsTargetIsTrusted) {
    const Ptr<Cell> door = node.spawn_noting("door");
    const TypeId harm = stranger.system->types().intern("test.Harm").value();
    for (const Ref &target : {known(door), stranger.ref(node, "/user/door")}) {
        for (const TypeId type : {types::poison_pill, types::kill, types::broadcast, harm}) {
            target->deliver(Envelope::make(type, {}, nullptr, {}));
        }
    }
    stranger.tell(known(door), "still there");
    EXPECT_TRUE(node.journal.wait_for_line("door: still there"));
    expect_dropped(8);
    EXPECT_EQ(node.journal.lines().size(), 1u);
    // What is sent within the node is not its business.
    door->deliver(Envelope::make(types::poison_pill, {}, nullptr, {}));
    EXPECT_TRUE(node.journal.wait_for_line("door: signal motet.PostStop"));
}

TEST_F(UntrustedMode, DropsSystemMessagesAndDoesNotHaveThemSentAgain) {
    const Ptr<Cell> door = node.spawn_noting("door");
    const Ptr<Cell> watcher = stranger.spawn_noting("watcher");
    const Ref known_door = known(door);
    watcher->watch(*known_door);
    expect_dropped(1);
    door->deliver(Envelope::make(types::poison_pill, {}, nullptr, {}));
    EXPECT_TRUE(node.journal.wait_for_line("door: signal motet.PostStop"));
    // A second one comes after the first, so that nothing of it can have been told meanwhile.
    const Ref other = stranger.ref(node, "/user/other");
    watcher->watch(*other);
    expect_dropped(2);
    EXPECT_TRUE(stranger.journal.lines().empty());
}

TEST_F(UntrustedMode, AnswersAndIsAnswered) {
    node.spawn_echo("door");
    stranger.spawn_echo("echo");
    std::string answer;
    EXPECT_TRUE(stranger.ask(stranger.ref(node, "/user/door"), "hello", &answer).ok());
    EXPECT_EQ(answer, "hello");
    EXPECT_TRUE(node.ask(node.ref(stranger, "/user/echo"), "and back", &answer).ok());
    EXPECT_EQ(answer, "and back");
    EXPECT_EQ(node.dead(Code::UNTRUSTED), 0u);
}

}  // namespace
}  // namespace motet
