#include "core/cluster/discovery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "core/cluster/settings.h"

namespace motet {
namespace {

// An answer of the DNS, written byte by byte as RFC 1035 and RFC 2782 lay it out.
class Answer {
  public:
    Answer() { put({0x12, 0x34, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}); }  // one question

    Answer &question() { return name("_motet._tcp.x"), put({0, 33, 0, 1}); }

    Answer &record(uint8_t type, const std::vector<uint8_t> &data) {
        ++bytes[7];
        put({0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, static_cast<uint8_t>(data.size() >> 8),
             static_cast<uint8_t>(data.size())});
        return put(data);
    }
    Answer &service(uint16_t port, const std::string &host) {
        Answer data;
        data.bytes = {0, 1, 0, 2, static_cast<uint8_t>(port >> 8), static_cast<uint8_t>(port)};
        data.name(host);
        return record(33, data.bytes);
    }

    std::vector<uint8_t> bytes;

  private:
    Answer &put(const std::vector<uint8_t> &more) {
        bytes.insert(bytes.end(), more.begin(), more.end());
        return *this;
    }
    Answer &name(const std::string &dotted) {
        for (size_t start = 0; start < dotted.size();) {
            const size_t end = std::min(dotted.find('.', start), dotted.size());
            bytes.push_back(static_cast<uint8_t>(end - start));
            bytes.insert(bytes.end(), dotted.begin() + static_cast<ptrdiff_t>(start),
                         dotted.begin() + static_cast<ptrdiff_t>(end));
            start = end + 1;
        }
        bytes.push_back(0);
        return *this;
    }
};

TEST(SrvAnswer, GivesHostsAndPorts) {
    Answer answer;
    answer.question().service(2551, "one.x").record(1, {10, 0, 0, 1}).service(2552, "two.x");
    const std::vector<ServiceTarget> targets = read_srv_answer(answer.bytes).value();
    ASSERT_EQ(targets.size(), 2u);
    EXPECT_EQ(targets[0].host, "one.x");
    EXPECT_EQ(targets[0].port, 2551);
    EXPECT_EQ(targets[1].host, "two.x");
    EXPECT_EQ(targets[1].port, 2552);
}

TEST(SrvAnswer, LeavesOutWhatIsNoService) {
    Answer answer;
    answer.question().service(0, "one.x").service(2551, "");  // "." says: there is none
    EXPECT_TRUE(read_srv_answer(answer.bytes).value().empty());
}

TEST(SrvAnswer, SurvivesDamage) {
    Answer answer;
    answer.question().service(2551, "one.x").service(2552, "two.x");
    for (size_t size = 0; size < answer.bytes.size(); ++size) {  // cut off
        EXPECT_FALSE(read_srv_answer({answer.bytes.begin(), answer.bytes.begin() + static_cast<ptrdiff_t>(size)}).ok());
    }
    for (size_t at = 0; at < answer.bytes.size(); ++at) {
        for (const uint8_t value : {0x00, 0x3f, 0xc0, 0xff}) {
            std::vector<uint8_t> damaged = answer.bytes;
            damaged[at] = value;
            (void)read_srv_answer(damaged);  // an answer or an error, and no other harm
        }
    }
    Answer small;
    small.question().record(33, {0, 1, 0, 2, 3});
    EXPECT_EQ(read_srv_answer(small.bytes).status().code(), Code::MALFORMED);
}

Result<std::vector<Address>> found_by(const std::string &name) {
    std::promise<Result<std::vector<Address>>> told;
    Ptr<Discovery>::adopt(new DnsDiscovery("Unit", name, 2551))->look_up([&](Result<std::vector<Address>> found) {
        told.set_value(std::move(found));
    });
    return told.get_future().get();
}

TEST(DnsDiscovery, FindsEveryAddressOfAName) {
    const Result<std::vector<Address>> found = found_by("localhost");
    ASSERT_TRUE(found.ok()) << found.status().message();
    EXPECT_NE(std::find(found.value().begin(), found.value().end(), Address::tcp("Unit", "127.0.0.1", 2551)),
              found.value().end());
}

TEST(DnsDiscovery, SaysWhyItFoundNobody) {
    const Result<std::vector<Address>> found = found_by("no-such-host.invalid");
    EXPECT_FALSE(found.ok());
    EXPECT_NE(found.status().message().find("no-such-host.invalid"), std::string::npos);
    EXPECT_NE(found_by("_motet._tcp.invalid").status().message().find("_motet._tcp.invalid"), std::string::npos);
}

TEST(DiscoverySettings, ThatCannotBeAreRefused) {
    const std::vector<std::pair<std::vector<std::pair<std::string, std::string>>, std::string>> table = {
        {{{"cluster.discovery.method", "dns"}}, "dns-name"},
        {{{"cluster.discovery.method", "dns"}, {"cluster.discovery.dns-name", "a b"}}, "a b"},
        {{{"cluster.discovery.method", "dns"}, {"cluster.discovery.dns-name", "a.b"}}, "cluster.discovery.port"},
        {{{"cluster.discovery.method", "program"}, {"cluster.seed-nodes", "motet.tcp://Unit@a:1"}}, "one of them"},
    };
    for (const auto &[values, named] : table) {
        Config config;
        for (const auto &[key, value] : values) {
            EXPECT_TRUE(config.set(key, value).ok());
        }
        const Result<ClusterSettings> refused = ClusterSettings::from(config);
        EXPECT_EQ(refused.status().code(), Code::BAD_VALUE);
        EXPECT_NE(refused.status().message().find(named), std::string::npos) << refused.status().message();
    }
}

}  // namespace
}  // namespace motet
