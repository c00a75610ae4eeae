// Trust is what a node lets other nodes do to it. In untrusted mode that is little: what could harm is dropped when it
// comes from another node, and so is what is sent to a name instead of to an actor that somebody has made known.
// Knows: settings, types, paths. Must never know: who sends, how.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "core/config/config.h"
#include "core/message/type_table.h"

namespace motet {

class Trust {
  public:
    Trust(const Config &config, TypeTable &types);

    // Whether other nodes may do everything: watch actors here, be told of their end, create and supervise.
    bool complete() const { return !untrusted_; }

    // Whether a message that has come may be delivered. path: of its target, "/user/a#17"; without the incarnation, or
    // with a pattern, it is only a name.
    bool admits(TypeId type, std::string_view path) const;

  private:
    const bool untrusted_;
    std::unordered_set<TypeId> harmful_;
    std::unordered_set<std::string> trusted_paths_;
};

}  // namespace motet
