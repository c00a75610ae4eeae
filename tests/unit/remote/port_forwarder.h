// PortForwarder leads a port of the loopback interface to another one, as a gateway that translates addresses does.
#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace motet {

class PortForwarder {
  public:
    PortForwarder() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        port = bind_any(listener_);
        listen(listener_, 16);
    }

    ~PortForwarder() {
        stopping_ = true;
        if (thread_.joinable()) {
            thread_.join();
        }
        for (const int fd : fds_) {
            close(fd);
        }
        close(listener_);
    }

    void lead_to(uint16_t target) {
        thread_ = std::thread([this, target] { run(target); });
    }

    uint16_t port = 0;

    // A port that nobody listens at.
    static uint16_t free_port() {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const uint16_t port = bind_any(fd);
        close(fd);
        return port;
    }

  private:
    static uint16_t bind_any(int fd) {
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof(address);
        bind(fd, reinterpret_cast<sockaddr *>(&address), size);
        getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size);
        return ntohs(address.sin_port);
    }

    static sockaddr_in loopback(uint16_t port) {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        return address;
    }

    // fds_ holds pairs: what comes in at one goes out at the other.
    void run(uint16_t target) {
        while (!stopping_) {
            std::vector<pollfd> polled = {{listener_, POLLIN, 0}};
            for (const int fd : fds_) {
                polled.push_back({fd, POLLIN, 0});
            }
            poll(polled.data(), polled.size(), 20);
            for (size_t i = 1; i < polled.size(); ++i) {
                char bytes[65536];
                const ssize_t got =
                    (polled[i].revents & POLLIN) != 0 ? recv(polled[i].fd, bytes, sizeof(bytes), 0) : -1;
                if (got > 0) {
                    send(fds_[(i - 1) ^ 1], bytes, static_cast<size_t>(got), MSG_NOSIGNAL);
                } else if (polled[i].revents != 0) {
                    shutdown(fds_[(i - 1) ^ 1], SHUT_WR);
                }
            }
            if (polled[0].revents != 0) {
                const sockaddr_in address = loopback(target);
                fds_.push_back(accept(listener_, nullptr, nullptr));
                fds_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
                connect(fds_.back(), reinterpret_cast<const sockaddr *>(&address), sizeof(address));
            }
        }
    }

    const int listener_;
    std::vector<int> fds_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace motet
