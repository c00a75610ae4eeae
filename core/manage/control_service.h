// ControlService answers the commands of operators about one node: a line of text in, a code and a text out.
// Knows: the commands, the cluster. Must never know: how a command has come here.
#pragma once

#include <string>
#include <string_view>

#include "core/cluster/cluster.h"

namespace motet {

// The longest command, its line feed included.
constexpr size_t kMaxControlCommand = 4096;

struct ControlReply {
    Code code = Code::OK;
    std::string text;  // what was asked for, or why not
};

class ControlService {
  public:
    explicit ControlService(Ptr<Cluster> cluster) : cluster_(std::move(cluster)) {}

    // "[json] COMMAND [ADDRESS]", where COMMAND is status, members, leader, unreachable, join, leave, down or
    // prepare-for-full-shutdown. With "json" the text is JSON, {"error": {code, name, message}} when it went wrong.
    // Errors: INVALID (no such command), and those of Cluster.
    ControlReply answer(std::string_view line) const;

  private:
    Result<std::string> carry_out(std::string_view command, const std::string &argument, bool json) const;

    Ptr<Cluster> cluster_;
};

}  // namespace motet
