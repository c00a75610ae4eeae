#include "core/message/address.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

namespace motet {
namespace {

TEST(Address, ReadsBackWhatItWrites) {
    for (const char *text : {"motet.tcp://Sys@127.0.0.1:2552", "motet.tcp://a-b_c@node-1.example.org:1",
                             "motet.tcp://Sys@[::1]:65535", "motet.ipc://Sys@worker-1.a_b", "motet://Sys"}) {
        const Result<Address> address = Address::parse(text);
        ASSERT_TRUE(address.ok()) << address.status().message();
        EXPECT_EQ(address.value().text(), text);
    }
    EXPECT_EQ(Address::parse("motet.tcp://Sys@[::1]:9").value(), Address::tcp("Sys", "::1", 9));
    EXPECT_EQ(Address::parse("motet.tcp://Sys@[2001:DB8:0:0::1]:9").value().text(), "motet.tcp://Sys@[2001:db8::1]:9");
    EXPECT_EQ(Address::parse("motet.tcp://Sys@[::ffff:10.0.0.1]:9").value().text(),
              "motet.tcp://Sys@[::ffff:10.0.0.1]:9");
}

TEST(Address, SaysWhatIsWrong) {
    const auto refused = [](std::string_view text, const std::string &reason) {
        const Result<Address> address = Address::parse(text);
        ASSERT_FALSE(address.ok()) << text;
        EXPECT_EQ(address.status().code(), Code::BAD_ADDRESS);
        EXPECT_EQ(address.status().message(), "\"" + std::string(text) + "\" is not an address: " + reason);
    };
    refused("", "expected motet.tcp://System@host:port");
    refused("127.0.0.1:2552", "expected motet.tcp://System@host:port");
    refused("http://Sys@h:1", "the protocol must be motet.tcp or motet.ipc (or motet, for a node without remoting)");
    refused("motet.ipc://Sys", "expected @name");
    for (const std::string name : {"", "-a", "/run/a", "a b", "a:1"}) {
        refused("motet.ipc://Sys@" + name,
                "\"" + name +
                    "\" is not the name of a local socket: 1 to 64 letters, digits, '-', '_' "
                    "or '.', the first one a letter or digit");
    }
    EXPECT_FALSE(Address::parse("motet.ipc://Sys@" + std::string(65, 'a')).ok());
    refused("motet.tcp://Sys", "expected @host:port");
    refused("motet://Sys@h:1", "protocol motet goes without host and port");
    refused("motet.tcp://Sys@h", "expected a port after the host");
    refused("motet.tcp://Sys@h:", "expected a port after the host");
    refused("motet.tcp://Sys@h:0", "port \"0\" is not a number from 1 to 65535");
    refused("motet.tcp://Sys@h:65536", "port \"65536\" is not a number from 1 to 65535");
    refused("motet.tcp://Sys@h:1/user", "port \"1/user\" is not a number from 1 to 65535");
    refused("motet.tcp://Sys@:1", "\"\" is not a host name, IPv4 address, or IPv6 address in brackets");
    refused("motet.tcp://Sys@h h:1", "\"h h\" is not a host name, IPv4 address, or IPv6 address in brackets");
    refused("motet.tcp://Sys@[::1:1", "the bracket of the IPv6 host is not closed");
    for (const std::string host : {"1:2", ":::", "fe80::1%lo", "10.0.0.1", "12345::", ""}) {
        refused("motet.tcp://Sys@[" + host + "]:1",
                "\"" + host + "\" is not a host name, IPv4 address, or IPv6 address in brackets");
    }
    EXPECT_FALSE(Address::parse("motet.tcp://-Sys@h:1").ok());
    EXPECT_FALSE(Address::parse("motet.tcp://" + std::string(65, 'a') + "@h:1").ok());
}

TEST(Address, IsOrderedByHostThenByPortAsANumber) {
    std::vector<Address> addresses = {Address::tcp("A", "b", 80), Address::tcp("A", "a", 100),
                                      Address::tcp("A", "a", 9), Address::tcp("A", "b", 8)};
    std::sort(addresses.begin(), addresses.end());
    EXPECT_EQ(addresses[0].text(), "motet.tcp://A@a:9");
    EXPECT_EQ(addresses[1].text(), "motet.tcp://A@a:100");
    EXPECT_EQ(addresses[2].text(), "motet.tcp://A@b:8");
    EXPECT_EQ(addresses[3].text(), "motet.tcp://A@b:80");
}

TEST(UniqueAddress, TellsTwoLivesApart) {
    const Address address = Address::tcp("A", "a", 9);
    EXPECT_FALSE((UniqueAddress{address, 1} == UniqueAddress{address, 2}));
    EXPECT_TRUE((UniqueAddress{address, 1} < UniqueAddress{address, 2}));
}

}  // namespace
}  // namespace motet
