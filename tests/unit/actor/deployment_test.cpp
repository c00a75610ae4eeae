#include "core/actor/deployment.h"

#include <gtest/gtest.h>

#include "tests/unit/actor/fixture.h"

namespace motet {
namespace {

Config deployed(const std::vector<std::string> &paths) {
    Config config;
    for (const std::string &path : paths) {
        Status set = config.set("actor.deployment.\"" + path + "\".mailbox", "of" + std::to_string(path.size()));
        EXPECT_TRUE(set.ok()) << set.message();
    }
    return config;
}

std::string chosen(const Deployments &deployments, const std::vector<std::string> &names) {
    const Deployment *found = deployments.find(names);
    return found ? found->path : "none";
}

TEST(DeploymentTest, TheMostSpecificPathIsChosen) {
    Result<Deployments> read =
        Deployments::read(deployed({"/a/b", "/a/*", "/a/w*", "/a/wo*", "/*/b", "/a/**", "/a/c/**", "/x*/y"}));
    ASSERT_TRUE(read.ok()) << read.status().message();
    const Deployments &all = read.value();
    EXPECT_EQ(chosen(all, {"a", "b"}), "/a/b");
    EXPECT_EQ(chosen(all, {"a", "q"}), "/a/*");
    EXPECT_EQ(chosen(all, {"z", "b"}), "/*/b");
    EXPECT_EQ(chosen(all, {"a", "q", "r"}), "/a/**");
    EXPECT_EQ(chosen(all, {"a", "c", "r", "s"}), "/a/c/**");
    EXPECT_EQ(chosen(all, {"xylophone", "y"}), "/x*/y");
    EXPECT_EQ(chosen(all, {"a"}), "none") << "** stands for one name at least";
    EXPECT_EQ(chosen(all, {"z", "c"}), "none");
}

TEST(DeploymentTest, ADeadEndDoesNotHideAMatch) {
    Result<Deployments> read = Deployments::read(deployed({"/a/b/x", "/a/*/c"}));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(chosen(read.value(), {"a", "b", "c"}), "/a/*/c");
}

TEST(DeploymentTest, TheLongerPrefixComesFirst) {
    Result<Deployments> read = Deployments::read(deployed({"/w*", "/wo*", "/work*"}));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(chosen(read.value(), {"worker"}), "/work*");
    EXPECT_EQ(chosen(read.value(), {"wool"}), "/wo*");
    EXPECT_EQ(chosen(read.value(), {"wall"}), "/w*");
}

TEST(DeploymentTest, PathsThatAreNoneAreRefused) {
    for (const char *path : {"a", "/", "/a//b", "/a/**/b", "/a*b", "/a/b**", "/ä", "/$a"}) {
        Result<Deployments> read = Deployments::read(deployed({path}));
        EXPECT_FALSE(read.ok()) << path;
        EXPECT_EQ(read.status().code(), Code::BAD_VALUE) << path;
        EXPECT_NE(read.status().message().find(path), std::string::npos);
    }
}

TEST(DeploymentTest, AnUnknownDispatcherOrMailboxIsRefusedAtTheStart) {
    Config config;
    ASSERT_TRUE(config.set("actor.deployment.\"/a\".dispatcher", "nowhere").ok());
    Result<Ptr<System>> system = System::start(config);
    ASSERT_FALSE(system.ok());
    EXPECT_NE(system.status().message().find("nowhere"), std::string::npos) << system.status().message();
    Config other;
    ASSERT_TRUE(other.set("actor.deployment.\"/a\".mailbox", "nowhere").ok());
    system = System::start(other);
    ASSERT_FALSE(system.ok());
    EXPECT_NE(system.status().message().find("actor.deployment.\"/a\""), std::string::npos);
}

}  // namespace
}  // namespace motet
