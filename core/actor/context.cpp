#include "core/actor/context.h"

#include "core/actor/cell.h"
#include "core/actor/system.h"

namespace motet {

thread_local const TraceContext *CurrentTrace::current_ = nullptr;

System &Context::system() const { return cell_.system(); }

Code Context::tell(ActorRef &target, TypeId type, Bytes payload) {
    Envelope *envelope = Envelope::make(type, payload, &cell_, trace_);
    return envelope ? target.deliver(envelope) : Code::NO_MEMORY;
}

Code Context::reply(TypeId type, Bytes payload) {
    if (envelope_ && envelope_->sender()) {
        return tell(*hold(envelope_->sender()), type, payload);
    }
    Envelope *envelope = Envelope::make(type, payload, &cell_, trace_);
    return envelope ? system().dead_letters().take(envelope, Code::STOPPED, "nobody") : Code::NO_MEMORY;
}

Code Context::forward(ActorRef &target) {
    if (!envelope_) {
        return Code::BAD_STATE;
    }
    Envelope *copy = Envelope::share(envelope_->message(), envelope_->sender(), trace_);
    return copy ? target.deliver(copy) : Code::NO_MEMORY;
}

Code Context::fail(Code code, std::string text) {
    failure_ = std::move(text);
    return code;
}

}  // namespace motet
