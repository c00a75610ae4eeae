#include "core/actor/process_span.h"

namespace motet {

std::unique_ptr<Span> process_span(System &system, const Envelope &envelope, const ActorRef &actor) {
    if (!system.recorder().records(envelope.trace())) {
        return nullptr;
    }
    const char *type = system.types().name(envelope.type());
    std::string name = std::string("process ") + (type ? type : "unknown");
    std::unique_ptr<Span> span =
        system.recorder().start(name, SpanKind::consumer, envelope.trace(), system.clock().now());
    if (span) {
        span->set("messaging.system", std::string("motet"));
        span->set("messaging.operation.name", std::string("process"));
        span->set("actor.path", actor.path());
    }
    return span;
}

}  // namespace motet
