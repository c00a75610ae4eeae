#include "core/remote/large_sender.h"

#include <algorithm>

namespace motet {

namespace {

constexpr size_t kPiece = 64 * 1024;  // what a frame holds of a message at most: little enough to take turns
constexpr std::string_view kTemporary = "/temp/";  // asks: nothing comes after their answer

}  // namespace

LargeSender::~LargeSender() {
    drop([](Envelope *envelope, const ActorRef &) { envelope->destroy(); });
}

bool LargeSender::look_up(std::string_view path, TargetCache &cache) const {
    const std::lock_guard lock(mutex_);
    const bool large = targets_.size() >= kMaxLargeTargets || targets_.count(std::string(path)) > 0;
    cache.store(version_.load(std::memory_order_relaxed) << 1 | (large ? 1 : 0), std::memory_order_relaxed);
    return large;
}

Code LargeSender::append(const Ref &target, std::string_view path, const OutboundMessage &message, Envelope *envelope) {
    const size_t size = message.payload.size();
    if (size > settings_.max_message) {
        return Code::TOO_LARGE;
    }
    Item item{target, path, envelope, message, std::string(message.hops), 0};
    uint8_t trace[wire::kTraceSize];
    std::string sender;
    if (wire::envelope_size(describe(item, trace, sender)) - size + wire::kLargeHeaderSize > settings_.max_frame) {
        return Code::TOO_LARGE;  // its names alone
    }
    const std::lock_guard lock(mutex_);
    if (queued_ + size > settings_.max_queued) {
        return Code::QUEUE_FULL;
    }
    if (!path.starts_with(kTemporary) && targets_.size() < kMaxLargeTargets && targets_.emplace(path).second) {
        version_.fetch_add(1, std::memory_order_release);
    }
    queued_ += size;
    item.count = ++appended_;
    waiting_.push_back(std::move(item));
    return Code::OK;
}

uint64_t LargeSender::appended() const {
    const std::lock_guard lock(mutex_);
    return appended_;
}

bool LargeSender::finished(uint64_t appended) const {
    const auto later = [&](const Item &item) { return item.count > appended; };
    const std::lock_guard lock(mutex_);
    return std::all_of(open_.begin(), open_.end(), later) && (waiting_.empty() || later(waiting_.front()));
}

bool LargeSender::may_begin(const Item &item) const {
    return std::none_of(open_.begin(), open_.end(), [&](const Item &open) { return open.path == item.path; });
}

// Has as many under way as there may be. What is for an actor that a message is under way to waits, and with it what is
// for the same actor behind it.
void LargeSender::begin_more() {
    constexpr size_t kLookedAt = 64;
    const std::lock_guard lock(mutex_);
    for (size_t at = 0; at < std::min(waiting_.size(), kLookedAt) && open_.size() < wire::kMaxOpenLarge;) {
        Item &item = waiting_[at];
        const size_t size = item.message.payload.size();
        if (!open_.empty() && open_bytes_ + size > settings_.max_queued) {
            return;
        }
        if (!may_begin(item)) {
            ++at;
            continue;
        }
        open_bytes_ += size;
        open_.push_back(std::move(item));
        waiting_.erase(waiting_.begin() + static_cast<ptrdiff_t>(at));
    }
}

wire::Envelope LargeSender::describe(const Item &item, uint8_t *trace, std::string &sender) const {
    const OutboundMessage &message = item.message;
    wire::Envelope envelope;
    envelope.target = wire::Name::of(message.target);
    envelope.type = wire::Name::of(message.type_name);
    if (message.sender != nullptr) {
        sender = message.sender->full_path();
        const bool own = sender.size() > own_.size() && sender[own_.size()] == '/' && sender.starts_with(own_);
        envelope.has_sender = true;
        envelope.sender = wire::Name::of(std::string_view(sender).substr(own ? own_.size() : 0));
    }
    if (message.trace != nullptr && !message.trace->none()) {
        message.trace->to_bytes(trace);
        envelope.trace = Bytes(trace, wire::kTraceSize);
    }
    envelope.selection = message.selection;
    envelope.hops = item.hops;
    envelope.payload = message.payload;
    return envelope;
}

bool LargeSender::take(uint64_t after, OutboundLane::Frame &frame) {
    begin_more();
    if (open_.empty()) {
        return false;
    }
    turn_ = (turn_ + 1) % open_.size();
    frame.bytes = ByteBuffer::recycled();
    wire::begin_frame(frame.bytes);
    frame.epoch = 1;  // names stand there in full: there are no tables
    write(open_[turn_], after, frame.bytes);
    return true;
}

// Writes the next piece of a message; with the first one, what it is.
void LargeSender::write(Item &item, uint64_t after, ByteBuffer &out) {
    const Bytes payload = item.message.payload;
    const size_t most = std::min(settings_.max_frame, kPiece);
    if (item.number == 0) {
        uint8_t trace[wire::kTraceSize];
        std::string sender;
        wire::Large large{++last_number_, static_cast<uint32_t>(payload.size()), after, describe(item, trace, sender)};
        const size_t head = wire::envelope_size(large.envelope) - payload.size() + wire::kLargeHeaderSize;
        item.number = large.number;
        item.sent = std::min(payload.size(), most - std::min(most, head));
        large.envelope.payload = payload.first(item.sent);
        wire::write_large(out, large);
        return;
    }
    const size_t size = std::min(payload.size() - item.sent, most - wire::kRecordHeaderSize - sizeof(item.number));
    wire::write_piece(out, {item.number, payload.subspan(item.sent, size)});
    item.sent += size;
}

void LargeSender::sent() {
    Item &item = open_[turn_];
    const size_t size = item.message.payload.size();
    if (item.sent < size) {
        return;
    }
    item.envelope->destroy();
    open_bytes_ -= size;
    open_.erase(open_.begin() + static_cast<ptrdiff_t>(turn_));
    const std::lock_guard lock(mutex_);
    queued_ -= size;
}

void LargeSender::drop(const std::function<void(Envelope *, const ActorRef &)> &each) {
    std::deque<Item> waiting;
    const std::vector<Item> open = std::exchange(open_, {});
    open_bytes_ = 0;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(waiting_);
        targets_.clear();
        version_.fetch_add(1, std::memory_order_release);
        queued_ = 0;
    }
    for (const Item &item : open) {
        each(item.envelope, *item.target);
    }
    for (const Item &item : waiting) {
        each(item.envelope, *item.target);
    }
}

}  // namespace motet
