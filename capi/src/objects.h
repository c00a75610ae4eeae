// What stands behind the opaque types that several sources of the C interface share.
// Knows: the engine's types. Must never know: policy; there is none here.
#pragma once

#include <motet/dispatcher.h>

#include <algorithm>
#include <memory>
#include <string>

#include "capi/src/guard.h"
#include "capi/src/handle.h"
#include "capi/src/handler.h"
#include "core/actor/cell.h"
#include "core/actor/context.h"
#include "core/actor/foreign.h"
#include "core/actor/props.h"
#include "core/message/actor_ref.h"
#include "core/node/node.h"

namespace motet::capi {

// A trace context as its bytes, which are only made when somebody looks: most handlers never do.
class TraceBytes {
  public:
    explicit TraceBytes(const TraceContext &context) : context_(context) {}

    const uint8_t *bytes() const {
        context_.to_bytes(bytes_);
        return bytes_;
    }

  private:
    const TraceContext &context_;
    mutable uint8_t bytes_[TraceContext::kSize];
};

}  // namespace motet::capi

struct motet_message {
    const motet::Envelope *envelope;
    motet::capi::TraceBytes trace;

    motet_message(const motet::Envelope *of, const motet::TraceContext &context) : envelope(of), trace(context) {}
};

struct motet_props {
    motet::Ptr<motet::Props> props;
    motet::Ptr<motet::capi::Handler> handler = nullptr;  // of an actor in C
    mutable bool used = false;                           // actors keep props: the next change is made to a copy
};

namespace motet::capi {

using SystemTable = HandleTable<Node, motet_system_t>;
SystemTable &systems();

// Gives a node its handle.
motet_system_t *publish(Ptr<Node> node);

// The node of a handle. Errors: FORKED, INVALID (NULL), CLOSED.
Result<Ptr<Node>> find_node(const motet_system_t *system);

// Its membership. Errors: as above, and BAD_STATE when it cannot be a member of a cluster.
Result<Ptr<Cluster>> find_cluster(const motet_system_t *system);

using DispatcherTable = HandleTable<ForeignDispatcher, motet_dispatcher_t>;
DispatcherTable &dispatchers();

// Whether this process is a forked child of the one that used the library first.
bool forked();

// A motet_ref_t is an actor ref.
inline ActorRef *to_ref(const motet_ref_t *ref) { return reinterpret_cast<ActorRef *>(const_cast<motet_ref_t *>(ref)); }
inline motet_ref_t *to_handle(Ref ref) { return reinterpret_cast<motet_ref_t *>(ref.detach()); }
inline const motet_ref_t *to_handle(const ActorRef *ref) { return reinterpret_cast<const motet_ref_t *>(ref); }

// The cell of a ref; nullptr when it is no actor of this process.
inline Cell *to_cell(const motet_ref_t *ref) { return Cell::from(to_ref(ref)); }

inline Bytes to_bytes(const uint8_t *data, size_t size) { return {data, data == nullptr ? 0 : size}; }
inline Nanos from_milliseconds(int64_t milliseconds) {  // a negative time stays one
    return milliseconds < 0 ? -1 : std::min(milliseconds, INT64_MAX / kMillisecond / 2) * kMillisecond;
}
inline int32_t to_number(Code code) { return static_cast<int32_t>(code); }

// Runs a handler of the caller's; an exception of it, or a result that is no code, is its failure.
Code run_handler(motet_receive_fn receive, Context &context, const Envelope &envelope, void *state);

// Whether a caller gave a trace context as documented: MOTET_TRACE_SIZE bytes, or none.
inline bool is_trace(const uint8_t *trace, size_t size) {
    return size == 0 || (trace != nullptr && size == TraceContext::kSize);
}
inline Status bad_trace(size_t size) {
    return {Code::INVALID, "a trace context of " + std::to_string(size) + " bytes; it has " +
                               std::to_string(TraceContext::kSize) + ", or none"};
}
inline TraceContext to_trace(const uint8_t *trace, size_t size) {
    return size == 0 ? TraceContext() : TraceContext::from_bytes(trace, size);
}

// Errors: INVALID when it is no actor of that system.
Status check_subscriber(const System &system, const motet_ref_t *subscriber);

// Copies a text with a NUL into a caller's buffer, cut off where it does not fit. Returns the full length.
int64_t copy_text(const std::string &text, char *buffer, size_t capacity);

}  // namespace motet::capi
