// The shutdown of whole nodes: one way to end them, whoever begins it.
#include <gtest/gtest.h>

#include <future>

#include "core/message/type_table.h"
#include "core/node/node.h"
#include "tests/unit/actor/fixture.h"

namespace motet {
namespace {

constexpr Nanos kPatience = 60 * kSecond;

using Settings = std::vector<std::pair<std::string, std::string>>;

Result<Ptr<Node>> try_start(Settings settings) {
    Config config;
    settings.insert(settings.begin(), {{"system.name", "Unit"},
                                       {"log.level", "off"},
                                       {"actor.threads", "1"},
                                       {"cluster.gossip-interval", "50ms"},
                                       {"cluster.leader-interval", "50ms"}});
    for (const auto &[key, value] : settings) {
        EXPECT_TRUE(config.set(key, value).ok()) << key;
    }
    return Node::start(config);
}

Ptr<Node> start(Settings settings = {}) {
    Result<Ptr<Node>> node = try_start(std::move(settings));
    EXPECT_TRUE(node.ok()) << node.status().message();
    return node.ok() ? node.value() : Ptr<Node>();
}

Ptr<Node> start_alone(Settings settings = {}) {
    settings.emplace_back("remote.enabled", "off");
    return start(std::move(settings));
}

Ptr<Cell> spawn(Node &node, Receive receive) {
    return node.system().spawn(*node.system().user_guardian(), props(std::move(receive)), {}, false).value();
}

// Waits until a condition holds.
bool soon(const std::function<bool()> &condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return condition();
}

// Adds a task to every phase, which notes the phase and ends at once.
void note_phases(Node &node, Journal &journal) {
    for (const char *phase :
         {"actor-system-terminate", "before-actor-system-terminate", "cluster-shutdown", "cluster-exiting-done",
          "cluster-exiting", "cluster-leave", "cluster-sharding-shutdown-region", "before-cluster-shutdown",
          "service-stop", "service-requests-done", "service-unbind", "before-service-unbind"}) {
        ASSERT_TRUE(node.shutdown()
                        .add(phase, "note",
                             [&node, &journal, phase](TaskNumber task) {
                                 journal.add(phase);
                                 node.shutdown().complete(task, {});
                             })
                        .ok());
    }
}

const std::vector<std::string> kPhases = {"before-service-unbind",
                                          "service-unbind",
                                          "service-requests-done",
                                          "service-stop",
                                          "before-cluster-shutdown",
                                          "cluster-sharding-shutdown-region",
                                          "cluster-leave",
                                          "cluster-exiting",
                                          "cluster-exiting-done",
                                          "cluster-shutdown",
                                          "before-actor-system-terminate",
                                          "actor-system-terminate"};

TEST(NodeShutdown, ClosingRunsThePhases) {
    Journal journal;
    const Ptr<Node> node = start();
    note_phases(*node, journal);
    EXPECT_FALSE(node->shutdown().reason());
    EXPECT_TRUE(node->close(kPatience).ok());
    EXPECT_EQ(journal.lines(), kPhases);
    EXPECT_EQ(node->shutdown().reason(), ShutdownReason::actor_system_terminate);
    EXPECT_TRUE(node->close(kPatience).ok());
    EXPECT_EQ(journal.lines(), kPhases);
}

TEST(NodeShutdown, ItMayBeginWithAPhase) {
    Journal journal;
    const Ptr<Node> node = start_alone();
    note_phases(*node, journal);
    EXPECT_EQ(node->shut_down(ShutdownReason::unknown, "nowhere").code(), Code::NOT_FOUND);
    EXPECT_FALSE(node->closed());
    EXPECT_TRUE(node->shut_down(ShutdownReason::unknown, "before-actor-system-terminate").ok());
    EXPECT_EQ(journal.lines(), (std::vector<std::string>{"before-actor-system-terminate", "actor-system-terminate"}));
}

TEST(NodeShutdown, ActorsWorkUntilTheLastPhase) {
    Journal journal;
    const Ptr<Node> node = start_alone();
    const TypeId word = node->system().types().intern("test.Word").value();
    TaskNumber asked = 0;
    ASSERT_TRUE(node->shutdown()
                    .add("before-actor-system-terminate", "ask",
                         [&](TaskNumber task) {
                             asked = task;
                             const Ptr<Cell> late = spawn(*node, [&](Context &, const Envelope &envelope) {
                                 if (envelope.type() == word) {
                                     journal.add("heard");
                                     node->shutdown().complete(asked, {});
                                 } else if (envelope.type() == types::post_stop) {
                                     journal.add("stopped");
                                 }
                                 return Code::OK;
                             });
                             late->deliver(Envelope::make(word, {}, nullptr, {}));
                         })
                    .ok());
    EXPECT_TRUE(node->close(kPatience).ok());
    EXPECT_EQ(journal.lines(), (std::vector<std::string>{"heard", "stopped"}));
}

TEST(NodeShutdown, AHandlerMayBeginItAndGoesOn) {
    Journal journal;
    const Ptr<Node> node = start_alone();
    note_phases(*node, journal);
    const TypeId word = node->system().types().intern("test.Word").value();
    const Ptr<Cell> actor = spawn(*node, [&](Context &, const Envelope &envelope) {
        if (envelope.type() == word) {
            EXPECT_TRUE(node->close(kPatience).ok());
            EXPECT_FALSE(node->closed());
        }
        return Code::OK;
    });
    actor->deliver(Envelope::make(word, {}, nullptr, {}));
    EXPECT_TRUE(node->wait_closed(kPatience).ok());
    EXPECT_EQ(journal.lines(), kPhases);
}

TEST(NodeShutdown, AFailureAtTheRootRunsItToo) {
    Journal journal;
    const Ptr<Node> node = start_alone();
    note_phases(*node, journal);
    const Ptr<Props> failing =
        props([](Context &, const Envelope &envelope) { return is_signal(envelope.type()) ? Code::OK : Code::FAILED; });
    failing->supervision.directive = Directive::escalate;
    const Ptr<Cell> actor = node->system().spawn(*node->system().user_guardian(), failing, {}, false).value();
    actor->deliver(Envelope::make(node->system().types().intern("test.Word").value(), {}, nullptr, {}));
    EXPECT_TRUE(node->wait_closed(kPatience).ok());
    EXPECT_EQ(journal.lines(), kPhases);
    EXPECT_EQ(node->shutdown().reason(), ShutdownReason::actor_system_terminate);
}

TEST(NodeShutdown, WhatHangsIsLeftBehindWithinTheTime) {
    const Ptr<Node> node = start_alone();
    for (const char *phase : {"service-unbind", "service-stop"}) {
        ASSERT_TRUE(node->shutdown().add(phase, "hang", [](TaskNumber) {}).ok());
    }
    const SystemClock clock;
    const Nanos begun = clock.now().mono;
    EXPECT_TRUE(node->close(8 * kSecond).ok());
    EXPECT_GE(clock.now().mono - begun, 5 * kSecond);
}

TEST(NodeShutdown, WhoIsInAHurryEndsItForAll) {
    const Ptr<Node> node = start_alone();
    std::promise<void> hung;
    ASSERT_TRUE(node->shutdown().add("service-unbind", "hang", [&](TaskNumber) { hung.set_value(); }).ok());
    Code patient_outcome = Code::OK;
    std::thread patient([&] { patient_outcome = node->close(kPatience).code(); });
    hung.get_future().wait();
    const Code outcome = node->close(0).code();
    EXPECT_TRUE(node->closed());
    patient.join();
    EXPECT_EQ(patient_outcome, outcome);
}

TEST(NodeShutdown, ManyMayCloseAtOnceUnderLoad) {
    for (int round = 0; round < 20; ++round) {
        const Ptr<Node> node = start_alone({{"actor.threads", "2"}});
        const TypeId word = node->system().types().intern("test.Word").value();
        std::vector<Ptr<Cell>> ring;
        for (int i = 0; i < 8; ++i) {
            ring.push_back(spawn(*node, [word](Context &context, const Envelope &envelope) {
                if (envelope.type() == word) {
                    context.tell(context.self(), word, {});
                }
                return Code::OK;
            }));
            ring.back()->deliver(Envelope::make(word, {}, nullptr, {}));
        }
        std::vector<std::thread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([&] { EXPECT_TRUE(node->close(kPatience).ok()); });
        }
        for (std::thread &each : threads) {
            each.join();
        }
    }
}

TEST(NodeShutdown, ABadPhaseIsRefusedAtTheStart) {
    const Result<Ptr<Node>> node = try_start({{"shutdown.phase.flush.depends-on", "nowhere"}});
    EXPECT_EQ(node.status().code(), Code::BAD_VALUE);
    EXPECT_NE(node.status().message().find("nowhere"), std::string::npos);
}

TEST(NodeShutdown, LeavingTheClusterRunsIt) {
    Journal journal;
    const Ptr<Node> one = start();
    ASSERT_TRUE(one->cluster()->join(one->system().address()).ok());
    const Ptr<Node> two = start({{"cluster.seed-nodes", one->system().address().text()}});
    ASSERT_TRUE(two->cluster()->wait_up(kPatience).ok());
    note_phases(*two, journal);
    ASSERT_TRUE(one->cluster()->leave(two->system().address()).ok());
    EXPECT_TRUE(two->wait_closed(kPatience).ok());
    EXPECT_EQ(two->shutdown().reason(), ShutdownReason::cluster_leaving);
    EXPECT_EQ(journal.lines(), kPhases);
    EXPECT_TRUE(one->close(kPatience).ok());
}

// What is to be done before the others go on without this member is done first.
TEST(NodeShutdown, ALeaverStaysAMemberWhileItsTasksRun) {
    const Ptr<Node> one = start();
    ASSERT_TRUE(one->cluster()->join(one->system().address()).ok());
    const Ptr<Node> two = start(
        {{"cluster.seed-nodes", one->system().address().text()}, {"shutdown.phase.cluster-exiting.timeout", "60s"}});
    ASSERT_TRUE(two->cluster()->wait_up(kPatience).ok());
    std::promise<TaskNumber> begun;
    ASSERT_TRUE(
        two->shutdown().add("cluster-exiting", "hand over", [&](TaskNumber task) { begun.set_value(task); }).ok());
    std::thread closing([&] { EXPECT_TRUE(two->close(kPatience).ok()); });
    const TaskNumber task = begun.get_future().get();
    const auto status_of_two = [&]() -> std::optional<MemberStatus> {
        for (const Member &member : one->cluster()->snapshot().members) {
            if (member.node.address == two->system().address()) {
                return member.status;
            }
        }
        return std::nullopt;
    };
    EXPECT_TRUE(soon([&] { return status_of_two() == MemberStatus::exiting; }));
    two->shutdown().complete(task, {});
    closing.join();
    EXPECT_TRUE(soon([&] { return !status_of_two(); }));
    EXPECT_TRUE(one->close(kPatience).ok());
}

TEST(NodeShutdown, BeingDeclaredDownRunsItUnlessTheUserDoes) {
    for (const bool automatic : {true, false}) {
        const Ptr<Node> one = start();
        ASSERT_TRUE(one->cluster()->join(one->system().address()).ok());
        const Ptr<Node> two = start({{"cluster.seed-nodes", one->system().address().text()},
                                     {"shutdown.when-downed", automatic ? "on" : "off"}});
        ASSERT_TRUE(two->cluster()->wait_up(kPatience).ok());
        std::promise<void> ended;
        two->cluster()->when_ended([&] { ended.set_value(); });
        ASSERT_TRUE(one->cluster()->down(two->system().address()).ok());
        ended.get_future().wait();
        if (automatic) {
            EXPECT_TRUE(two->wait_closed(kPatience).ok());
            EXPECT_EQ(two->shutdown().reason(), ShutdownReason::cluster_downing);
        } else {
            EXPECT_FALSE(two->shutdown().reason());
            EXPECT_TRUE(two->close(kPatience).ok());
        }
        EXPECT_TRUE(one->close(kPatience).ok());
    }
}

TEST(NodeShutdown, AJoinThatIsGivenUpRunsIt) {
    const Ptr<Node> node =
        start({{"cluster.seed-nodes", "motet.tcp://Unit@127.0.0.1:1"}, {"cluster.join-give-up", "100ms"}});
    EXPECT_TRUE(node->wait_closed(kPatience).ok());
    EXPECT_EQ(node->shutdown().reason(), ShutdownReason::cluster_join_unsuccessful);
}

}  // namespace
}  // namespace motet
