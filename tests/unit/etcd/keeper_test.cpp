// Leases in a real etcd.
#include "etcd/src/keeper.h"

#include <chrono>
#include <memory>
#include <thread>

#include "tests/unit/etcd/etcd_server.h"

namespace motet::etcd {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60s;

template <typename Condition> bool soon(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(20ms);
    }
    return true;
}

// An etcd of its own for each test. Its ports are let go of just before it takes them.
class EtcdTest : public testing::Test {
  protected:
    void start(const std::vector<std::string> &more = {}, const std::string &scheme = "http") {
        auto clients = std::make_unique<Port>();
        auto peers = std::make_unique<Port>();
        url_ = clients->url(scheme);
        std::vector<std::string> command = {"etcd",
                                            "--data-dir",
                                            scratch_.file("data"),
                                            "--listen-client-urls",
                                            url_,
                                            "--advertise-client-urls",
                                            url_,
                                            "--listen-peer-urls",
                                            peers->url(),
                                            "--initial-advertise-peer-urls",
                                            peers->url(),
                                            "--initial-cluster",
                                            "default=" + peers->url()};
        command.insert(command.end(), more.begin(), more.end());
        clients.reset();
        peers.reset();
        etcd_ = std::make_unique<Process>(command, scratch_.file("log"));
    }

    void await(const ClientSettings &settings) {
        Client client(settings);
        std::optional<Entry> entry;
        Outcome outcome;
        EXPECT_TRUE(soon([&] { return (outcome = client.get("x", entry)).ok(); })) << outcome.message;
    }

    ClientSettings client(const std::string &url = "") const {
        ClientSettings settings;
        settings.endpoints = {url.empty() ? url_ : url};
        settings.timeout = 20s;
        return settings;
    }

    ClientSettings waiting_for(Port &silent, std::chrono::milliseconds timeout) const {
        silent.listen();
        ClientSettings settings = client(silent.url());
        settings.timeout = timeout;
        return settings;
    }

    KeeperSettings keeper(std::chrono::seconds time_to_live = 60s) const {
        return {client(), "/motet/lease/", time_to_live};
    }

    void start_and_await() {
        start();
        await(client());
    }

    Scratch scratch_;
    std::string url_;
    std::unique_ptr<Process> etcd_;
};

TEST_F(EtcdTest, OneOwnerAtATimeHoldsALease) {
    start_and_await();
    Keeper left(keeper());
    Keeper right(keeper());
    EXPECT_EQ(left.acquire("lease", "left").code, MOTET_OK);
    const Outcome refused = right.acquire("lease", "right");
    EXPECT_EQ(refused.code, MOTET_E_REFUSED);
    EXPECT_EQ(refused.message, "the lease is held by left");
    EXPECT_EQ(right.acquire("another", "right").code, MOTET_OK) << "of another name";
    EXPECT_EQ(left.check("lease", "left").code, MOTET_OK);
    EXPECT_EQ(right.check("lease", "right").code, MOTET_E_REFUSED);
    EXPECT_EQ(right.release("lease", "right").code, MOTET_E_REFUSED);
    EXPECT_EQ(left.release("lease", "left").code, MOTET_OK);
    EXPECT_EQ(left.check("lease", "left").message, "the lease is held by nobody");
    EXPECT_EQ(left.release("lease", "left").code, MOTET_OK) << "again";
    EXPECT_EQ(right.acquire("lease", "right").code, MOTET_OK);
}

TEST_F(EtcdTest, WhoHoldsItMayHaveItAgain) {
    start_and_await();
    Keeper first(keeper());
    EXPECT_EQ(first.acquire("lease", "me").code, MOTET_OK);
    EXPECT_EQ(first.acquire("lease", "me").code, MOTET_OK);
    Keeper forgetful(keeper());  // the same owner, whose first answer was lost
    EXPECT_EQ(forgetful.acquire("lease", "me").code, MOTET_OK);
    EXPECT_EQ(forgetful.release("lease", "me").code, MOTET_OK);
}

