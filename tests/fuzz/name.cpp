// Addresses, paths, and the other texts that name something: what was taken is written in one way only.
#include "core/actor/path.h"
#include "core/message/hop.h"
#include "core/trace/context.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using namespace motet;
    using fuzz::require;
    const std::string_view text = fuzz::as_text(data, size);
    if (const Result<Address> address = Address::parse(text); address.ok()) {
        const Result<Address> again = Address::parse(address.value().text());
        require(again.ok() && again.value() == address.value(), "an address comes back as it was");
    }
    if (const Result<ActorPath> path = ActorPath::parse(text); path.ok()) {
        const ActorPath &read = path.value();
        const std::string written = (read.address ? read.address->text() : "") + read.local_text();
        const Result<ActorPath> again = ActorPath::parse(written);
        require(again.ok() && again.value().elements == read.elements &&
                    again.value().incarnation == read.incarnation && again.value().address == read.address,
                "a path comes back as it was");
    }
    const Hops hops = Hops::from_text(text);
    require(hops.first.size() <= Hops::kKept && hops.first.size() <= hops.all, "no more hops than there were");
    if (const auto trace = TraceContext::from_traceparent(text)) {
        require(TraceContext::from_traceparent(trace->to_traceparent()) == trace, "a trace comes back as it was");
    }
    TraceContext::from_bytes(data, size);
    if (const Status named = check_actor_name(text); named.ok()) {
        const Result<ActorPath> path = ActorPath::parse("/user/" + std::string(text));
        require(path.ok() && path.value().exact(), "the name of an actor is an element of a path");
    }
    const size_t middle = text.size() / 2;
    const std::string_view pattern = text.substr(0, std::min(middle, size_t{40}));
    require(is_pattern(pattern) || !matches(pattern, text.substr(middle)) || pattern == text.substr(middle),
            "a name matches itself alone");
    return 0;
}
