// The membership of real systems with real threads; only the wire between them is a short cut.
#include "core/cluster/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <msgpack.hpp>

#include "core/actor/path.h"
#include "core/message/type_table.h"
#include "tests/unit/actor/fixture.h"

namespace motet {
namespace {

class Wire;

// An actor on another of the systems that share a wire.
class FarRef final : public ActorRef {
  public:
    FarRef(Wire &wire, System &system, ActorPath path) : wire_(wire), system_(system), path_(std::move(path)) {}
    Code deliver(Envelope *envelope) override;
    void deliver_system(SystemMessage *message) override { delete message; }
    System &system() const override { return system_; }
    std::string path() const override {
        std::string text = path_.address->text();
        for (const std::string &element : path_.elements) {
            text += "/" + element;
        }
        return text;
    }
    uint64_t incarnation() const override { return path_.incarnation; }

  private:
    Wire &wire_;
    System &system_;
    const ActorPath path_;
};

class Wire {
  public:
    void join(System &system) {
        std::lock_guard lock(mutex_);
        systems_[system.address().text()] = &system;
    }
    void cut(const std::string &address) {
        std::lock_guard lock(mutex_);
        systems_.erase(address);
    }
    Code carry(const std::string &from, const ActorPath &to, Envelope *envelope) {
        {
            std::lock_guard lock(mutex_);
            const auto target = systems_.find(to.address->text());
            if (target != systems_.end() && systems_.count(from) != 0) {
                System &system = *target->second;
                ActorPath local = to;
                local.address.reset();
                const Ref sender(
                    make_counted<FarRef>(*this, system, ActorPath::parse(envelope->sender()->path()).value()));
                const char *name = envelope->type() < types::first_user ? nullptr : "motet.cluster.Packet";
                const TypeId type = name ? system.types().intern_any(name).value() : envelope->type();
                system.resolve(local).value()->deliver(Envelope::make(type, envelope->payload(), sender.get(), {}));
            }
        }
        envelope->destroy();
        return Code::OK;
    }

  private:
    std::mutex mutex_;
    std::map<std::string, System *> systems_;
};

Code FarRef::deliver(Envelope *envelope) { return wire_.carry(system_.address().text(), path_, envelope); }

// A system's end of the wire.
class Uplink final : public RemoteProvider {
  public:
    Uplink(Wire &wire, System &system, Address address) : wire_(wire), system_(system), address_(std::move(address)) {}
    const Address &address() const override { return address_; }
    bool is_own(const Address &address) const override { return address == address_; }
    Result<Ref> ref(const ActorPath &path) override { return Ref(make_counted<FarRef>(wire_, system_, path)); }
    Result<Ptr<Cell>> spawn(Cell &, const Props &, ActorName) override {
        return Status(Code::INTERNAL, "nothing is created elsewhere");
    }

  private:
    Wire &wire_;
    System &system_;
    const Address address_;
};

// One node: a system, its end of the wire, its membership.
class WiredNode final {
  public:
    WiredNode(Wire &wire, uint16_t port, std::vector<std::pair<std::string, std::string>> settings)
        : wire_(wire), address_(Address::tcp("Unit", "10.0.0.1", port)) {
        Config config;
        settings.insert(settings.begin(), {{"system.name", "Unit"},
                                           {"log.level", "off"},
                                           {"actor.threads", "1"},
                                           {"cluster.gossip-interval", "20ms"},
                                           {"cluster.leader-interval", "20ms"},
                                           {"cluster.heartbeat-interval", "100ms"},
                                           {"cluster.failure-detector.acceptable-pause", "6s"},
                                           {"cluster.failure-detector.expected-response", "200ms"},
                                           {"cluster.downing.stable-after", "6s"}});
        for (const auto &[key, value] : settings) {
            EXPECT_TRUE(config.set(key, value).ok()) << key;
        }
        system_ = System::start(config).value();
        system_->plug_in(make_counted<Uplink>(wire_, *system_, address_));
        wire.join(*system_);
        ClusterHooks hooks;
        hooks.member = [this](const Address &address, bool member) {
            journal.add((member ? "member " : "no member ") + address.text());
        };
        hooks.node_lost = [this](const UniqueAddress &node, const std::string &) {
            journal.add("lost " + node.address.text());
        };
        hooks.exiting = [this] { cluster->confirm_exit(); };
        hooks.ended = [this](bool downed) { journal.add(downed ? "downed" : "left"); };
        hooks.gave_up = [this](bool incompatible) { journal.add(incompatible ? "incompatible" : "gave up"); };
        Result<Ptr<Cluster>> started = Cluster::create(system_, std::move(hooks));
        EXPECT_TRUE(started.ok()) << started.status().message();
        cluster = std::move(started.value());
        cluster->start();
    }