TEST_F(EtcdTest, AnyBytesMayBeNamesAndOwners) {
    start_and_await();
    Keeper holder(keeper());
    for (const std::string &owner :
         {std::string("a"), std::string("ab"), std::string("abc"), std::string("\0\xff/?", 4)}) {
        const std::string name = "of " + owner;
        EXPECT_EQ(holder.acquire(name, owner).code, MOTET_OK);
        EXPECT_EQ(holder.check(name, owner).code, MOTET_OK);
        EXPECT_EQ(holder.check(name, owner + "x").code, MOTET_E_REFUSED);
    }
}

TEST_F(EtcdTest, RunsOutWhenNobodyRenewsIt) {
    start_and_await();
    Keeper gone(keeper(2s));
    Keeper other(keeper(2s));
    EXPECT_EQ(gone.acquire("lease", "gone").code, MOTET_OK);
    EXPECT_TRUE(soon([&] { return other.acquire("lease", "other").ok(); }));
    EXPECT_EQ(gone.check("lease", "gone").code, MOTET_E_REFUSED);
    gone.renew();
    EXPECT_EQ(gone.renew(), Keeper::Clock::time_point::max()) << "it knows that it has lost it";
}

TEST_F(EtcdTest, IsRenewedInTime) {
    start_and_await();
    Keeper holder(keeper(6s));
    ASSERT_EQ(holder.acquire("lease", "me").code, MOTET_OK);
    const auto end = Keeper::Clock::now() + 13s;  // more than twice the time to live
    while (Keeper::Clock::now() < end) {
        std::this_thread::sleep_until(std::min(holder.renew(), end));
    }
    EXPECT_EQ(holder.check("lease", "me").code, MOTET_OK);
}

TEST_F(EtcdTest, TheNextEndpointIsTried) {
    start_and_await();
    const Port closed;
    KeeperSettings settings = keeper();
    settings.client.endpoints.insert(settings.client.endpoints.begin(), closed.url());
    Keeper holder(settings);
    EXPECT_EQ(holder.acquire("lease", "me").code, MOTET_OK);
}

TEST_F(EtcdTest, ADeadOneIsNamed) {
    const Port closed;
    Client client(this->client(closed.url()));
    LeaseId lease;
    const Outcome outcome = client.grant(60s, lease);
    EXPECT_EQ(outcome.code, MOTET_E_TRANSPORT);
    EXPECT_NE(outcome.message.find("etcd at " + closed.url() + ": "), std::string::npos) << outcome.message;
}

TEST_F(EtcdTest, ASilentOneIsGivenUp) {
    Port silent;
    Client client(waiting_for(silent, 200ms));
    LeaseId lease;
    const Outcome outcome = client.grant(60s, lease);
    EXPECT_EQ(outcome.code, MOTET_E_TIMEOUT) << outcome.message;
}

TEST_F(EtcdTest, AStopEndsWhatIsUnderWay) {
    Port silent;
    Client client(waiting_for(silent, 1h));
    std::jthread stopping([&] { client.stop(); });
    LeaseId lease;
    EXPECT_FALSE(client.grant(60s, lease).ok());
}

TEST_F(EtcdTest, OneThatHoldsALeaseMayRestart) {
    start_and_await();
    Keeper holder(keeper());
    ASSERT_EQ(holder.acquire("lease", "me").code, MOTET_OK);
    etcd_->signal(SIGSTOP);
    KeeperSettings impatient = keeper();
    impatient.client.timeout = 200ms;
    EXPECT_TRUE(soon([&] { return Keeper(impatient).check("lease", "me").code == MOTET_E_TIMEOUT; })) << "nobody knows";
    etcd_->signal(SIGCONT);
    EXPECT_EQ(holder.check("lease", "me").code, MOTET_OK);
}

// What answers, but not as etcd does.
class Impostor {
  public:
    explicit Impostor(const std::string &answer) : answer_(answer) {
        port_.listen();
        thread_ = std::jthread([this] { serve(); });
    }
    ~Impostor() {
        port_.shut();
        thread_.join();
    }

