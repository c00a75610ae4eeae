#include "core/manage/control_socket.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "core/base/clock.h"
#include "core/base/thread.h"

namespace motet {

namespace {

constexpr int64_t kPatienceMs = 2000;  // with who has connected: for its command, and for it to read the answer
constexpr int64_t kPauseMs = 100;      // when nobody can be let in
constexpr int kBacklog = 16;
constexpr size_t kMaxReply = 64 * 1024 * 1024;
constexpr size_t kMaxHead = 32;  // "CODE LENGTH\n"

int64_t now_ms() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

// A descriptor that is closed with its holder.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) {
            close(number_);
        }
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const { return number_; }
    int release() { return std::exchange(number_, -1); }

  private:
    int number_;
};

Result<sockaddr_un> place_of(const std::string &path) {
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof place.sun_path || path.find('\0') != std::string::npos) {
        return Status(Code::BAD_VALUE, "control socket \"" + path + "\": expected a path of 1 to " +
                                           std::to_string(sizeof place.sun_path - 1) + " bytes");
    }
    std::memcpy(place.sun_path, path.data(), path.size());
    return place;
}

Status failed(const std::string &path, const char *what, int error) {
    return {Code::IO, "control socket \"" + path + "\": " + what + ": " + std::strerror(error)};
}

const sockaddr *as_address(const sockaddr_un &place) { return reinterpret_cast<const sockaddr *>(&place); }

int new_socket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

// Takes away what a node has left behind that ended without a farewell.
Status make_room(const std::string &path, const sockaddr_un &place) {
    struct stat found {};
    if (lstat(path.c_str(), &found) != 0) {
        return errno == ENOENT ? Status() : failed(path, "cannot be looked at", errno);
    }
    if (!S_ISSOCK(found.st_mode)) {
        return {Code::IO, "control socket \"" + path + "\": there is something else that is no socket"};
    }
    const Descriptor probe(new_socket());
    const bool refused = connect(probe.get(), as_address(place), sizeof place) != 0 && errno == ECONNREFUSED;
    if (!refused) {
        return {Code::ADDRESS_IN_USE, "control socket \"" + path + "\": another process listens there"};
    }
    return unlink(path.c_str()) == 0 ? Status() : failed(path, "cannot be replaced", errno);
}

// As much of text as goes, without waiting. False when the other end is gone.
bool send_some(int descriptor, std::string_view &text) {
    const ssize_t sent = send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
        text.remove_prefix(static_cast<size_t>(sent));
        return true;
    }
    return errno == EAGAIN || errno == EINTR;
}

// Appends what is there. False at the end.
bool receive_some(int descriptor, std::string &text) {
    std::array<char, 65536> buffer;
    const ssize_t got = recv(descriptor, buffer.data(), buffer.size(), 0);
    if (got > 0) {
        text.append(buffer.data(), static_cast<size_t>(got));
    }
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

// The reply in "CODE LENGTH\nTEXT", when it is whole.
Result<ControlReply> read_reply(const std::string &raw, const std::string &path) {
    const Status strange(Code::IO, "control socket \"" + path + "\": who listens there is no node of this kind");
    const size_t line = raw.find('\n');
    int32_t code = 0;
    size_t length = 0;
    const char *end = raw.data() + std::min(line, raw.size());
    const auto [after_code, bad_code] = std::from_chars(raw.data(), end, code);
    if (line == std::string::npos || bad_code != std::errc() || after_code == end || *after_code != ' ') {
        return Status(strange.code(), strange.message());
    }
    const auto [after_length, bad_length] = std::from_chars(after_code + 1, end, length);
    if (bad_length != std::errc() || after_length != end || code > 0 || raw.size() - line - 1 != length) {
        return Status(strange.code(), strange.message());
    }
    return ControlReply{static_cast<Code>(code), raw.substr(line + 1)};
}

}  // namespace

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const std::string &path, Answer answer, Logger &log) {
    std::unique_ptr<ControlSocket> socket(new ControlSocket(path, std::move(answer), log));
    if (Status listening = socket->listen(); !listening.ok()) {
        return listening;
    }
    Result<std::thread> thread = start_thread("motet-control", [raw = socket.get()] { raw->serve(); });
    if (!thread.ok()) {
        return std::move(thread.status());
    }
    socket->thread_ = std::move(thread.value());
    return socket;
}

ControlSocket::ControlSocket(std::string path, Answer answer, Logger &log)
    : path_(std::move(path)), answer_(std::move(answer)), log_(log) {}

