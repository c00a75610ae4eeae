// ControlSocket lets operators on this machine talk to a node: a local socket that nobody but the user of the node (and
// root) may use, by its mode and by who the kernel says is at the other end. One command for each connection: a line
// in, "CODE LENGTH\n" and the text out. Knows: sockets, limits. Must never know: what a command means.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "core/base/log.h"
#include "core/base/log_restraint.h"
#include "core/base/status.h"
#include "core/manage/control_service.h"

namespace motet {

class ControlSocket {
  public:
    using Answer = std::function<ControlReply(std::string_view line)>;

    // Listens at a path. A socket there that nobody listens at any more is replaced. Errors: BAD_VALUE (no path that a
    // socket can have), ADDRESS_IN_USE, IO, NO_THREAD.
    static Result<std::unique_ptr<ControlSocket>> open(const std::string &path, Answer answer, Logger &log);

    // Ends the conversation that is going on, if any, and takes the socket away.
    ~ControlSocket();

  private:
    ControlSocket(std::string path, Answer answer, Logger &log);
    Status listen();
    void serve();
    void converse(int client);
    bool is_welcome(int client);
    bool wait_for(int descriptor, short events, int64_t deadline_ms) const;

    const std::string path_;
    const Answer answer_;
    Logger &log_;
    LogRestraint restraint_{3, 60 * kSecond};
    int listener_ = -1;
    int stop_ = -1;  // an eventfd, readable once this is to end
    std::thread thread_;
};

// The other end: sends a command to the node at a path. Errors: BAD_VALUE, NOT_FOUND (no node listens there), IO (not
// permitted, or it does not talk this way), TIMEOUT; for what the node says to the command see the reply.
Result<ControlReply> control_call(const std::string &path, const std::string &command, Nanos timeout);

}  // namespace motet
