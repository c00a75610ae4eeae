#include "support.h"

#include <atomic>
#include <stdexcept>

namespace {

std::unique_ptr<motet::System> start_node() {
    return std::make_unique<motet::System>(std::move(motet::Config()
                                                         .set("log.level", "off")
                                                         .set("cluster.gossip-interval", "50ms")
                                                         .set("cluster.leader-interval", "50ms")
                                                         .set("cluster.heartbeat-interval", "100ms")
                                                         .set("cluster.failure-detector.acceptable-pause", "3s")
                                                         .set("cluster.failure-detector.expected-response", "100ms")
                                                         .set("cluster.downing.strategy", "lease-majority")
                                                         .set("cluster.downing.stable-after", "3s")
                                                         .set("cluster.downing.lease-delay", "0s")
                                                         .set("cluster.downing.lease-release-after", "100ms")
                                                         .set("cluster.downing.lease-name", "the-lease")));
}

// What is asked of a lease, as "operation name", and whom for.
struct Asked {
    std::string what;
    std::string owner;
};

// A lease that answers all requests alike.
class Keeper : public motet::Lease {
  public:
    using Answer = std::function<void(const motet::LeaseRequest &)>;
    Keeper(std::shared_ptr<Box<Asked>> asked, Answer answer) : asked_(std::move(asked)), answer_(std::move(answer)) {}

    void acquire(motet::LeaseRequest request) override { take("acquire", request); }
    void check(motet::LeaseRequest request) override { take("check", request); }
    void release(motet::LeaseRequest request) override { take("release", request); }

  private:
    void take(const std::string &operation, const motet::LeaseRequest &request) {
        asked_->put({operation + " " + request.name(), request.owner()});
        answer_(request);
    }

    std::shared_ptr<Box<Asked>> asked_;
    Answer answer_;
};

// A node with such a lease that has lost the only other one.
std::unique_ptr<motet::System> start_survivor(std::shared_ptr<motet::Lease> lease) {
    auto first = start_node();
    auto second = start_node();
    first->cluster().set_lease(std::move(lease));
    for (motet::System *node : {first.get(), second.get()}) {
        node->cluster().join(first->address());
        node->cluster().wait_up(patience);
    }
    try {
        second->shutdown().run(motet::ShutdownReason::unknown, 0ms, "actor-system-terminate");  // at once
    } catch (const motet::Error &) {
    }
    return first;
}

TEST(CppLease, WhoIsGrantedItStays) {
    auto asked = std::make_shared<Box<Asked>>();
    auto lease = std::make_shared<Keeper>(asked, [](const motet::LeaseRequest &request) {
        request.done();
        request.fail(motet::Code::refused, "too late");
    });
    const std::weak_ptr<motet::Lease> kept = lease;
    auto first = start_survivor(std::move(lease));
    const std::vector<Asked> all = asked->take(3);
    EXPECT_EQ(all[0].what, "acquire the-lease");
    EXPECT_EQ(all[1].what, "check the-lease");
    EXPECT_EQ(all[2].what, "release the-lease");
    for (const Asked &each : all) {
        EXPECT_EQ(each.owner, first->address() + "#" + std::to_string(first->uid()));
    }
    EXPECT_EQ(first->cluster().state().members.size(), 1u);
    EXPECT_FALSE(kept.expired());
    first->close(patience);
    first.reset();
    EXPECT_TRUE(kept.expired());
}

void goes(Keeper::Answer answer) {
    auto asked = std::make_shared<Box<Asked>>();
    auto first = start_survivor(std::make_shared<Keeper>(asked, std::move(answer)));
    EXPECT_EQ(asked->take(1)[0].what, "acquire the-lease");
    first->wait();
    EXPECT_EQ(first->shutdown().reason(), motet::ShutdownReason::cluster_downing);
    EXPECT_EQ(asked->size(), 1u);
}

TEST(CppLease, WhoIsRefusedItGoes) {
    goes([](const motet::LeaseRequest &request) { request.fail(motet::Code::refused, "held by another one"); });
}

TEST(CppLease, AnExceptionCountsAsRefused) {
    goes([](const motet::LeaseRequest &) { throw std::runtime_error("the register is gone"); });
}

TEST(CppLease, AForgottenRequestCountsAsRefused) {
    goes([](const motet::LeaseRequest &) {});
}

TEST(CppLease, AnAnswerAfterTheEndOfTheSystemIsNone) {
    auto late = std::make_shared<Box<motet::LeaseRequest>>();
    auto first = start_survivor(std::make_shared<Keeper>(
        std::make_shared<Box<Asked>>(), [late](const motet::LeaseRequest &request) { late->put(request); }));
    late->take(1);
    first->close(patience);
    first.reset();
    late->take(1)[0].done();
}

TEST(CppLease, NoneIsRefusedAndAnotherOneTakesThePlace) {
    motet::System system(std::move(motet::Config().set("log.level", "error")));
    EXPECT_THROW(system.cluster().set_lease(nullptr), motet::Error);
    EXPECT_THROW(system.cluster().set_discovery(nullptr), motet::Error);
    auto lease = std::make_shared<Keeper>(std::make_shared<Box<Asked>>(), [](const motet::LeaseRequest &) {});
    system.cluster().set_lease(lease);
    EXPECT_EQ(lease.use_count(), 2);
    system.cluster().set_lease(std::make_shared<Keeper>(std::make_shared<Box<Asked>>(), Keeper::Answer()));
    EXPECT_EQ(lease.use_count(), 1);
    system.close(patience);
}

// Knows the nodes of a test; the first times it fails, each time in another way.
class Register : public motet::Discovery {
  public:
    void enter(const std::string &address) {
        const std::lock_guard lock(mutex_);
        addresses_.push_back(address);
    }
    int asked() const { return asked_; }

