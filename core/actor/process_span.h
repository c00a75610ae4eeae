// ProcessSpan records the handling of one message, when the message belongs to a trace that is recorded.
// Knows: the recorder. Must never know: what is handled.
#pragma once

#include <memory>
#include <string>

#include "core/actor/system.h"

namespace motet {

// A span for the handling of an envelope by an actor; none when it is not recorded.
std::unique_ptr<Span> process_span(System &system, const Envelope &envelope, const ActorRef &actor);

class ProcessSpan {
  public:
    ProcessSpan(System &system, const Envelope &envelope, const ActorRef &actor)
        : system_(system), context_(&envelope.trace()) {
        if (system.recorder().records(envelope.trace())) [[unlikely]] {
            span_ = process_span(system, envelope, actor);
            context_ = span_ ? &span_->context : context_;
        }
    }

    // What is sent from the handler belongs to.
    const TraceContext &context() const { return *context_; }

    void end(Code code, const std::string &message) {
        if (span_) [[unlikely]] {
            system_.recorder().finish(std::move(span_), system_.clock().now(), code, message);
        }
    }

  private:
    System &system_;
    const TraceContext *context_;
    std::unique_ptr<Span> span_;
};

}  // namespace motet
