#include "support.h"

#include <stdexcept>
#include <thread>

namespace {

TEST(CppShutdown, TasksRunInTheOrderOfTheirPhases) {
    motet::System system(quiet());
    auto box = std::make_shared<Box<std::string>>();
    system.shutdown().add("service-stop", "second", [box] { box->put("stop"); });
    system.shutdown().add("service-unbind", "first", [box] { box->put("unbind"); });
    auto cancelled = system.shutdown().add("service-stop", "never", [box] { box->put("never"); });
    EXPECT_TRUE(cancelled.cancel());
    EXPECT_FALSE(cancelled.cancel());
    EXPECT_EQ(system.shutdown().reason(), std::nullopt);
    system.close(patience);
    EXPECT_EQ(box->take(2), (std::vector<std::string>{"unbind", "stop"}));
    EXPECT_EQ(system.shutdown().reason(), motet::ShutdownReason::actor_system_terminate);
    EXPECT_EQ(box->size(), 2u);
}

TEST(CppShutdown, ATaskMayGoOnElsewhere) {
    motet::System system(quiet());
    auto threads = std::make_shared<Box<std::thread *>>();
    system.shutdown().add("service-stop", "elsewhere", [threads](motet::ShutdownTask task) {
        threads->put(new std::thread([task] { task.done(); }));
    });
    system.shutdown().run(motet::ShutdownReason::process_exit);
    std::unique_ptr<std::thread> thread(threads->take(1)[0]);
    thread->join();
    EXPECT_EQ(system.shutdown().reason(), motet::ShutdownReason::process_exit);
}

TEST(CppShutdown, WhatATaskThrowsIsItsFailure) {
    motet::Config config = quiet();
    config.set("shutdown.phase.service-stop.recover", "off");
    motet::System system(config);
    system.shutdown().add("service-stop", "flush", [] { throw motet::Error(motet::Code::io, "the disk is full"); });
    try {
        system.close(patience);
        FAIL() << "no failure";
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), motet::Code::io);
        EXPECT_NE(std::string(error.what()).find("the disk is full"), std::string::npos);
    }
}

TEST(CppShutdown, WhatCannotBeIsThrown) {
    motet::System system(quiet());
    EXPECT_THROW(system.shutdown().add("nowhere", "task", [] {}), motet::Error);
    EXPECT_THROW(system.shutdown().run(motet::ShutdownReason::unknown, 1s, "nowhere"), motet::Error);
    system.shutdown().run(motet::ShutdownReason::unknown, patience, "service-stop");
    EXPECT_THROW(system.shutdown().add("service-stop", "task", [] {}), motet::Error);
}

}  // namespace
