#include "core/remote/zmq_transport.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <gtest/gtest.h>
#include <mutex>
#include <zmq.hpp>

namespace motet {
namespace {

using wire::Lane;

ByteBuffer bytes(const std::string &text) {
    ByteBuffer buffer;
    buffer.append({reinterpret_cast<const uint8_t *>(text.data()), text.size()});
    return buffer;
}

// A node that writes down what happens and runs what a test wants to be done on the transport's thread.
class Node final : public TransportSink {
  public:
    explicit Node(size_t max_frame = 1 << 20, NameLookup::Resolver resolver = look_up_host)
        : transport_({.max_frame = max_frame, .resolver = resolver}, clock_) {}
    ~Node() override { transport_.stop(0); }

    void start(const std::string &host = "127.0.0.1") {
        Result<uint16_t> bound = transport_.listen(host, 0);
        ASSERT_TRUE(bound.ok()) << bound.status().message();
        port = bound.value();
        ASSERT_TRUE(transport_.start(*this).ok());
    }

    Address address() const { return Address::tcp("S", "127.0.0.1", port); }

    std::vector<std::string> hosts() const { return transport_.hosts(); }

    // Runs something on the transport's thread and waits for it.
    void on_thread(std::function<void(Transport &)> job) {
        std::unique_lock lock(mutex_);
        job_ = std::move(job);
        transport_.wake();
        ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return !job_; }));
    }

    ConnectionId connect(const Address &peer, Lane lane = Lane::control) {
        ConnectionId id = 0;
        on_thread([&](Transport &transport) { id = transport.connect(peer, lane); });
        return id;
    }

    Transport::Sent send(ConnectionId connection, const std::string &text) {
        Transport::Sent sent = Transport::Sent::gone;
        on_thread([&](Transport &transport) {
            ByteBuffer frame = bytes(text);
            sent = transport.send(connection, frame);
        });
        return sent;
    }

    // Waits until something has happened.
    bool sees(const std::string &what, std::chrono::milliseconds patience = std::chrono::seconds(60)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] {
            for (const std::string &seen : seen_) {
                if (seen.find(what) != std::string::npos) {
                    return true;
                }
            }
            return false;
        });
    }

    void received(Bytes frame, InboundId inbound, ConnectionId connection) override {
        const std::string text(reinterpret_cast<const char *>(frame.data()), frame.size());
        note((inbound != 0 ? "got " : "answer " + std::to_string(connection) + " ") + text.substr(0, 40));
        if (inbound != 0 && text.rfind("ping", 0) == 0) {
            transport_.reply(inbound, bytes("pong"));
        }
    }
    void link_lost(ConnectionId connection, const std::string &reason) override {
        note("lost " + std::to_string(connection) + " " + reason);
    }
    Nanos work(Now now) override {
        const std::lock_guard lock(mutex_);
        if (job_) {
            job_(transport_);
            job_ = nullptr;
            changed_.notify_all();
        }
        return now.mono + kSecond;
    }

    uint16_t port = 0;

  private:
    void note(std::string what) {
        const std::lock_guard lock(mutex_);
        seen_.push_back(std::move(what));
        changed_.notify_all();
    }

    SystemClock clock_;
    ZmqTransport transport_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<void(Transport &)> job_;
    std::vector<std::string> seen_;
};

TEST(ZmqTransport, CarriesFramesAndAnswersOnEveryLane) {
    Node a;
    Node b;
    a.start();
    b.start();
    for (const Lane lane : {Lane::control, Lane::ordinary, Lane::large}) {
        const ConnectionId connection = a.connect(b.address(), lane);
        const std::string text = "ping " + std::to_string(connection);
        EXPECT_EQ(a.send(connection, text), Transport::Sent::yes);
        EXPECT_TRUE(b.sees("got " + text));
        EXPECT_TRUE(a.sees("answer " + std::to_string(connection) + " pong"));
    }
}

TEST(ZmqTransport, TellsWhichPortIsInUse) {
    Node a;
    a.start();
    const SystemClock clock;
    ZmqTransport second({}, clock);
    const Result<uint16_t> bound = second.listen("127.0.0.1", a.port);
    ASSERT_FALSE(bound.ok());
    EXPECT_EQ(bound.status().code(), Code::ADDRESS_IN_USE);
    EXPECT_EQ(bound.status().message(),
              "cannot listen on tcp://127.0.0.1:" + std::to_string(a.port) + ": Address already in use");
}