    ~WiredNode() {
        wire_.cut(address_.text());
        cluster->stop();
        EXPECT_TRUE(system_->close(60 * kSecond).ok());
    }

    // Subscribes an actor that writes what it gets into events.
    void subscribe() {
        auto watcher = props([this](Context &, const Envelope &envelope) {
            note(envelope.type(), envelope.payload());
            return Code::OK;
        });
        const Ptr<Cell> cell = system_->spawn(*system_->user_guardian(), watcher, "watcher").value();
        system_->events().subscribe({types::cluster_state, types::join_refused}, *cell);
    }

    const Address &address() const { return address_; }

    Journal journal;
    Journal events;
    Ptr<Cluster> cluster;

  private:
    void note(TypeId type, Bytes body) {
        if (type < types::cluster_state || type > types::join_refused) {
            return;
        }
        const msgpack::object_handle handle = msgpack::unpack(reinterpret_cast<const char *>(body.data()), body.size());
        const auto map = handle.get().as<std::map<std::string, msgpack::object>>();
        if (type == types::cluster_state) {
            events.add("state " + std::to_string(map.at("members").via.array.size));
        } else if (type == types::leader_changed) {
            events.add("leader " + (map.at("leader").is_nil() ? "nobody" : map.at("leader").as<std::string>()));
        } else {
            events.add(std::to_string(type) + " " + map.at("address").as<std::string>());
        }
    }