    void lookup(motet::DiscoveryRequest request) override {
        switch (asked_++) {
        case 0:
            throw std::runtime_error("the register is gone");
        case 1:
            return request.fail(motet::Code::io, "the register is not there yet");
        case 2:
            return;  // nobody answers
        case 3:
            return request.found({"nonsense"});
        default:
            break;
        }
        const std::lock_guard lock(mutex_);
        request.found(addresses_);
    }

  private:
    std::mutex mutex_;
    std::vector<std::string> addresses_;  // under mutex_
    std::atomic<int> asked_{0};
};

TEST(CppDiscovery, NodesFindEachOther) {
    auto known = std::make_shared<Register>();
    std::vector<std::unique_ptr<motet::System>> nodes;
    for (int i = 0; i < 2; ++i) {
        nodes.push_back(std::make_unique<motet::System>(std::move(motet::Config()
                                                                      .set("log.level", "off")
                                                                      .set("cluster.discovery.method", "program")
                                                                      .set("cluster.discovery.interval", "50ms")
                                                                      .set("cluster.gossip-interval", "50ms")
                                                                      .set("cluster.leader-interval", "50ms"))));
        known->enter(nodes.back()->address());
    }
    for (const auto &node : nodes) {
        node->cluster().set_discovery(known);
    }
    for (const auto &node : nodes) {
        node->cluster().wait_up(patience);
    }
    EXPECT_GT(known->asked(), 4);
    EXPECT_EQ(known.use_count(), 3);
    auto ups = std::make_shared<Box<motet::MemberUp>>();
    for (const auto &node : nodes) {
        motet::Ref told =
            node->spawn(motet::actor([ups](motet::Context &, const motet::MemberUp &member) { ups->put(member); }));
        node->cluster().subscribe(told, motet::InitialState::as_events);
    }
    ups->take(4);  // each hears of both
    for (const auto &node : nodes) {
        node->close(patience);
    }
    nodes.clear();
    EXPECT_EQ(known.use_count(), 1);
}

}  // namespace