TEST(ZmqTransport, TellsWhichHostDoesNotResolveOrIsNotHere) {
    const SystemClock clock;
    ZmqTransport unknown({}, clock);
    const Result<uint16_t> first = unknown.listen("no-such-host.invalid", 0);
    ASSERT_FALSE(first.ok());
    EXPECT_EQ(first.status().code(), Code::BAD_ADDRESS);
    EXPECT_EQ(first.status().message().rfind("host \"no-such-host.invalid\" does not resolve: ", 0), 0u);
    ZmqTransport elsewhere({}, clock);
    const Result<uint16_t> second = elsewhere.listen("192.0.2.1", 0);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.status().code(), Code::BAD_ADDRESS);
}

TEST(ZmqTransport, TellsThatAPeerIsNotThereOrGone) {
    Node a;
    a.start();
    auto b = std::make_unique<Node>();
    b->start();
    const Address address = b->address();
    const ConnectionId first = a.connect(address);
    a.send(first, "hello");
    ASSERT_TRUE(b->sees("got hello"));
    b.reset();
    EXPECT_TRUE(a.sees("lost " + std::to_string(first) + " the connection to tcp://127.0.0.1:"));
    a.on_thread([&](Transport &transport) { transport.disconnect(first); });
    EXPECT_EQ(a.send(first, "late"), Transport::Sent::gone);
    const ConnectionId second = a.connect(address);
    EXPECT_TRUE(a.sees("lost " + std::to_string(second) + " cannot connect to tcp://127.0.0.1:"));
}

TEST(ZmqTransport, ConnectsByNameAndTellsOfANameThatIsNone) {
    Node a;
    Node b;
    a.start();
    b.start();
    const ConnectionId good = a.connect(Address::tcp("S", "localhost", b.port));
    while (a.send(good, "by name") == Transport::Sent::full) {
    }
    EXPECT_TRUE(b.sees("got by name"));
    const ConnectionId bad = a.connect(Address::tcp("S", "no-such-host.invalid", 1));
    EXPECT_TRUE(a.sees("lost " + std::to_string(bad) + " host \"no-such-host.invalid\" does not resolve"));
}

TEST(ZmqTransport, TriesEveryAddressThatANameHas) {
    Node a(1 << 20, [](const std::string &) -> Result<std::vector<std::string>> {
        return std::vector<std::string>{"127.0.0.2", "::1", "127.0.0.1"};
    });
    Node b;
    a.start();
    b.start();
    const ConnectionId connection = a.connect(Address::tcp("S", "somewhere", b.port));
    EXPECT_TRUE(a.sees("lost " + std::to_string(connection) + " cannot connect to tcp://127.0.0.2:"));
    EXPECT_TRUE(a.sees("lost " + std::to_string(connection) + " cannot connect to tcp://[::1]:"));
    // What waits for an address that does not answer is lost with it; who needs an answer asks again.
    bool arrived = false;
    for (int i = 0; i < 300 && !arrived; ++i) {
        a.send(connection, "at last");
        arrived = b.sees("got at last", std::chrono::milliseconds(100));
    }
    EXPECT_TRUE(arrived);
}

std::atomic<int> running_lookups{0};
std::atomic<int> most_lookups{0};
std::atomic<bool> answer_lookups{false};

TEST(ZmqTransport, LooksUpFewNamesAtATime) {
    Node a(1 << 20, [](const std::string &) -> Result<std::vector<std::string>> {
        const int running = ++running_lookups;
        for (int most = most_lookups; running > most && !most_lookups.compare_exchange_weak(most, running);) {
        }
        while (!answer_lookups) {
            std::this_thread::yield();
        }
        --running_lookups;
        return std::vector<std::string>{"127.0.0.1"};
    });
    Node b;
    a.start();
    b.start();
    const auto connect = [&](int i) { return a.connect(Address::tcp("S", "name-" + std::to_string(i), b.port)); };
    std::vector<ConnectionId> given_up;
    for (int i = 0; i < 20; ++i) {
        given_up.push_back(connect(i));
    }
    a.on_thread([&](Transport &transport) {
        for (const ConnectionId each : given_up) {
            transport.disconnect(each);  // nothing can hurry the resolver
        }
    });
    const ConnectionId last = connect(20);
    answer_lookups = true;
    while (a.send(last, "at last") == Transport::Sent::full) {
    }
    EXPECT_TRUE(b.sees("got at last"));
    EXPECT_LE(most_lookups, 8);
    EXPECT_GE(most_lookups, 1);
}

