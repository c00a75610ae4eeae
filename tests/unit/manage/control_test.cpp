// The local control socket: what it lets in, what it bounds, and what it answers.
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/manage/control_socket.h"

namespace motet {
namespace {

class Control : public testing::Test {
  protected:
    Control() {
        char folder[] = "/tmp/motet-control-XXXXXX";
        folder_ = mkdtemp(folder);
        path_ = folder_ + "/socket";
    }
    ~Control() override { std::filesystem::remove_all(folder_); }

    std::unique_ptr<ControlSocket> open() {
        Result<std::unique_ptr<ControlSocket>> socket = ControlSocket::open(path_, echo, log_);
        EXPECT_TRUE(socket.ok()) << socket.status().message();
        return socket.ok() ? std::move(socket.value()) : nullptr;
    }
    Code failure_of_open() { return ControlSocket::open(path_, echo, log_).status().code(); }

    static ControlReply echo(std::string_view line) {
        return line == "refuse" ? ControlReply{Code::NOT_FOUND, "nobody"} : ControlReply{Code::OK, std::string(line)};
    }

    Result<ControlReply> call(const std::string &command) { return control_call(path_, command, 60 * kSecond); }

    // Somebody who connects and sends what he likes.
    int connect_raw() {
        sockaddr_un place{};
        place.sun_family = AF_UNIX;
        path_.copy(place.sun_path, sizeof place.sun_path - 1);
        const int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(connect(end, reinterpret_cast<sockaddr *>(&place), sizeof place), 0);
        return end;
    }

    Logger log_{"test", LogLevel::off};
    std::string folder_;
    std::string path_;
};

TEST_F(Control, AnswersACommandOfTheSameUser) {
    const auto socket = open();
    EXPECT_EQ(call("status").value().text, "status");
    const ControlReply refused = call("refuse").value();
    EXPECT_EQ(refused.code, Code::NOT_FOUND);
    EXPECT_EQ(refused.text, "nobody");
    EXPECT_EQ(call("").value().text, "");
}

TEST_F(Control, NobodyElseMayOpenIt) {
    const auto socket = open();
    struct stat found {};
    ASSERT_EQ(stat(path_.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(Control, GoesAwayWithTheNodeAndReplacesWhatADeadOneLeft) {
    { const auto socket = open(); }
    EXPECT_FALSE(std::filesystem::exists(path_));
    EXPECT_EQ(call("status").status().code(), Code::NOT_FOUND);
    // As a killed node leaves it: bound, and nobody listens.
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    path_.copy(place.sun_path, sizeof place.sun_path - 1);
    const int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(bind(dead, reinterpret_cast<sockaddr *>(&place), sizeof place), 0);
    close(dead);
    EXPECT_EQ(call("status").status().code(), Code::NOT_FOUND);
    const auto socket = open();
    EXPECT_EQ(call("status").value().text, "status");
}

TEST_F(Control, WhatIsSomebodyElsesIsLeftAlone) {
    const auto socket = open();
    EXPECT_EQ(failure_of_open(), Code::ADDRESS_IN_USE);
    EXPECT_EQ(call("still here").value().text, "still here");
    path_ = folder_ + "/file";
    std::ofstream(path_) << "precious";
    EXPECT_EQ(failure_of_open(), Code::IO);
    EXPECT_TRUE(std::filesystem::is_regular_file(path_));
    path_ = folder_ + "/none/socket";
    EXPECT_EQ(failure_of_open(), Code::IO);
    path_ = std::string(200, 'x');
    EXPECT_EQ(failure_of_open(), Code::BAD_VALUE);
    EXPECT_EQ(call("status").status().code(), Code::BAD_VALUE);
}

TEST_F(Control, EndlessAndUnfinishedCommandsAreCutOff) {
    const auto socket = open();
    const int talker = connect_raw();
    const std::string endless(2 * kMaxControlCommand, 'x');
    (void)send(talker, endless.data(), endless.size(), MSG_NOSIGNAL);
    char byte = 0;
    EXPECT_LE(recv(talker, &byte, 1, 0), 0);  // closed without an answer
    close(talker);
    const int silent = connect_raw();
    EXPECT_EQ(call("the next one waits for a while").value().text, "the next one waits for a while");
    EXPECT_LE(recv(silent, &byte, 1, 0), 0);
    close(silent);
    EXPECT_EQ(call(std::string(kMaxControlCommand, 'x')).status().code(), Code::BAD_VALUE);
    EXPECT_EQ(call("two\nlines").status().code(), Code::BAD_VALUE);
}

TEST_F(Control, EndsAtOnceAlsoWhileSomebodyIsSilent) {
    auto socket = open();
    const int silent = connect_raw();
    socket = nullptr;
    char byte = 0;
    EXPECT_LE(recv(silent, &byte, 1, 0), 0);
    close(silent);
}

TEST_F(Control, LargeAnswersArrive) {
    const std::string large(3'000'000, 'y');
    Result<std::unique_ptr<ControlSocket>> socket = ControlSocket::open(
        path_,
        [&](std::string_view) {
            return ControlReply{Code::OK, large};
        },
        log_);
    ASSERT_TRUE(socket.ok());
    EXPECT_EQ(call("all").value().text, large);
}

TEST_F(Control, WhoIsNoNodeIsTold) {
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    path_.copy(place.sun_path, sizeof place.sun_path - 1);
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr *>(&place), sizeof place), 0);
    ASSERT_EQ(listen(listener, 4), 0);
    EXPECT_EQ(control_call(path_, "status", 50 * kMillisecond).status().code(), Code::TIMEOUT);
    close(accept(listener, nullptr, nullptr));
    for (const char *answer : {"", "what?\n", "0 5\nabc", "0 2\nabc", "1 0\n", "-1", "0 x\n"}) {
        std::thread other([&] {
            const int end = accept(listener, nullptr, nullptr);
            char buffer[100];
            (void)recv(end, buffer, sizeof buffer, 0);
            (void)send(end, answer, std::strlen(answer), MSG_NOSIGNAL);
            close(end);
        });
        const Code code = call("status").status().code();
        EXPECT_EQ(code, Code::IO) << answer;
        other.join();
    }
    close(listener);
}

}  // namespace
}  // namespace motet
