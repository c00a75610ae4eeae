#include "core/actor/foreign.h"

#include "core/actor/ask.h"
#include "core/actor/cell.h"
#include "core/actor/process_span.h"
#include "core/actor/system.h"

namespace motet {

static constexpr size_t kClaim = 64;  // messages of one actor in one batch

void Batch::clear() {
    records_.clear();
    arena_.clear();
    refs_.clear();
    actors_.clear();
}

void Batch::add(DeliveryKind kind, TypeId type, Bytes payload) {
    Delivery delivery{};
    delivery.kind = kind;
    delivery.type = type;
    delivery.data_offset = arena_.size();
    delivery.data_size = payload.size();
    arena_.insert(arena_.end(), payload.begin(), payload.end());
    records_.push_back(delivery);
}

int64_t Batch::complete() {
    int64_t completed = 0;
    for (uint64_t actor : actors_) {
        if (dispatcher_->complete(actor, INT64_MAX, Code::OK, {}) == Code::OK) {
            ++completed;
        }
    }
    actors_.clear();
    return completed;
}

ForeignDispatcher::ForeignDispatcher(System &system) : system_(&system) {}

ForeignDispatcher::~ForeignDispatcher() {
    for (Reply &reply : replies_) {
        if (reply.envelope) {
            reply.envelope->destroy();
        }
    }
}

void ForeignDispatcher::schedule(Runnable *runnable) {
    if (!queue_.offer(runnable)) {
        system_->internal_dispatcher().schedule(runnable);  // only to stop
    }
}

bool ForeignDispatcher::shut_down(Nanos) {
    close();
    return true;
}

void ForeignDispatcher::close() {
    std::unordered_map<uint64_t, Claim> claims;
    std::vector<Ptr<Cell>> cells;
    {
        std::lock_guard lock(mutex_);
        closed_ = true;
        claims.swap(claims_);
        for (auto &[number, cell] : cells_) {
            cells.push_back(cell);
        }
    }
    queue_.shut_down();
    for (auto &[number, claim] : claims) {
        claim.cell->complete(INT64_MAX, Code::OK, {});
    }
    while (Runnable *left = queue_.take()) {
        if (left != &replies_ready_) {
            system_->internal_dispatcher().schedule(left);
        }
    }
    for (const Ptr<Cell> &cell : cells) {
        cell->deliver_system(new SystemMessage{SystemKind::stop, {}});
    }
}

Status ForeignDispatcher::add(Cell &cell) {
    std::lock_guard lock(mutex_);
    if (closed_) {
        return Status(Code::CLOSED, "the dispatcher of the actor is closed");
    }
    if (!cells_.try_emplace(cell.props().foreign_number, Ptr<Cell>(&cell)).second) {
        return Status(Code::INVALID, "actor number " + std::to_string(cell.props().foreign_number) +
                                         " belongs to another living actor of the dispatcher");
    }
    return {};
}

void ForeignDispatcher::remove(const Cell &cell) {
    const uint64_t number = cell.props().foreign_number;
    Ptr<Cell> removed;  // freed after the lock is
    {
        std::lock_guard lock(mutex_);
        auto found = cells_.find(number);
        if (found != cells_.end() && found->second.get() == &cell) {
            removed = std::move(found->second);
            cells_.erase(found);
        }
    }
    if (removed && !cell.props().run_elsewhere()) {
        patiently([&] { add_reply({DeliveryKind::message, number, {}, nullptr, removed}); });
    }
}

int64_t ForeignDispatcher::poll(Batch &batch, int64_t max, Nanos timeout) {
    batch.clear();
    if (max <= 0) {
        return static_cast<int64_t>(Code::INVALID);
    }
    batch.dispatcher_ = Ptr<ForeignDispatcher>(this);
    auto most = static_cast<size_t>(max);
    Nanos deadline = timeout > 0 ? system_->clock().now().mono + timeout : 0;
    for (;;) {
        if (queue_.closed()) {
            return static_cast<int64_t>(Code::CLOSED);
        }
        while (batch.records_.size() < most) {
            Runnable *ready = queue_.take();
            if (!ready) {
                break;
            }
            if (ready == &replies_ready_) {
                add_replies(batch);
            } else {
                add_claim(batch, static_cast<Cell &>(*ready), std::min(kClaim, most - batch.records_.size()));
            }
        }
        Nanos left = timeout > 0 ? deadline - system_->clock().now().mono : timeout;
        if (!batch.records_.empty() || (timeout >= 0 && left <= 0) || queue_.wait(left)) {
            return queue_.closed() && batch.records_.empty() ? static_cast<int64_t>(Code::CLOSED)
                                                             : static_cast<int64_t>(batch.records_.size());
        }
    }
}

void ForeignDispatcher::add_claim(Batch &batch, Cell &cell, size_t most) {
    Ptr<Cell> held(&cell);
    uint64_t number = cell.props().foreign_number;
    std::vector<Envelope *> claim = cell.claim(most);
    if (claim.empty()) {
        return;
    }
    std::unique_ptr<Span> span;
    for (size_t i = 0; i < claim.size(); ++i) {
        const Envelope &envelope = *claim[i];
        batch.add(DeliveryKind::message, envelope.type(), envelope.payload());
        Delivery &delivery = batch.records_.back();
        delivery.actor = number;
        delivery.sender = envelope.sender();
        delivery.self = &cell;
        delivery.index = static_cast<int32_t>(i);
        if (envelope.sender()) {
            batch.refs_.push_back(hold(envelope.sender()));
        }
        span = process_span(*system_, envelope, cell);
        (span ? span->context : envelope.trace()).to_bytes(delivery.trace);
    }
    batch.refs_.push_back(held);
    batch.actors_.push_back(number);
    std::lock_guard lock(mutex_);
    claims_[number] = {std::move(held), std::move(span)};
}

Code ForeignDispatcher::complete(uint64_t actor, int64_t handled, Code code, std::string text) {
    Claim claim;
    {
        std::lock_guard lock(mutex_);
        auto found = claims_.find(actor);
        if (found == claims_.end()) {
            return Code::NOT_FOUND;
        }
        claim = std::move(found->second);
        claims_.erase(found);
    }
    if (claim.span) {
        system_->recorder().finish(std::move(claim.span), system_->clock().now(), code, text);
    }
    claim.cell->complete(handled < 0 ? 0 : static_cast<size_t>(handled), code, std::move(text));
    return Code::OK;
}

Code ForeignDispatcher::unhandled(uint64_t actor, int32_t index) {
    std::lock_guard lock(mutex_);
    auto found = claims_.find(actor);
    const Envelope *envelope =
        found == claims_.end() || index < 0 ? nullptr : found->second.cell->claimed(static_cast<size_t>(index));
    if (!envelope) {
        return Code::NOT_FOUND;
    }
    if (!is_signal(envelope->type())) {
        if (Envelope *copy = envelope->copy()) {
            system_->dead_letters().take(copy, Code::UNHANDLED, *found->second.cell);
        }
    }
    return Code::OK;
}

Code ForeignDispatcher::ask(ActorRef &target, uint64_t correlation, TypeId type, Bytes payload, Nanos timeout,
                            const TraceContext &trace) {
    Ptr<ForeignDispatcher> self(this);
    Result<Ptr<Ask>> sent = Ask::send(*system_, target, type, payload, timeout, trace,
                                      [self, correlation](Status status, Envelope *envelope) {
                                          self->add_reply({envelope ? DeliveryKind::reply : DeliveryKind::failure,
                                                           correlation, std::move(status), envelope, nullptr});
                                      });
    return sent.ok() ? Code::OK : sent.status().code();
}

bool ForeignDispatcher::offer_task(uint64_t number) {
    return add_reply({DeliveryKind::task, number, {}, nullptr, nullptr});
}

// False: the dispatcher is closed.
bool ForeignDispatcher::add_reply(Reply reply) {
    {
        std::lock_guard lock(mutex_);
        if (closed_) {
            if (reply.envelope) {
                reply.envelope->destroy();
            }
            return false;
        }
        bool first = replies_.empty();
        replies_.push_back(std::move(reply));
        if (!first) {
            return true;
        }
    }
    queue_.offer(&replies_ready_);
    return true;
}

void ForeignDispatcher::add_replies(Batch &batch) {
    std::vector<Reply> replies;
    {
        std::lock_guard lock(mutex_);
        replies.swap(replies_);
    }
    for (Reply &reply : replies) {
        if (reply.envelope) {
            batch.add(DeliveryKind::reply, reply.envelope->type(), reply.envelope->payload());
            batch.records_.back().sender = reply.envelope->sender();
            reply.envelope->trace().to_bytes(batch.records_.back().trace);
            if (reply.envelope->sender()) {
                batch.refs_.push_back(hold(reply.envelope->sender()));
            }
            reply.envelope->destroy();
        } else if (reply.router) {
            batch.add(DeliveryKind::message, types::post_stop, {});
            batch.records_.back().actor = reply.number;
            batch.records_.back().self = reply.router.get();
            batch.refs_.push_back(std::move(reply.router));
            continue;
        } else {  // the sentence of a failure; nothing for a task
            const std::string &text = reply.status.ok() ? std::string() : reply.status.message();
            batch.add(reply.kind, static_cast<TypeId>(reply.status.code()),
                      {reinterpret_cast<const uint8_t *>(text.data()), text.size()});
        }
        batch.records_.back().correlation = reply.number;
    }
}

}  // namespace motet