// Nobody can connect before listen(), and the mode is set by then.
Status ControlSocket::listen() {
    const Result<sockaddr_un> place = place_of(path_);
    if (!place.ok()) {
        return Status(place.status().code(), place.status().message());
    }
    if (Status room = make_room(path_, place.value()); !room.ok()) {
        return room;
    }
    stop_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    Descriptor listener(new_socket());
    if (stop_ < 0 || listener.get() < 0) {
        return failed(path_, "cannot be made", errno);
    }
    (void)fchmod(listener.get(), 0600);  // what bind() makes has this mode from the beginning
    if (bind(listener.get(), as_address(place.value()), sizeof place.value()) != 0) {
        return failed(path_, "cannot be made", errno);
    }
    if (chmod(path_.c_str(), 0600) != 0 || ::listen(listener.get(), kBacklog) != 0) {
        const int error = errno;
        unlink(path_.c_str());
        return failed(path_, "cannot be listened at", error);
    }
    listener_ = listener.release();
    return {};
}

ControlSocket::~ControlSocket() {
    if (thread_.joinable()) {
        const uint64_t one = 1;
        (void)!write(stop_, &one, sizeof one);
        thread_.join();
    }
    if (listener_ >= 0) {
        unlink(path_.c_str());
        close(listener_);
    }
    if (stop_ >= 0) {
        close(stop_);
    }
}

// Waits until something can be done with a descriptor. False when the deadline has passed, or this is to end. A
// negative deadline: none.
bool ControlSocket::wait_for(int descriptor, short events, int64_t deadline_ms) const {
    while (true) {
        pollfd waiting[2] = {{descriptor, events, 0}, {stop_, POLLIN, 0}};
        const int64_t left = deadline_ms < 0 ? -1 : std::max<int64_t>(deadline_ms - now_ms(), 0);
        const int ready = poll(waiting, 2, static_cast<int>(left));
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        return ready > 0 && waiting[1].revents == 0;
    }
}

void ControlSocket::serve() {
    while (wait_for(listener_, POLLIN, -1)) {
        const Descriptor client(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (client.get() < 0) {  // the process has no descriptor left, say: who has connected waits until it has
            (void)wait_for(stop_, POLLIN, now_ms() + kPauseMs);
        } else if (is_welcome(client.get())) {
            converse(client.get());
        }
    }
}

bool ControlSocket::is_welcome(int client) {
    ucred peer{};
    socklen_t size = sizeof peer;
    const bool known = getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
    if (known && (peer.uid == geteuid() || peer.uid == 0)) {
        return true;
    }
    if (const std::optional<std::string> more = restraint_.admit(now_ms() * kMillisecond)) {
        log_.warning("control socket: user " + std::to_string(peer.uid) + " was turned away" + *more);
    }
    return false;
}

void ControlSocket::converse(int client) {
    const int64_t deadline = now_ms() + kPatienceMs;
    std::string command;
    while (command.find('\n') == std::string::npos) {
        if (command.size() >= kMaxControlCommand || !wait_for(client, POLLIN, deadline) ||
            !receive_some(client, command)) {
            return;
        }
    }
    const ControlReply reply = answer_(std::string_view(command).substr(0, command.find('\n')));
    const std::string whole =
        std::to_string(static_cast<int32_t>(reply.code)) + " " + std::to_string(reply.text.size()) + "\n" + reply.text;
    std::string_view rest = whole;
    const int64_t read_by = now_ms() + kPatienceMs;
    while (!rest.empty() && wait_for(client, POLLOUT, read_by) && send_some(client, rest)) {
    }
}

Result<ControlReply> control_call(const std::string &path, const std::string &command, Nanos timeout) {
    const Result<sockaddr_un> place = place_of(path);
    if (!place.ok()) {
        return Status(place.status().code(), place.status().message());
    }
    if (command.size() >= kMaxControlCommand || command.find('\n') != std::string::npos) {
        return Status(Code::BAD_VALUE,
                      "a command is one line of less than " + std::to_string(kMaxControlCommand) + " bytes");
    }
    const Descriptor node(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (node.get() < 0 || connect(node.get(), as_address(place.value()), sizeof place.value()) != 0) {
        const bool nobody = errno == ENOENT || errno == ECONNREFUSED;
        const Status why = failed(path, nobody ? "no node listens there" : "cannot be used", errno);
        return Status(nobody ? Code::NOT_FOUND : Code::IO, why.message());
    }
    const int64_t deadline = now_ms() + timeout / kMillisecond;
    const std::string line = command + "\n";
    std::string_view rest = line;
    std::string raw;
    bool open = true;
    while (open && raw.size() <= kMaxReply + kMaxHead) {
        pollfd waiting = {node.get(), static_cast<short>(rest.empty() ? POLLIN : POLLOUT), 0};
        const int64_t left = deadline - now_ms();
        const int ready = left <= 0 ? 0 : poll(&waiting, 1, static_cast<int>(std::min<int64_t>(left, INT32_MAX)));
        if (ready == 0) {
            return Status(Code::TIMEOUT, "control socket \"" + path + "\": no answer within " +
                                             std::to_string(timeout / kMillisecond) + " ms");
        }
        if (ready > 0) {
            open = rest.empty() ? receive_some(node.get(), raw) : send_some(node.get(), rest);
        }
    }
    return read_reply(raw, path);
}

}  // namespace motet
