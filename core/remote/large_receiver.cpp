#include "core/remote/large_receiver.h"

#include <cstring>
#include <utility>

namespace motet {

LargeReceiver::~LargeReceiver() {
    for (auto &[number, partial] : partial_) {
        partial.message.envelope->destroy();
    }
    for (Whole &whole : whole_) {
        whole.message.envelope->destroy();
    }
}

Code LargeReceiver::admits(size_t size) const {
    return size > settings_.max_message                ? Code::TOO_LARGE
           : buffered_ + size > settings_.max_buffered ? Code::QUEUE_FULL
                                                       : Code::OK;
}

wire::Problem LargeReceiver::begin(Now now, const wire::Large &large, Arrived message) {
    const bool too_many = partial_.size() >= wire::kMaxOpenLarge;
    if (too_many || partial_.count(large.number) > 0) {
        message.envelope->destroy();
        return too_many ? "large message: more at a time than there may be"
                        : "large message: with the number of another";
    }
    buffered_ += large.size;
    const auto [partial, fresh] = partial_.emplace(large.number, Partial{std::move(message), large.after, large.size});
    return fill(now, partial, large.envelope.payload);
}

wire::Problem LargeReceiver::add(Now now, const wire::Piece &piece) {
    const auto partial = partial_.find(piece.number);
    return partial == partial_.end() ? nullptr : fill(now, partial, piece.bytes);
}

wire::Problem LargeReceiver::fill(Now now, std::map<uint32_t, Partial>::iterator found, Bytes bytes) {
    Partial &partial = found->second;
    if (bytes.size() > partial.size - partial.filled) {
        buffered_ -= partial.size;
        partial.message.envelope->destroy();
        partial_.erase(found);
        return "large message: more pieces than it has bytes";
    }
    if (!bytes.empty()) {
        std::memcpy(partial.message.envelope->unfilled() + partial.filled, bytes.data(), bytes.size());
    }
    partial.filled += bytes.size();
    if (partial.filled == partial.size) {
        whole_.push_back({std::move(partial.message), partial.after, now.mono + settings_.patience});
        partial_.erase(found);
    }
    return nullptr;
}

std::optional<LargeReceiver::Arrived> LargeReceiver::next(Now now, uint64_t ordinary) {
    if (whole_.empty() || (whole_.front().after > ordinary && now.mono < whole_.front().deadline)) {
        return std::nullopt;
    }
    Arrived message = std::move(whole_.front().message);
    whole_.pop_front();
    buffered_ -= message.envelope->payload().size();
    return message;
}

std::vector<LargeReceiver::Arrived> LargeReceiver::incomplete() {
    std::vector<Arrived> lost;
    for (auto &[number, partial] : std::exchange(partial_, {})) {
        buffered_ -= partial.size;
        lost.push_back(std::move(partial.message));
    }
    return lost;
}

}  // namespace motet
