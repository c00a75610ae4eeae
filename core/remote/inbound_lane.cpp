#include "core/remote/inbound_lane.h"

namespace motet {

namespace {

// The place of a number in a table. Numbers come one after the other but where definitions were lost; the reader of
// definitions has checked that they stay below wire::kMaxTableSize.
template <typename T> T &place(std::vector<T> &table, uint32_t number) {
    if (number >= table.size()) {
        table.resize(number + 1);
    }
    return table[number];
}

}  // namespace

InboundLane::Arrival InboundLane::arrived(const wire::FrameHeader &header) {
    if (header.sequence <= last_sequence_ || header.epoch < epoch_) {
        return Arrival::stale;
    }
    const bool gap = last_sequence_ != 0 && header.sequence != last_sequence_ + 1;
    last_sequence_ = header.sequence;
    trace_.reset();
    if (header.epoch != epoch_) {
        forget();
        epoch_ = header.epoch;
    }
    return gap ? Arrival::gap : Arrival::in_order;
}

bool InboundLane::ask_for_tables() { return !std::exchange(asked_, true); }

bool InboundLane::define_type(uint32_t number, TypeId type) {
    TypeId &known = place(types_, number);
    return known == 0 && (known = type) != 0;
}

bool InboundLane::define_target(uint32_t number, Target target) {
    Target &known = place(targets_, number);
    if (!known.path.empty()) {
        return false;
    }
    known = std::move(target);
    return true;
}

bool InboundLane::define_sender(uint32_t number, Ref sender) {
    Ref &known = place(senders_, number);
    if (known) {
        return false;
    }
    known = std::move(sender);
    return true;
}

TypeId InboundLane::type(uint32_t number) const { return number < types_.size() ? types_[number] : 0; }

InboundLane::Target *InboundLane::target(uint32_t number) {
    return number < targets_.size() && !targets_[number].path.empty() ? &targets_[number] : nullptr;
}

const ActorRef *InboundLane::sender(uint32_t number) const {
    return number < senders_.size() ? senders_[number].get() : nullptr;
}

std::optional<TraceContext> InboundLane::trace(const wire::Envelope &envelope) {
    if (!envelope.trace.empty()) {
        trace_ = TraceContext::from_bytes(envelope.trace.data(), envelope.trace.size());
    }
    return envelope.trace.empty() && !envelope.same_trace ? TraceContext() : trace_;
}

void InboundLane::forget() {
    asked_ = false;
    types_.clear();
    targets_.clear();
    senders_.clear();
}

}  // namespace motet
