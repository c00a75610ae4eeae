// Death watch between whole nodes.
#include "tests/unit/remote/loopback_node.h"

namespace motet {
namespace {

using Node = LoopbackNode;

TEST(RemoteWatch, TellsOfAStop) {
    Node a;
    Node b;
    const Ptr<Cell> watched = b.spawn_noting("watched");
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ref remote = a.ref(b, "/user/watched");
    watcher->watch(*remote);
    // The watch is known there when an answer to what was sent after it could come; system messages come first of all.
    ASSERT_TRUE(a.wait([&] { return b.remoting->counters().frames_in >= 2; }));
    watched->deliver_system(new SystemMessage{SystemKind::stop, {}});
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote->path()));
}

TEST(RemoteWatch, TellsOfAStopAfterEverythingTheActorHasSaid) {
    Node a;
    Node b;
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ptr<Cell> talker = b.spawn("talker", [&](Context &context, const Envelope &envelope) {
        if (envelope.type() == b.word) {
            for (int i = 0; i < 2000; ++i) {
                EXPECT_EQ(context.reply(b.word, bytes(std::string(200, 'x'))), Code::OK);
            }
            context.self().deliver_system(new SystemMessage{SystemKind::stop, {}});
        }
        return Code::OK;
    });
    const Ref remote = a.ref(b, "/user/talker");
    watcher->watch(*remote);
    a.tell(remote, "go", watcher.get());
    const std::vector<std::string> lines = a.journal.wait_for(2001);
    ASSERT_EQ(lines.size(), 2001u);
    EXPECT_EQ(lines[2000], "watcher: terminated " + remote->path());
}

TEST(RemoteWatch, TellsOfAnActorThatNeverWas) {
    Node a;
    Node b;
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ref remote = a.ref(b, "/user/nobody");
    watcher->watch(*remote);
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote->path()));
}

TEST(RemoteWatch, IsEndedByUnwatch) {
    Node a;
    Node b;
    const Ptr<Cell> first = b.spawn_noting("first");
    const Ptr<Cell> second = b.spawn_noting("second");
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ref remote_first = a.ref(b, "/user/first");
    const Ref remote_second = a.ref(b, "/user/second");
    watcher->watch(*remote_first);
    watcher->watch(*remote_second);
    watcher->unwatch(*remote_first);
    first->deliver_system(new SystemMessage{SystemKind::stop, {}});
    second->deliver_system(new SystemMessage{SystemKind::stop, {}});
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote_second->path()));
    for (const std::string &line : a.journal.lines()) {
        EXPECT_NE(line, "watcher: terminated " + remote_first->path());
    }
}

TEST(RemoteWatch, TellsOfANodeThatWasKilledOrNeverWas) {
    Node a;
    Node b;
    b.spawn_noting("watched");
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ref remote = a.ref(b, "/user/watched");
    watcher->watch(*remote);
    const Ref nowhere = a.system->resolve("motet.tcp://S@127.0.0.1:1/user/x").value();
    watcher->watch(*nowhere);
    ASSERT_TRUE(a.wait([&] { return b.remoting->counters().frames_in >= 3; }));
    b.kill();
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote->path()));
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + nowhere->path()));
}

TEST(RemoteWatch, TellsWhenTheClusterSaysThatANodeIsLost) {
    Node a;
    Node b;
    b.spawn_noting("watched");
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    a.remoting->set_member(b.remoting->address(), true);
    const Ref remote = a.ref(b, "/user/watched");
    watcher->watch(*remote);
    ASSERT_TRUE(a.wait([&] { return b.remoting->counters().frames_in >= 2; }));
    EXPECT_EQ(a.remoting->peers().value().at(0).phi, 0.0);
    a.remoting->node_lost(b.remoting->address(), b.system->uid(), "removed");
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote->path()));
    EXPECT_TRUE(a.wait([&] { return a.tell(remote, "late") == Code::QUARANTINED; }));
    EXPECT_GE(a.dead(Code::QUARANTINED), 1u);
}

}  // namespace
}  // namespace motet