    std::string url() const { return port_.url(); }

  private:
    void serve() {
        for (int connection; (connection = port_.accept()) >= 0;) {
            char question[4096];
            if (read(connection, question, sizeof question) > 0) {
                (void)!write(connection, answer_.data(), answer_.size());
            }
            close(connection);
        }
    }

    const std::string answer_;
    Port port_;
    std::jthread thread_;
};

TEST_F(EtcdTest, WhatIsNoEtcdIsRefused) {
    signal(SIGPIPE, SIG_IGN);
    const std::string ok = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    const std::string deep(30'000, '[');
    for (const std::string &answer :
         {std::string("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nnothing here"), ok + "no JSON", ok + "[]",
          ok + "{}", ok + "{\"ID\": 7}", ok + "{\"kvs\": [7]}", ok + "{\"responses\": [[]]}", ok + deep,
          ok + std::string(100'000, ' '), std::string("SSH-2.0-OpenSSH\r\n"), std::string()}) {
        const Impostor impostor(answer);
        KeeperSettings settings = keeper();
        settings.client = client(impostor.url());
        Keeper keeper(settings);
        const Outcome outcome = keeper.acquire("lease", "me");
        EXPECT_FALSE(outcome.ok()) << answer.substr(0, 60);
        EXPECT_FALSE(outcome.message.empty()) << answer.substr(0, 60);
    }
    for (const char *answer : {"{}", "{\"kvs\": [7]}", "{\"kvs\": {}}", "{\"kvs\": [{\"value\": 7}]}"}) {
        const Impostor impostor(ok + answer);
        KeeperSettings settings = keeper();
        settings.client = client(impostor.url());
        EXPECT_EQ(Keeper(settings).check("lease", "me").code, MOTET_E_REFUSED) << answer;
    }
}

// A certificate for this host, and its key.
void make_certificate(const std::string &certificate, const std::string &key) {
    const std::string command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 "
                                "-addext subjectAltName=IP:127.0.0.1 -addext extendedKeyUsage=serverAuth,clientAuth "
                                "-out " +
                                certificate + " -keyout " + key + " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

TEST_F(EtcdTest, SpeaksTlsWithWhoIsTrusted) {
    const std::string certificate = scratch_.file("etcd.pem");
    const std::string own = scratch_.file("own.pem");
    const std::string stranger = scratch_.file("stranger.pem");
    make_certificate(certificate, scratch_.file("etcd.key"));
    make_certificate(own, scratch_.file("own.key"));
    make_certificate(stranger, scratch_.file("stranger.key"));
    const std::string trusted = scratch_.file("trusted.pem");  // its gateway is a client of etcd, too
    ASSERT_EQ(std::system(("cat " + certificate + " " + own + " > " + trusted).c_str()), 0);
    start({"--cert-file", certificate, "--key-file", scratch_.file("etcd.key"), "--client-cert-auth",
           "--trusted-ca-file", trusted},
          "https");
    ClientSettings settings = client();
    settings.ca_file = certificate;
    settings.certificate_file = own;
    settings.key_file = scratch_.file("own.key");
    await(settings);

    std::optional<Entry> entry;
    ClientSettings wrong_authority = settings;
    wrong_authority.ca_file = stranger;
    EXPECT_EQ(Client(wrong_authority).get("x", entry).code, MOTET_E_TRANSPORT);
    ClientSettings no_certificate = settings;
    no_certificate.certificate_file = no_certificate.key_file = "";
    EXPECT_EQ(Client(no_certificate).get("x", entry).code, MOTET_E_TRANSPORT);
    ClientSettings wrong_certificate = settings;
    wrong_certificate.certificate_file = stranger;
    wrong_certificate.key_file = scratch_.file("stranger.key");
    EXPECT_EQ(Client(wrong_certificate).get("x", entry).code, MOTET_E_TRANSPORT);
}

}  // namespace
}  // namespace motet::etcd
