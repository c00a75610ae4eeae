// Several nodes in one process, in the C++ layer: creation elsewhere, what is known of peers, room.
#include "support.h"

#include <cstdio>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace {

motet::Config connected() { return std::move(quiet().set("remote.enabled", "on").set("cluster.enabled", "off")); }

TEST(CppRemoting, CreatesActorsOnOtherNodes) {
    motet::System here(connected());
    motet::System there(connected());
    there.register_actor("test.Worker", motet::actor([](motet::Context &context, const Ping &) {
                             const std::vector<std::uint8_t> with = context.arguments();
                             context.reply(Text{std::string(with.begin(), with.end())});
                         }));
    motet::Props worker = motet::Props::of_type("test.Worker", {'h', 'i'});
    const motet::Ref ref = here.spawn(worker.set("remote", there.address()), "worker");
    EXPECT_EQ(here.ask<Text>(ref, Ping{}, patience).get(), Text{"hi"});
    EXPECT_EQ(ref.path().rfind(here.address() + "/user/worker", 0), 0u);
    here.close(patience);
    there.close(patience);
}

TEST(CppRemoting, TellsOfPeersAndRoom) {
    motet::System here(connected());
    motet::System there(connected());
    auto [texts, props] = collector<Text>();
    const motet::Ref far = here.ref(there.spawn(props).path());
    EXPECT_EQ(far.await_room(100, std::chrono::duration_cast<std::chrono::milliseconds>(patience)), motet::Code::ok);
    auto [rooms, waiting] = collector<motet::Room>();
    EXPECT_EQ(far.when_room(100, here.spawn(waiting)), motet::Code::ok);
    EXPECT_EQ(rooms->take(1)[0].code, 0);
    here.tell(far, Text{"x"});
    EXPECT_EQ(texts->take(1)[0], Text{"x"});
    const std::vector<motet::PeerReport> peers = motet::peers(here.get());
    ASSERT_EQ(peers.size(), 1u);
    EXPECT_EQ(peers[0].address, there.address());
    EXPECT_EQ(peers[0].state, "active");
    here.close(patience);
    there.close(patience);
}

TEST(CppRemoting, MakesKeysOnce) {
    const std::string secret = testing::TempDir() + "motet-node-" + std::to_string(getpid()) + ".key";
    motet::create_keys(secret);
    try {
        motet::create_keys(secret);
        ADD_FAILURE() << "overwritten";
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), motet::Code::name_taken);
    }
    EXPECT_EQ(std::remove(secret.c_str()), 0);
    EXPECT_EQ(std::remove((secret + ".pub").c_str()), 0);
}

TEST(CppRemoting, ReloadsKeys) {
    const std::string secret = testing::TempDir() + "motet-reload-" + std::to_string(getpid()) + ".key";
    const std::string list = secret + ".peers";
    const auto list_keys = [&](const std::string &text) {
        std::ofstream(list) << text;
        EXPECT_EQ(chmod(list.c_str(), 0644), 0);
    };
    motet::create_keys(secret);
    std::string key;
    std::getline(std::ifstream(secret + ".pub"), key);
    list_keys(key + " *\n");
    motet::System keyed(connected()
                            .set("log.level", "off")
                            .set("remote.curve.enabled", "on")
                            .set("remote.curve.key-file", secret)
                            .set("remote.curve.peers-file", list));
    motet::System plain(connected());
    const auto code_of = [](const motet::System &system) {
        try {
            motet::reload_keys(system.get());
            return motet::Code::ok;
        } catch (const motet::Error &error) {
            return error.code();
        }
    };
    EXPECT_EQ(code_of(keyed), motet::Code::ok);
    list_keys("nonsense\n");
    EXPECT_EQ(code_of(keyed), motet::Code::bad_value);
    EXPECT_EQ(code_of(plain), motet::Code::bad_state);
    keyed.close(patience);
    plain.close(patience);
    for (const std::string &file : {secret, secret + ".pub", list}) {
        EXPECT_EQ(std::remove(file.c_str()), 0);
    }
}

}  // namespace
