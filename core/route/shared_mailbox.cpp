#include "core/route/shared_mailbox.h"

#include <mutex>

#include "core/actor/system.h"

namespace motet {

// Takes the next message for a routee when that has done one.
class SharedMailbox::Taker final : public Attendant {
  public:
    Taker(std::shared_ptr<SharedMailbox> mailbox, Cell &routee)
        : mailbox_(std::move(mailbox)), place_(std::make_shared<Place>(routee)) {
        mailbox_->join(place_);
    }
    ~Taker() override { mailbox_->leave(place_); }

    void begins(const Envelope &envelope) override {
        if (envelope.type() == types::pre_restart || envelope.type() == types::post_stop) {
            mailbox_->leave(place_);
        }
    }

    void ended(const Envelope &envelope, Code code) override {
        const bool given = place_->given.load(std::memory_order_relaxed) == &envelope;
        if (given) {
            place_->given.store(nullptr, std::memory_order_relaxed);
        }
        const bool well = code == Code::OK || code == Code::UNHANDLED;
        const bool begun = envelope.type() == types::pre_start || envelope.type() == types::post_restart;
        // Who failed takes the next when it goes on: as a new instance, or at once when it resumes.
        if ((begun && well) ||
            (given && (well || place_->cell->props().supervision.decide(code) == Directive::resume))) {
            mailbox_->take_next(place_);
        }
    }

  private:
    const std::shared_ptr<SharedMailbox> mailbox_;
    const std::shared_ptr<Place> place_;
};

Ptr<const Props> SharedMailbox::for_routees(const Props &props) {
    Ptr<Props> taking = props.copy();
    taking->make_attendant = [mailbox = shared_from_this()](Cell &routee) {
        return std::make_unique<Taker>(mailbox, routee);
    };
    return taking;
}

void SharedMailbox::join(const std::shared_ptr<Place> &place) {
    std::lock_guard lock(lock_);
    places_.push_back(place);
}

void SharedMailbox::leave(const std::shared_ptr<Place> &place) {
    std::lock_guard lock(lock_);
    place->left = true;
    std::erase(places_, place);
    std::erase(free_, place);
}

void SharedMailbox::leave(const Cell &routee) {
    std::lock_guard lock(lock_);
    for (const std::shared_ptr<Place> &place : places_) {
        place->left = place->left || place->cell == &routee;
    }
    std::erase_if(free_, [](const std::shared_ptr<Place> &place) { return place->left; });
}

Code SharedMailbox::put(Envelope *envelope, Cell &router) {
    std::shared_ptr<Place> place;
    Ptr<Cell> routee;
    Backlog::Pushed pushed;
    {
        std::lock_guard lock(lock_);
        if (!free_.empty()) {
            place = std::move(free_.back());
            free_.pop_back();
            routee = Ptr<Cell>(place->cell);  // alive, as its instance has not left
        } else {
            pushed = queue_.push(envelope);
        }
    }
    if (place) {
        return give(envelope, place, std::move(routee));
    }
    DeadLetters &dead_letters = router.system().dead_letters();
    if (pushed.dropped) {
        dead_letters.take(pushed.dropped, Code::MAILBOX_FULL, router);
    }
    return pushed.code == Code::OK ? Code::OK : dead_letters.take(envelope, pushed.code, router);
}

void SharedMailbox::take_next(const std::shared_ptr<Place> &place) {
    Envelope *next = nullptr;
    {
        std::lock_guard lock(lock_);
        if (place->left) {
            return;
        }
        next = queue_.pop();
        if (!next) {
            free_.push_back(place);
            return;
        }
    }
    give(next, place, Ptr<Cell>(place->cell));
}

Code SharedMailbox::give(Envelope *envelope, const std::shared_ptr<Place> &place, Ptr<Cell> routee) {
    place->given.store(envelope, std::memory_order_relaxed);
    const Code code = routee->deliver(envelope);
    if (code != Code::OK) {  // its own mailbox is full of other messages, or it has stopped
        std::lock_guard lock(lock_);
        place->given.store(nullptr, std::memory_order_relaxed);
        if (!place->left) {
            free_.push_back(place);
        }
    }
    return code;
}

void SharedMailbox::close(Cell &router) {
    EnvelopeList left;
    queue_.close(left);
    while (Envelope *envelope = left.pop_front()) {
        router.system().dead_letters().take(envelope, Code::STOPPED, router);
    }
}

}  // namespace motet
