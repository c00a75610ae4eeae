#include "core/remote/outbound_lane.h"

#include <algorithm>

namespace motet {

using wire::Name;
using wire::RecordKind;

namespace {

constexpr std::string_view kTemporary = "/temp/";  // asks: used once, so a number would cost more than it saves
constexpr size_t kBatch = 64 * 1024;               // a frame is not filled further when it is as large as this

}  // namespace

// The frame in which a record of at most this size goes.
OutboundLane::Frame &OutboundLane::frame_for(size_t size) {
    const size_t limit = wire::kHeaderSize + std::min(settings_.max_frame, kBatch);
    if (frames_.empty() || frames_.back().epoch != epoch_ || frames_.back().bytes.size() + size > limit) {
        frames_.push_back({ByteBuffer::recycled(), epoch_});
        wire::begin_frame(frames_.back().bytes);
    }
    return frames_.back();
}

// The same for a record of just this size, which counts from now on.
ByteBuffer &OutboundLane::room_for(size_t size) {
    queued_ += size;
    return frame_for(size).bytes;
}

Name OutboundLane::name(Table &table, RecordKind define, std::string_view text) {
    const auto [found, fresh] = table.numbers.try_emplace(std::string(text), static_cast<uint32_t>(table.names.size()));
    if (fresh) {
        table.names.push_back(found->first);
        const wire::Define definition{found->second, text};
        wire::write_define(room_for(wire::kRecordHeaderSize + 4 + text.size()), define, definition);
    }
    return Name::numbered(found->second);
}

Name OutboundLane::target_name(const OutboundMessage &message) {
    if (message.target.rfind(kTemporary, 0) == 0) {
        return Name::of(message.target);
    }
    if (message.target_number->epoch != epoch_) {
        const Name numbered = name(targets_, RecordKind::define_target, message.target);
        *message.target_number = {epoch_, numbered.number};
    }
    return Name::numbered(message.target_number->number);
}

Name OutboundLane::type_name(TypeId type, const char *text) {
    const auto index = static_cast<size_t>(type);
    if (index >= type_numbers_.size()) {
        type_numbers_.resize(index + 1);
    }
    if (type_numbers_[index] == 0) {
        type_numbers_[index] = name(types_, RecordKind::define_type, text).number + 1;
    }
    return Name::numbered(type_numbers_[index] - 1);
}

Name OutboundLane::sender_name(const ActorRef &sender) {
    const SenderKey key{&sender, sender.incarnation()};
    const auto known = sender_numbers_.find(key);
    if (known != sender_numbers_.end()) {
        return Name::numbered(known->second);
    }
    scratch_ = sender.full_path();
    const bool own = scratch_.size() > own_.size() && scratch_[own_.size()] == '/' && scratch_.rfind(own_, 0) == 0;
    if (!own) {
        return Name::of(scratch_);  // a third node's
    }
    scratch_.erase(0, own_.size());
    if (key.incarnation == 0 || scratch_.rfind(kTemporary, 0) == 0) {
        return Name::of(scratch_);
    }
    const Name numbered = name(senders_, RecordKind::define_sender, scratch_);
    sender_numbers_.emplace(key, numbered.number);
    return numbered;
}

Code OutboundLane::append(const OutboundMessage &message, bool &first) {
    std::array<uint8_t, wire::kTraceSize> trace;
    const std::lock_guard lock(lock_);
    if (message.payload.size() > settings_.max_frame) {
        return Code::TOO_LARGE;
    }
    if (queued_ + message.payload.size() > settings_.max_queued) {
        return Code::QUEUE_FULL;
    }
    if (std::max({types_.names.size(), targets_.names.size(), senders_.names.size()}) >= wire::kMaxTableSize) {
        begin_tables();
    }
    first = frames_.empty();
    wire::Envelope envelope;
    envelope.type = type_name(message.type, message.type_name);
    envelope.target = target_name(message);
    if (message.sender != nullptr) {
        envelope.has_sender = true;
        envelope.sender = sender_name(*message.sender);
    }
    if (message.trace != nullptr && !message.trace->none()) {
        message.trace->to_bytes(trace.data());
        envelope.trace = trace;
    }
    envelope.selection = message.selection;
    envelope.hops = message.hops;
    envelope.payload = message.payload;
    const size_t size = wire::envelope_size(envelope);
    if (size > settings_.max_frame) {
        first = first && !frames_.empty();  // what was defined on the way still goes
        return Code::TOO_LARGE;
    }
    Frame &frame = frame_for(size);
    if (!envelope.trace.empty()) {
        envelope.same_trace = std::exchange(frame.trace, trace) == trace;
        envelope.trace = envelope.same_trace ? Bytes() : envelope.trace;
    }
    const size_t before = frame.bytes.size();
    wire::write_envelope(frame.bytes, envelope);
    queued_ += frame.bytes.size() - before;
    return Code::OK;
}

Code OutboundLane::append_record(Bytes record, bool &first) {
    const std::lock_guard lock(lock_);
    if (queued_ + record.size() > settings_.max_queued) {
        return Code::QUEUE_FULL;
    }
    first = frames_.empty();
    room_for(record.size()).append(record);
    return Code::OK;
}

bool OutboundLane::take(Frame &frame) {
    const std::lock_guard lock(lock_);
    if (frames_.empty()) {
        return false;
    }
    frame = std::move(frames_.front());
    frames_.pop_front();
    return true;
}

void OutboundLane::sent(size_t frame_size) {
    const std::lock_guard lock(lock_);
    queued_ -= frame_size - wire::kHeaderSize;
}

void OutboundLane::begin_tables() {
    ++epoch_;
    types_ = {};
    targets_ = {};
    senders_ = {};
    type_numbers_.clear();
    sender_numbers_.clear();
}

void OutboundLane::new_tables() {
    const std::lock_guard lock(lock_);
    begin_tables();
}

std::string_view OutboundLane::text_of(const Table &table, const Name &name) const {
    if (name.literal) {
        return name.text;
    }
    return name.number < table.names.size() ? std::string_view(table.names[name.number]) : "unknown";
}

// The messages in a frame, with their names in full. Under lock_.
void OutboundLane::read_messages(const Frame &frame, std::vector<Dropped> &messages) const {
    static const Table kForgotten;
    const bool present = frame.epoch == epoch_;
    wire::RecordReader reader(frame.bytes.view().subspan(wire::kHeaderSize));
    wire::Record record;
    Bytes trace;
    while (reader.next(record)) {
        wire::Envelope envelope;
        if (record.kind != static_cast<uint8_t>(RecordKind::envelope) ||
            wire::read_envelope(record.body, envelope) != nullptr) {
            continue;
        }
        trace = envelope.trace.empty() ? trace : envelope.trace;
        messages.push_back(
            {std::string(text_of(present ? targets_ : kForgotten, envelope.target)) + std::string(envelope.selection),
             envelope.has_sender ? std::string(text_of(present ? senders_ : kForgotten, envelope.sender)) : "",
             std::string(text_of(present ? types_ : kForgotten, envelope.type)),
             envelope.same_trace ? trace : envelope.trace, envelope.hops, envelope.payload});
    }
}

void OutboundLane::drop(const Frame *taken, const DropMessage &each) {
    std::deque<Frame> frames;
    std::vector<Dropped> messages;
    {
        const std::lock_guard lock(lock_);
        if (taken != nullptr) {
            read_messages(*taken, messages);
        }
        frames = std::move(frames_);
        frames_.clear();
        for (const Frame &frame : frames) {
            read_messages(frame, messages);
        }
        queued_ = 0;
        begin_tables();
    }
    for (const Dropped &message : messages) {
        each(message);
    }
}

size_t OutboundLane::frames() const {
    const std::lock_guard lock(lock_);
    return frames_.size();
}

size_t OutboundLane::queued() const {
    const std::lock_guard lock(lock_);
    return queued_;
}

uint32_t OutboundLane::epoch() const {
    const std::lock_guard lock(lock_);
    return epoch_;
}

}  // namespace motet
