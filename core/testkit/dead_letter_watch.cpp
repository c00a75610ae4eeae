#include "core/testkit/dead_letter_watch.h"

#include <algorithm>

namespace motet {

namespace {

constexpr size_t kUntaken = 100'000;
constexpr size_t kTold = 50;  // dead letters that a sentence tells of

bool fits(const DeadLetterWatch::Filter &filter, const DeadLetterBody &body) {
    return (filter.cause == Code::OK || filter.cause == body.cause) &&
           (filter.type.empty() || filter.type == body.type);
}

std::string describe(const DeadLetterWatch::Filter &filter, size_t count) {
    return std::to_string(count) + " dead letters" + (filter.type.empty() ? "" : " of type " + filter.type) +
           (filter.cause == Code::OK ? "" : std::string(" with cause ") + code_name(filter.cause));
}

}  // namespace

Ptr<DeadLetterWatch> DeadLetterWatch::start(System &system) {
    auto watch = Ptr<DeadLetterWatch>::adopt(new DeadLetterWatch(system));
    system.events().subscribe({types::dead_letter, types::dead_letter}, *watch);
    return watch;
}

void DeadLetterWatch::end() { system_->events().unsubscribe({types::dead_letter, types::dead_letter}, *this); }

Code DeadLetterWatch::deliver(Envelope *envelope) {
    Result<DeadLetterBody> body = decode_dead_letter(envelope->payload());
    if (envelope->type() == types::dead_letter && body.ok()) {
        std::lock_guard lock(mutex_);
        if (untaken_.size() < kUntaken) {
            untaken_.push_back(std::move(body.value()));
        } else {
            ++dropped_;
        }
        changed_.notify_all();
    }
    envelope->destroy();
    return Code::OK;
}

void DeadLetterWatch::deliver_system(SystemMessage *message) { delete message; }

size_t DeadLetterWatch::count_fitting(const Filter &filter) const {
    return static_cast<size_t>(std::count_if(untaken_.begin(), untaken_.end(),
                                             [&](const DeadLetterBody &body) { return fits(filter, body); }));
}

size_t DeadLetterWatch::count(const Filter &filter) const {
    std::lock_guard lock(mutex_);
    return count_fitting(filter);
}

Status DeadLetterWatch::expect(const Filter &filter, size_t count, Nanos within) {
    const Nanos begin = system_->clock().now().mono;
    std::unique_lock lock(mutex_);
    system_->await(lock, changed_, within, [&] { return count_fitting(filter) >= count; });
    if (count_fitting(filter) != count) {
        return unexpected(describe(filter, count) + " within " + std::to_string(within / kMillisecond) + " ms",
                          system_->clock().now().mono - begin);
    }
    taken_ += std::erase_if(untaken_, [&](const DeadLetterBody &body) { return fits(filter, body); });
    return {};
}

Status DeadLetterWatch::expect_none(Nanos during) {
    const Nanos begin = system_->clock().now().mono;
    std::unique_lock lock(mutex_);
    if (!system_->await(lock, changed_, during, [this] { return !untaken_.empty(); })) {
        return {};
    }
    return unexpected("no dead letter for " + std::to_string(during / kMillisecond) + " ms",
                      system_->clock().now().mono - begin);
}

Status DeadLetterWatch::unexpected(const std::string &expected, Nanos waited) const {
    std::string text = "expected " + expected + ", but after " + std::to_string(waited / kMillisecond) +
                       " ms there were " + std::to_string(untaken_.size() + dropped_) +
                       " that no expectation took, and " + std::to_string(taken_) + " that one took";
    const char *separator = ": ";
    for (const DeadLetterBody &body : std::span(untaken_).first(std::min(untaken_.size(), kTold))) {
        text += separator + body.type + " of " + std::to_string(body.size) + " bytes from " +
                (body.sender.empty() ? "nobody" : body.sender) + " to " + body.target + ", " + code_name(body.cause);
        separator = "; ";
    }
    return Status(Code::UNEXPECTED, std::move(text));
}

}  // namespace motet
