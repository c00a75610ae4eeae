// SharedMailbox holds the messages of a balancing pool: whichever routee has nothing to do takes the next.
//
// A routee gets one message at a time into its own mailbox, and the next one when it has done that; so what else is
// true of an actor's messages (supervision, spans, dead letters) is true here. One short lock is shared by all, as the
// mailbox is.
//
// Knows: which routees are free. Must never know: how the pool grows, what messages mean.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/actor/backlog.h"
#include "core/actor/cell.h"
#include "core/base/spin_lock.h"

namespace motet {

class SharedMailbox : public std::enable_shared_from_this<SharedMailbox> {
  public:
    // settings: those of the mailbox of a routee. Its order and its bound are those of what is shared; who finds no
    // room is refused, or the oldest message is dropped.
    explicit SharedMailbox(MailboxSettings settings) : queue_(std::move(settings)) {}

    // Props of routees that take from here.
    Ptr<const Props> for_routees(const Props &props);

    // A message for whoever is free next. Takes it, always. OK, or MAILBOX_FULL or STOPPED: a dead letter.
    Code put(Envelope *envelope, Cell &router);

    // How many messages wait for a routee.
    int64_t waiting() const { return queue_.waiting(); }

    // A routee gets nothing any more.
    void leave(const Cell &routee);

    // What waits becomes dead letters, and whatever comes.
    void close(Cell &router);

  private:
    class Taker;

    // One instance of a routee, in whatever language.
    struct Place {
        explicit Place(Cell &routee) : cell(&routee) {}
        Cell *const cell;                              // which owns the instance
        std::atomic<const Envelope *> given{nullptr};  // what it was given and has not begun
        bool left = false;                             // under lock_
    };

    void join(const std::shared_ptr<Place> &place);
    void leave(const std::shared_ptr<Place> &place);
    void take_next(const std::shared_ptr<Place> &place);
    Code give(Envelope *envelope, const std::shared_ptr<Place> &place, Ptr<Cell> routee);

    SpinLock lock_;
    Backlog queue_;                               // under lock_, so that a message and a free routee find each other
    std::vector<std::shared_ptr<Place>> places_;  // under lock_: all
    std::vector<std::shared_ptr<Place>> free_;    // under lock_: those that wait for a message
};

}  // namespace motet
