// Nodes that reach each other by sockets of their machine.
#include "core/remote/ipc_place.h"
#include "tests/unit/remote/key_files.h"
#include "tests/unit/remote/loopback_node.h"

// libzmq drops the news for a monitor of a socket that closes, and the memory of those that name a long endpoint, as
// that of a local socket is, with them.
extern "C" __attribute__((visibility("default"))) const char *__lsan_default_suppressions() { return "leak:libzmq.so"; }

namespace motet {
namespace {

using Node = LoopbackNode;

class LocalSockets : public testing::Test {
  protected:
    LocalSockets() {
        directory = files.path("sockets");
        mkdir(directory.c_str(), 0700);
    }

    std::map<std::string, std::string> named(const std::string &name) const {
        return {{"remote.transport", "ipc"}, {"remote.ipc.directory", directory}, {"remote.ipc.name", name}};
    }

    static void ask(Node &from, const Node &to) {
        std::string answer;
        EXPECT_TRUE(from.ask(from.ref(to, "/user/echo"), "hi", &answer).ok());
        EXPECT_EQ(answer, "hi");
    }

    const KeyFiles files;
    std::string directory;
};

TEST_F(LocalSockets, CarryEverythingAlsoToNodesWithAPort) {
    Node a("S", 0, named("a"));
    Node b("S", 0, named(""));
    Node c("S", 0, {{"remote.ipc.directory", directory}});
    EXPECT_EQ(a.remoting->address().text(), "motet.ipc://S@a");
    EXPECT_EQ(b.remoting->address().text(), "motet.ipc://S@node-" + std::to_string(b.system->uid()));
    for (Node *node : {&a, &b, &c}) {
        node->spawn_echo("echo");
    }
    ask(a, b);
    ask(b, a);
    ask(a, c);
    ask(c, b);
    EXPECT_EQ(std::filesystem::status(directory + "/a").permissions(), std::filesystem::perms(0600));
    const Ptr<Cell> watched = b.spawn_noting("watched");
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ref remote = a.ref(b, "/user/watched");
    watcher->watch(*remote);
    b.kill();
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote->path()));
}

TEST_F(LocalSockets, AreTakenByOneNodeAtATimeAndOutliveNobody) {
    auto first = std::make_unique<Node>("S", 0, named("a"));
    const Result<IpcPlace> second = IpcPlace::take(directory, "a");
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.status().code(), Code::ADDRESS_IN_USE);
    EXPECT_EQ(second.status().message(), "another node listens at the local socket \"" + directory + "/a\"");
    Node other("S", 0, named("b"));
    first->spawn_echo("echo");
    ask(other, *first);
    first->kill();
    first = std::make_unique<Node>("S", 0, named("a"));
    first->spawn_echo("echo");
    other.spawn_echo("echo");
    ask(*first, other);
    ask(other, *first);
}

TEST_F(LocalSockets, ThatAreOnesOwnNeverTouchTheNetwork) {
    Node a("S", 0, named("a"));
    a.spawn_noting("here");
    a.tell(a.system->resolve("motet.ipc://S@a/user/here").value(), "hi");
    EXPECT_TRUE(a.journal.wait_for_line("here: hi"));
    EXPECT_EQ(a.remoting->counters().frames_out, 0u);
}

TEST_F(LocalSockets, EncryptToo) {
    files.write("peers", files.make("one") + " a\n" + files.make("two") + " b\n");
    auto a_settings = files.settings("one");
    auto b_settings = files.settings("two");
    a_settings.merge(named("a"));
    b_settings.merge(named("b"));
    Node a("S", 0, a_settings);
    Node b("S", 0, b_settings);
    b.spawn_echo("echo");
    ask(a, b);
}

TEST_F(LocalSockets, NeedADirectoryThatIsSafe) {
    const auto refused = [](const std::string &in, const std::string &name, const std::string &reason) {
        const Result<IpcPlace> place = IpcPlace::take(in, name);
        ASSERT_FALSE(place.ok()) << reason;
        EXPECT_EQ(place.status().code(), Code::BAD_VALUE);
        EXPECT_EQ(place.status().message(), "remote.ipc.directory: " + reason);
    };
    refused("", "a", "remote.transport is ipc, and needs it");
    refused(directory + "/no", "a",
            "\"" + directory + "/no\" is no directory; make it with: mkdir -m 700 " + directory + "/no");
    refused(directory, std::string(120, 'a'),
            "the path of a local socket has at most 107 bytes, and \"" + directory + "/" + std::string(120, 'a') +
                "\" has " + std::to_string(directory.size() + 121));
    chmod(directory.c_str(), 0777);
    refused(directory, "a",
            "others than the user of this process can change \"" + directory +
                "\"; give it to that user, and run: chmod go-w " + directory);
}

}  // namespace
}  // namespace motet
