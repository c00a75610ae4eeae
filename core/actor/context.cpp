#include "core/actor/context.h"

#include "core/actor/cell.h"
#include "core/actor/system.h"

namespace motet {

constinit thread_local const TraceContext *CurrentTrace::current_ __attribute__((tls_model("initial-exec"))) = nullptr;

System &Context::system() const { return cell_.system(); }

Code Context::tell(ActorRef &target, TypeId type, Bytes payload) { return target.tell(type, payload, &cell_, trace_); }

Code Context::reply(TypeId type, Bytes payload) {
    if (envelope_ && envelope_->sender()) {
        return tell(const_cast<ActorRef &>(*envelope_->sender()), type, payload);  // held by the envelope
    }
    Envelope *envelope = Envelope::make(type, payload, &cell_, trace_);
    return envelope ? system().dead_letters().take(envelope, Code::STOPPED, "nobody") : Code::NO_MEMORY;
}

Code Context::forward(ActorRef &target) {
    if (!envelope_) {
        return Code::BAD_STATE;
    }
    const Ptr<const Hop> &self = cell_.hop();
    Envelope *copy = envelope_->copy();
    if (!copy) {
        return Code::NO_MEMORY;
    }
    copy->set_trace(trace_);
    copy->pass(self);
    return target.deliver(copy);
}

Code Context::stash() { return envelope_ && !is_signal(envelope_->type()) ? cell_.stash(*envelope_) : Code::BAD_STATE; }

int64_t Context::unstash_all() { return cell_.unstash_all(); }

Code Context::fail(Code code, std::string text) {
    failure_ = std::move(text);
    return code;
}

}  // namespace motet
