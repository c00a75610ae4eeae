// Mailboxes are what the mailboxes of a system are like, by the names that are configured.
// Knows: names, settings. Must never know: actors.
#pragma once

#include "core/actor/backlog.h"
#include "core/actor/props.h"
#include "core/config/config.h"
#include "core/message/type_table.h"

namespace motet {

class Mailboxes {
  public:
    Mailboxes(const Config &config, TypeTable &types)
        : config_(config), types_(types), capacity_(config.integer("actor.mailbox-capacity")) {}

    // What the mailbox of an actor of these props is like. Errors: BAD_VALUE (no such mailbox).
    Result<MailboxSettings> of(const Props &props) const;

  private:
    const Config &config_;
    TypeTable &types_;
    const int64_t capacity_;
};

}  // namespace motet
