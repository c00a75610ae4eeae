#include "core/remote/reliable_delivery.h"

namespace motet {

bool ReliableSender::add(Now now, ByteBuffer record) {
    if (waiting_.size() >= settings_.buffer) {
        return false;
    }
    waiting_.push_back({now.mono, std::move(record)});
    return true;
}

void ReliableSender::acknowledged(Now now, uint64_t sequence) {
    if (sequence >= next_sequence()) {
        return;
    }
    while (first_ <= sequence) {
        waiting_.pop_front();
        ++first_;
        sent_ -= sent_ > 0 ? 1 : 0;
        resend_at_ = now.mono + settings_.resend_interval;  // there is progress: no hurry
    }
}

void ReliableSender::collect(Now now, ByteBuffer &out) {
    if (sent_ > 0 && now.mono >= resend_at_) {
        sent_ = 0;
    }
    if (sent_ == 0) {
        resend_at_ = now.mono + settings_.resend_interval;
    }
    // What does not go now goes when acknowledgements have made room, or with the next resend.
    while (sent_ < waiting_.size() && sent_ < kMaxResent) {
        out.append(waiting_[sent_].record.view());
        ++sent_;
    }
}

bool ReliableSender::hopeless(Now now) const {
    return !waiting_.empty() && now.mono - waiting_.front().since >= settings_.give_up;
}

std::optional<Nanos> ReliableSender::deadline() const {
    if (waiting_.empty()) {
        return std::nullopt;
    }
    return sent_ < waiting_.size() && sent_ < kMaxResent ? 0 : resend_at_;
}

std::deque<ByteBuffer> ReliableSender::restart() {
    std::deque<ByteBuffer> lost;
    for (Waiting &waiting : waiting_) {
        lost.push_back(std::move(waiting.record));
    }
    waiting_.clear();
    first_ = 1;
    sent_ = 0;
    return lost;
}

}  // namespace motet
