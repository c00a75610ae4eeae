#include "core/actor/dead_letters.h"

#include <string_view>

#include "core/actor/system.h"

namespace motet {

Code DeadLetters::take(Envelope *envelope, Code cause, const ActorRef &target) {
    return take(envelope, cause, target.path());
}

Code DeadLetters::take(Envelope *envelope, Code cause, const std::string &target) {
    const char *type = system_.types().name(envelope->type());
    if (type && envelope->type() >= types::first_user && std::string_view(type).substr(0, 6) == "motet.") {
        envelope->destroy();  // a packet of the engine's own protocols, which reckon with loss
        return cause;
    }
    DeadLetterBody body{cause,
                        type ? type : "unknown",
                        target,
                        envelope->sender() ? envelope->sender()->path() : "",
                        envelope->payload().size(),
                        envelope->trace()};
    bool about_dead_letters = envelope->type() == types::dead_letter;
    envelope->destroy();
    if (about_dead_letters) {
        return cause;  // a subscriber that is gone must not keep the news going round
    }
    {
        std::lock_guard lock(mutex_);
        ++counts_[cause];
        recent_.push_back(body);
        if (recent_.size() > static_cast<size_t>(settings_.ring)) {
            recent_.pop_front();
        }
    }
    log(body);
    if (system_.events().has_subscribers(Topic::dead_letters)) {
        system_.events().publish(Topic::dead_letters, types::dead_letter, encode_dead_letter(body), nullptr,
                                 body.trace);
    }
    return cause;
}

void DeadLetters::count(Code cause, uint64_t number) {
    std::lock_guard lock(mutex_);
    counts_[cause] += number;
}

void DeadLetters::log(const DeadLetterBody &body) {
    uint64_t suppressed = 0;
    bool last = false;
    {
        std::lock_guard lock(mutex_);
        Nanos now = system_.clock().now().mono;
        if (logged_ >= settings_.log_count) {
            if (now < quiet_until_) {
                ++suppressed_;
                return;
            }
            logged_ = 0;
            suppressed = std::exchange(suppressed_, 0);
        }
        if (settings_.log_count == 0) {
            return;
        }
        last = ++logged_ == settings_.log_count;
        quiet_until_ = now + settings_.log_pause;
    }
    std::string text = "dead letter, cause " + std::string(code_name(body.cause)) + ": " + body.type + " of " +
                       std::to_string(body.size) + " bytes from " + (body.sender.empty() ? "nobody" : body.sender) +
                       " to " + body.target;
    if (suppressed > 0) {
        text += " (" + std::to_string(suppressed) + " more were not logged)";
    }
    if (last) {
        text += " (further ones are only counted for a while)";
    }
    system_.log().info(text);
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
