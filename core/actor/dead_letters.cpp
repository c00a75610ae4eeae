#include "core/actor/dead_letters.h"

#include <algorithm>

#include "core/actor/system.h"

namespace motet {

Code DeadLetters::take(Envelope *envelope, Code cause, const ActorRef &target, uint64_t limit) {
    std::string path;
    (void)if_memory_allows([&] { path = target.path(); });
    return take(envelope, cause, path, limit);
}

Code DeadLetters::take(Envelope *envelope, Code cause, const std::string &target, uint64_t limit) {
    const char *type = system_.types().name(envelope->type());
    if (envelope->type() == types::router_check ||
        (type && envelope->type() >= types::first_user && is_engines(type))) {
        envelope->destroy();  // a packet of the engine's own protocols, which reckon with loss
        return cause;
    }
    if (envelope->type() != types::dead_letter) {  // a subscriber that is gone must not keep the news going round
        DeadLetterBody body;
        const bool kept = if_memory_allows([&] {
            body = {cause,
                    type ? type : "unknown",
                    target,
                    envelope->sender() ? envelope->sender()->path() : "",
                    envelope->payload().size(),
                    envelope->trace(),
                    envelope->hops(),
                    limit};
            keep(body);
        });
        count(cause, 1);
        if (kept) {
            (void)if_memory_allows([&] { tell(body); });
        }
    }
    envelope->destroy();
    return cause;
}

void DeadLetters::keep(const DeadLetterBody &body) {
    std::lock_guard lock(mutex_);
    recent_.push_back(body);
    if (recent_.size() > static_cast<size_t>(settings_.ring)) {
        recent_.pop_front();
    }
}

void DeadLetters::tell(const DeadLetterBody &body) {
    log(body);
    if (system_.events().has_subscribers(types::dead_letter)) {
        system_.events().publish(types::dead_letter, encode_dead_letter(body), nullptr, body.trace);
    }
}

void DeadLetters::count(Code cause, uint64_t number) {
    patiently([&] {
        std::lock_guard lock(mutex_);
        counts_[cause] += number;
    });
}

// ", by way of /user/a, /user/b and 3 more"
static std::string way(const Hops &hops) {
    std::string text;
    for (const std::string &who : hops.first) {
        text += (text.empty() ? ", by way of " : ", ") + who;
    }
    const size_t more = hops.all - std::min<size_t>(hops.all, hops.first.size());
    return more == 0 ? text : text + (text.empty() ? ", by way of " : " and ") + std::to_string(more) + " more";
}

void DeadLetters::log(const DeadLetterBody &body) {
    std::optional<std::string> addition;
    {
        std::lock_guard lock(mutex_);
        addition = restraint_.admit(system_.clock().now().mono);
    }
    if (!addition) {
        return;
    }
    std::string text = "dead letter, cause " + std::string(code_name(body.cause)) + ": " + body.type + " of " +
                       std::to_string(body.size) + " bytes" +
                       (body.limit == 0 ? "" : ", of which " + std::to_string(body.limit) + " are allowed,") +
                       " from " + (body.sender.empty() ? "nobody" : body.sender) + " to " + body.target +
                       way(body.hops);
    if (!body.trace.none()) {
        text += ", trace " + trace_id_hex(body.trace);
    }
    system_.log().info(text + *addition);
}

std::map<Code, uint64_t> DeadLetters::counts() const {
    std::lock_guard lock(mutex_);
    return counts_;
}

std::deque<DeadLetterBody> DeadLetters::recent() const {
    std::lock_guard lock(mutex_);
    return recent_;
}

}  // namespace motet
