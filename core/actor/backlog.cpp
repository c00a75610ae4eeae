#include "core/actor/backlog.h"

#include <mutex>

#include "core/message/type_table.h"

namespace motet {

Backlog::Backlog(MailboxSettings settings) : settings_(std::move(settings)) {
    levels_[0];
    for (const auto &[type, level] : settings_.priorities) {
        levels_[level];
    }
}

Backlog::~Backlog() {
    EnvelopeList left;
    close(left);
    while (Envelope *envelope = left.pop_front()) {
        envelope->destroy();
    }
}

EnvelopeList &Backlog::level_of(const Envelope &envelope) {
    auto found = settings_.priorities.find(envelope.type());
    return levels_.find(found == settings_.priorities.end() ? 0 : found->second)->second;
}

Backlog::Pushed Backlog::push(Envelope *envelope) {
    std::lock_guard lock(lock_);
    Pushed result;
    if (closed_) {
        result.code = Code::STOPPED;
        return result;
    }
    if (settings_.capacity > 0 && waiting_ >= settings_.capacity) {
        if (settings_.overflow != Overflow::drop_oldest) {
            result.code = Code::MAILBOX_FULL;
            return result;
        }
        Envelope *oldest = pop_from(false);
        if (is_owed(oldest->type())) {
            put(oldest);  // behind all else
        } else {
            result.dropped = oldest;
        }
    }
    put(envelope);
    if (settings_.high_water > 0 && waiting_ >= settings_.high_water) {
        result.high_water = !std::exchange(risen_, true);
    }
    return result;
}

void Backlog::append(Envelope *envelope) {
    std::lock_guard lock(lock_);
    if (closed_) {
        envelope->destroy();
        return;
    }
    put(envelope);
}

void Backlog::put(Envelope *envelope) {
    level_of(*envelope).push_back(envelope);
    ++waiting_;
}

// The oldest of the first level that has any, or of the last.
Envelope *Backlog::pop_from(bool first) {
    auto step = [this](auto begin, auto end) -> Envelope * {
        for (auto level = begin; level != end; ++level) {
            if (Envelope *envelope = level->second.pop_front()) {
                --waiting_;
                return envelope;
            }
        }
        return nullptr;
    };
    return first ? step(levels_.begin(), levels_.end()) : step(levels_.rbegin(), levels_.rend());
}

Envelope *Backlog::pop() {
    std::lock_guard lock(lock_);
    Envelope *envelope = pop_from(true);
    if (waiting_ < settings_.high_water / 2) {
        risen_ = false;
    }
    return envelope;
}

void Backlog::close(EnvelopeList &left) {
    std::lock_guard lock(lock_);
    closed_ = true;
    while (Envelope *envelope = pop_from(true)) {
        left.push_back(envelope);
    }
}

int64_t Backlog::waiting() const {
    std::lock_guard lock(lock_);
    return waiting_;
}

}  // namespace motet