TEST(ZmqTransport, ListensOnBothFamilies) {
    for (const std::string host : {"*", "::"}) {
        Node both;
        both.start(host);
        for (const std::string reach : {"127.0.0.1", "::1"}) {
            Node a;
            a.start();
            EXPECT_EQ(a.send(a.connect(Address::tcp("S", reach, both.port)), "over " + reach), Transport::Sent::yes);
            EXPECT_TRUE(both.sees("got over " + reach)) << host;
            const std::vector<std::string> hosts = both.hosts();
            EXPECT_EQ(std::count(hosts.begin(), hosts.end(), reach), 1) << host;
        }
    }
    Node four;
    four.start("0.0.0.0");
    Node a;
    a.start();
    const ConnectionId none = a.connect(Address::tcp("S", "::1", four.port));
    EXPECT_TRUE(a.sees("lost " + std::to_string(none) + " cannot connect to tcp://[::1]:"));
}

TEST(ZmqTransport, ConnectionsToOnePlaceLiveIndependently) {
    Node a;
    Node b;
    a.start();
    b.start();
    const ConnectionId right = a.connect(b.address());
    const ConnectionId wrong = a.connect(Address::tcp("Other", "127.0.0.1", b.port));
    EXPECT_EQ(a.send(wrong, "ping"), Transport::Sent::yes);
    EXPECT_TRUE(a.sees("answer " + std::to_string(wrong) + " pong"));
    a.on_thread([&](Transport &transport) { transport.disconnect(wrong); });
    EXPECT_EQ(a.send(right, "still here"), Transport::Sent::yes);
    EXPECT_TRUE(b.sees("got still here"));
    // Closed and opened again, many times: names of links are never given twice.
    ConnectionId connection = right;
    for (int i = 0; i < 50; ++i) {
        a.on_thread([&](Transport &transport) {
            transport.disconnect(connection);
            connection = transport.connect(b.address(), Lane::control);
        });
    }
    EXPECT_EQ(a.send(connection, "at last"), Transport::Sent::yes);
    EXPECT_TRUE(b.sees("got at last"));
}

TEST(ZmqTransport, IsFullInsteadOfWaiting) {
    Node a;
    a.start();
    // Nobody reads there; the port is one that is bound but never accepts ZeroMQ's greeting.
    const ConnectionId connection = a.connect(Address::tcp("S", "127.0.0.1", 1));
    Transport::Sent sent = Transport::Sent::yes;
    int taken = 0;
    while (sent == Transport::Sent::yes && taken < 10'000) {
        sent = a.send(connection, "frame");
        ++taken;
    }
    EXPECT_EQ(sent, Transport::Sent::full);
    EXPECT_LE(taken, 200);
}

TEST(ZmqTransport, SurvivesStrangersAndFramesAboveTheLimit) {
    Node a(1000);
    a.start();
    zmq::context_t context;
    zmq::socket_t stranger(context, zmq::socket_type::dealer);
    stranger.set(zmq::sockopt::linger, 0);
    stranger.set(zmq::sockopt::routing_id, "a name of its own");
    stranger.connect("tcp://127.0.0.1:" + std::to_string(a.port));
    stranger.send(zmq::str_buffer("one part"), zmq::send_flags::none);
    stranger.send(zmq::str_buffer("two"), zmq::send_flags::sndmore);
    stranger.send(zmq::str_buffer("parts"), zmq::send_flags::none);
    stranger.send(zmq::message_t(5000), zmq::send_flags::none);
    zmq::socket_t raw(context, zmq::socket_type::stream);
    raw.set(zmq::sockopt::linger, 0);
    raw.connect("tcp://127.0.0.1:" + std::to_string(a.port));
    zmq::message_t id;
    ASSERT_TRUE(raw.recv(id));
    raw.send(id, zmq::send_flags::sndmore);
    raw.send(zmq::str_buffer("GET / HTTP/1.0\r\n\r\n"), zmq::send_flags::none);

    Node b;
    b.start();
    EXPECT_EQ(b.send(b.connect(a.address()), "still there?"), Transport::Sent::yes);
    EXPECT_TRUE(a.sees("got still there?"));
}

TEST(ZmqTransport, StopsAtOnceAndTwiceAlsoWhenItNeverStarted) {
    const SystemClock clock;
    ZmqTransport never({}, clock);
    never.stop(0);
    Node a;
    a.start();
    a.connect(Address::tcp("S", "127.0.0.1", 1));
}

}  // namespace
}  // namespace motet
