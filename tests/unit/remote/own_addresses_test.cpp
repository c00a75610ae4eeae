#include "core/remote/own_addresses.h"

#include <gtest/gtest.h>
#include <map>

namespace motet {
namespace {

Result<ListenPlan> plan(const std::map<std::string, std::string> &settings) {
    Config config;
    for (const auto &[key, value] : settings) {
        EXPECT_TRUE(config.set(key, value).ok()) << key;
    }
    return ListenPlan::of(config, 7);
}

TEST(ListenPlan, KeepsWhereItListensAndWhatItSaysApart) {
    const Result<ListenPlan> same = plan({{"remote.host", "::1"}, {"remote.port", "2552"}});
    EXPECT_EQ(same.value().bind_host, "::1");
    EXPECT_EQ(same.value().bind_port, 2552);
    const Result<ListenPlan> apart = plan({{"remote.host", "my.example.org"},
                                           {"remote.port", "8000"},
                                           {"remote.bind-host", "*"},
                                           {"remote.bind-port", "2552"}});
    EXPECT_EQ(apart.value().host, "my.example.org");
    EXPECT_EQ(apart.value().port, 8000);
    EXPECT_EQ(apart.value().bind_host, "*");
    EXPECT_EQ(apart.value().bind_port, 2552);
    const Result<ListenPlan> chosen = plan({{"remote.host", "10.0.0.1"}, {"remote.bind-host", "0.0.0.0"}});
    EXPECT_EQ(chosen.value().bind_port, 0);
}

TEST(ListenPlan, NamesALocalSocketAfterTheNodeWhereNoNameIsGiven) {
    EXPECT_EQ(plan({{"remote.transport", "ipc"}}).value().host, "node-7");
    const ListenPlan named = plan({{"remote.transport", "ipc"}, {"remote.ipc.name", "worker-1"}}).value();
    EXPECT_EQ(named.host, "worker-1");
    EXPECT_TRUE(named.local);
    const OwnAddresses own(Address::ipc("S", "worker-1"), named, 0, {});
    EXPECT_TRUE(own.include(Address::ipc("S", "worker-1")));
    EXPECT_FALSE(own.include(Address::ipc("S", "worker-2")));
    EXPECT_FALSE(own.include(Address::tcp("S", "worker-1", 0)));
}

TEST(ListenPlan, RefusesWhatCannotWorkAndSaysWhatWould) {
    const auto refused = [](const std::map<std::string, std::string> &settings, const std::string &reason) {
        const Result<ListenPlan> result = plan(settings);
        ASSERT_FALSE(result.ok()) << reason;
        EXPECT_EQ(result.status().code(), Code::BAD_VALUE);
        EXPECT_EQ(result.status().message(), reason);
    };
    for (const std::string host : {"0.0.0.0", "::", "0:0::0"}) {
        refused({{"remote.host", host}}, "remote.host: \"" + host +
                                             "\" is no address that other nodes could reach this one by; set it to a "
                                             "name or address of this machine, and remote.bind-host to \"" +
                                             host + "\"");
    }
    refused({{"remote.bind-port", "2552"}},
            "remote.port: 0 is no port that other nodes could reach this one by, when remote.bind-port is 2552; set it "
            "to the port that leads there, or remote.bind-port to -1");
    refused(
        {{"remote.port", "8000"}, {"remote.bind-port", "0"}},
        "remote.bind-port: 0 lets the operating system choose, and then nothing leads from port 8000 of remote.port "
        "to it; set it to the port to which that one leads, or to -1");
}

TEST(OwnAddresses, KnowTheNodeUnderEveryName) {
    const Address advertised = Address::tcp("S", "My.example.org", 8000);
    const OwnAddresses own(advertised, {"*", 2552, "My.example.org", 8000, false}, 2552, {"10.0.0.1", "2001:db8::1"});
    for (const char *text : {"motet.tcp://S@my.example.ORG:8000", "motet.tcp://S@10.0.0.1:2552",
                             "motet.tcp://S@[2001:DB8:0::1]:2552", "motet.tcp://S@localhost:2552"}) {
        EXPECT_TRUE(own.include(Address::parse(text).value())) << text;
    }
    for (const char *text : {"motet.tcp://S@my.example.org:2552", "motet.tcp://S@10.0.0.1:8000",
                             "motet.tcp://T@10.0.0.1:2552", "motet.tcp://S@10.0.0.2:2552", "motet://S"}) {
        EXPECT_FALSE(own.include(Address::parse(text).value())) << text;
    }
}

TEST(OwnAddresses, TakeNoOtherNodeOfTheMachineForThisOne) {
    const Address advertised = Address::tcp("S", "127.0.0.1", 2552);
    const OwnAddresses own(advertised, {"127.0.0.1", 2552, "127.0.0.1", 2552, false}, 2552, {"127.0.0.1"});
    EXPECT_TRUE(own.include(Address::tcp("S", "localhost", 2552)));
    EXPECT_FALSE(own.include(Address::tcp("S", "127.0.0.2", 2552)));
    EXPECT_FALSE(own.include(Address::tcp("S", "::1", 2552)));
    const OwnAddresses outside(Address::tcp("S", "10.0.0.1", 2552), {"10.0.0.1", 2552, "10.0.0.1", 2552, false}, 2552,
                               {});
    EXPECT_FALSE(outside.include(Address::tcp("S", "localhost", 2552)));
}

}  // namespace
}  // namespace motet