    Wire &wire_;
    const Address address_;
    Ptr<System> system_;
};

const std::pair<std::string, std::string> kSeed{"cluster.seed-nodes", "motet.tcp://Unit@10.0.0.1:1001"};
const std::string kOne = "motet.tcp://Unit@10.0.0.1:1001";
const std::string kTwo = "motet.tcp://Unit@10.0.0.1:1002";

std::string event(TypeId type, const std::string &address) { return std::to_string(type) + " " + address; }

TEST(Cluster, SystemsJoinAndSubscribersSeeIt) {
    Wire wire;
    WiredNode one(wire, 1001, {kSeed});
    one.subscribe();
    EXPECT_TRUE(one.cluster->wait_up(60 * kSecond).ok());
    WiredNode two(wire, 1002, {kSeed, {"cluster.roles", "backend"}});
    EXPECT_TRUE(two.cluster->wait_up(60 * kSecond).ok());
    EXPECT_TRUE(one.events.wait_for_line(event(types::member_joined, kTwo)));
    EXPECT_TRUE(one.events.wait_for_line(event(types::member_up, kTwo)));
    EXPECT_TRUE(one.journal.wait_for_line("member " + kTwo));
    EXPECT_TRUE(two.journal.wait_for_line("member " + kOne));
    EXPECT_EQ(one.events.lines().front().rfind("state ", 0), 0u);
    const ClusterSnapshot snapshot = two.cluster->snapshot();
    ASSERT_EQ(snapshot.members.size(), 2u);
    EXPECT_EQ(snapshot.members[1].roles, std::vector<std::string>{"backend"});
    // Who subscribes later starts from the whole state.
    two.subscribe();
    EXPECT_EQ(two.events.wait_for(1).at(0), "state 2");
}

TEST(Cluster, WhoIsCutOffIsRemovedAndItsNodeLost) {
    Wire wire;
    WiredNode one(wire, 1001, {kSeed});
    WiredNode two(wire, 1002, {kSeed});
    WiredNode three(wire, 1003, {kSeed});
    one.subscribe();
    for (WiredNode *node : {&one, &two, &three}) {
        ASSERT_TRUE(node->cluster->wait_up(60 * kSecond).ok());
    }
    EXPECT_TRUE(one.journal.wait_for_line("member " + kTwo));
    wire.cut(kTwo);
    EXPECT_TRUE(one.journal.wait_for_line("lost " + kTwo));
    EXPECT_TRUE(three.journal.wait_for_line("lost " + kTwo));
    EXPECT_TRUE(two.journal.wait_for_line("downed"));
    EXPECT_TRUE(one.events.wait_for_line(event(types::member_removed, kTwo)));
    const std::vector<std::string> told = one.events.lines();
    const auto place = [&](TypeId type) { return std::find(told.begin(), told.end(), event(type, kTwo)); };
    EXPECT_LT(place(types::member_unreachable), place(types::member_downed));
    EXPECT_LT(place(types::member_downed), place(types::member_removed));
    EXPECT_EQ(two.cluster->wait_up(0).code(), Code::CLOSED);
}

TEST(Cluster, LeavesBeforeItEnds) {
    Wire wire;
    WiredNode one(wire, 1001, {kSeed});
    WiredNode two(wire, 1002, {kSeed});
    ASSERT_TRUE(two.cluster->wait_up(60 * kSecond).ok());
    two.cluster->when_exiting([&] { two.journal.add("exiting"); });
    two.cluster->when_ended([&] { two.journal.add("ended"); });
    EXPECT_TRUE(two.cluster->leave(two.address()).ok());
    EXPECT_TRUE(two.journal.wait_for_line("left"));
    EXPECT_TRUE(one.journal.wait_for_line("lost " + kTwo));
    const std::vector<std::string> told = two.journal.lines();
    EXPECT_LT(std::find(told.begin(), told.end(), "exiting"), std::find(told.begin(), told.end(), "ended"));
    two.cluster->when_ended([&] { two.journal.add("still ended"); });
    EXPECT_TRUE(two.journal.wait_for_line("still ended"));
    EXPECT_TRUE(one.cluster->leave(one.address()).ok());
    EXPECT_TRUE(one.journal.wait_for_line("left"));
}

TEST(Cluster, JoinsByCodeAndSaysWhatIsWrong) {
    Wire wire;
    WiredNode one(wire, 1001, {});
    EXPECT_EQ(one.cluster->wait_up(0).code(), Code::TIMEOUT);
    EXPECT_EQ(one.cluster->down(one.address()).code(), Code::BAD_STATE);
    EXPECT_TRUE(one.cluster->join(one.address()).ok());
    EXPECT_TRUE(one.cluster->wait_up(60 * kSecond).ok());
    EXPECT_EQ(one.cluster->join(one.address()).code(), Code::BAD_STATE);
    EXPECT_EQ(one.cluster->leave(Address::parse(kTwo).value()).code(), Code::NOT_FOUND);
}

TEST(Cluster, ARefusalReachesWhoWaits) {
    Wire wire;
    WiredNode one(wire, 1001, {{"cluster.seed-nodes", kTwo}});
    one.subscribe();
    one.cluster->refused(Address::parse(kTwo).value(), Code::VERSION_MISMATCH, "it speaks version 9");
    const Status refused = one.cluster->wait_up(60 * kSecond);
    EXPECT_EQ(refused.code(), Code::JOIN_REFUSED);
    EXPECT_NE(refused.message().find("it speaks version 9"), std::string::npos);
    EXPECT_NE(refused.message().find(kTwo), std::string::npos);
}

TEST(Cluster, ANodeThatIsNoMemberLeavesAtOnce) {
    Wire wire;
    WiredNode one(wire, 1001, {{"cluster.seed-nodes", kTwo}});
    EXPECT_TRUE(one.cluster->leave(one.address()).ok());
    one.cluster->when_exiting([&] { one.journal.add("exiting"); });
    one.cluster->when_ended([&] { one.journal.add("ended"); });
    for (const char *line : {"left", "exiting", "ended"}) {
        EXPECT_TRUE(one.journal.wait_for_line(line)) << line;
    }
    one.cluster->stop();
    EXPECT_EQ(one.cluster->join(one.address()).code(), Code::CLOSED);
    EXPECT_EQ(one.cluster->wait_up(60 * kSecond).code(), Code::CLOSED);
}

TEST(Cluster, WhoGivesUpJoiningSaysSo) {
    Wire wire;
    WiredNode one(wire, 1001, {{"cluster.seed-nodes", kTwo}, {"cluster.join-give-up", "50ms"}});
    EXPECT_TRUE(one.journal.wait_for_line("gave up"));
}

TEST(Cluster, SettingsAreCheckedAtStart) {
    Config config;
    ASSERT_TRUE(config.set("cluster.downing.strategy", "static-quorum").ok());
    const Result<ClusterSettings> settings = ClusterSettings::from(config);
    ASSERT_TRUE(settings.ok());
    const Status status = settings.value().check(Address::tcp("motet", "h", 1));
    EXPECT_EQ(status.code(), Code::BAD_VALUE);
    EXPECT_NE(status.message().find("cluster.downing.quorum-size"), std::string::npos);
}

}  // namespace
}  // namespace motet
