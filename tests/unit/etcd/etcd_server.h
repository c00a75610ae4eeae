// A real etcd, of the distribution, for tests.
#pragma once

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace motet::etcd {

// A port of the loopback interface that nobody else has, as long as the object lives: bound, and silent.
class Port {
  public:
    Port() {
        const int on = 1;
        setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr *>(&address), size), 0);
        EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr *>(&address), &size), 0);
        number_ = ntohs(address.sin_port);
    }
    ~Port() { close(socket_); }
    Port(const Port &) = delete;
    Port &operator=(const Port &) = delete;

    // From now on connections are taken, and not answered but by who accepts them.
    void listen() { EXPECT_EQ(::listen(socket_, 16), 0); }

    // The next connection; below 0 after shut().
    int accept() { return ::accept(socket_, nullptr, nullptr); }
    void shut() { ::shutdown(socket_, SHUT_RDWR); }

    std::string url(const std::string &scheme = "http") const {
        return scheme + "://127.0.0.1:" + std::to_string(number_);
    }

  private:
    int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint16_t number_ = 0;
};

// A program that runs until the object ends.
class Process {
  public:
    explicit Process(const std::vector<std::string> &command, const std::string &output) {
        std::vector<char *> arguments;
        for (const std::string &argument : command) {
            arguments.push_back(const_cast<char *>(argument.c_str()));
        }
        arguments.push_back(nullptr);
        process_ = fork();
        if (process_ == 0) {
            const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
            dup2(file, 1);
            dup2(file, 2);
            execvp(arguments[0], arguments.data());
            _exit(127);
        }
    }
    ~Process() { end(); }
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;

    void signal(int number) { kill(process_, number); }

    void end() {
        if (process_ > 0) {
            kill(process_, SIGKILL);
            waitpid(std::exchange(process_, 0), nullptr, 0);
        }
    }

  private:
    pid_t process_ = 0;
};

class Scratch {
  public:
    Scratch() {
        std::string name = std::filesystem::temp_directory_path() / "motet-etcd-XXXXXX";
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        path_ = name;
    }
    ~Scratch() { std::filesystem::remove_all(path_); }
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;

    std::string file(const std::string &name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

}  // namespace motet::etcd
