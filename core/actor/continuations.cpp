#include "core/actor/continuations.h"

#include <cstring>

#include "core/actor/cell.h"
#include "core/actor/context.h"

namespace motet {

namespace {

// Tells an actor that a future is complete. It is made before, so that memory cannot be what keeps the actor waiting.
struct Waker final : RefCounted {
    Waker(Cell &of, Envelope *with) : owner(&of), tick(with) {}
    ~Waker() override {
        if (tick) {
            tick->destroy();
        }
    }

    const Ptr<Cell> owner;
    Envelope *tick;
};

}  // namespace

Continuations::Entry::~Entry() {
    if (message) {
        message->destroy();
    }
}

Code Continuations::add(const Ptr<Future> &future, const Context &context,
                        std::unique_ptr<Continuation> &continuation) {
    const Envelope *handled = context.envelope();
    if (!handled) {
        return Code::BAD_STATE;
    }
    if (entries_.size() >= kMost) {
        return Code::QUEUE_FULL;
    }
    const uint64_t number = ++last_;
    auto waker = make_counted<Waker>(
        owner_,
        Envelope::make(types::continuation, {reinterpret_cast<const uint8_t *>(&number), sizeof number}, nullptr, {}));
    auto entry = std::make_unique<Entry>();
    entry->message = Envelope::share(handled->message(), handled->sender(), context.trace());
    if (!waker->tick || !entry->message) {
        return Code::NO_MEMORY;
    }
    Future::Use wake = [waker](Future &) { waker->owner->deliver_tick(std::exchange(waker->tick, nullptr)); };
    entry->future = future;
    Entry &waiting = *entries_.emplace(number, std::move(entry)).first->second;
    waiting.continuation = std::move(continuation);
    future->then(std::move(wake));
    return Code::OK;
}

std::unique_ptr<Continuations::Entry> Continuations::take(Envelope *tick) {
    uint64_t number = 0;
    if (tick->payload().size() == sizeof number) {
        std::memcpy(&number, tick->payload().data(), sizeof number);
    }
    tick->destroy();
    auto found = entries_.find(number);
    if (found == entries_.end()) {
        return nullptr;
    }
    std::unique_ptr<Entry> entry = std::move(found->second);
    entries_.erase(found);
    return entry;
}

void Continuations::cancel_all() {
    for (auto &[number, entry] : std::exchange(entries_, {})) {
        entry->future->cancel();
        const Envelope *unseen = entry->future->done() ? entry->future->reply() : nullptr;
        if (unseen) {
            if (Envelope *letter = Envelope::share(unseen->message(), unseen->sender(), unseen->trace())) {
                owner_.system().dead_letters().take(letter, Code::STOPPED, owner_);
            }
        }
    }
}

}  // namespace motet
