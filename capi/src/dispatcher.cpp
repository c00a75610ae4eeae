#include <motet/dispatcher.h>

#include <cstddef>

#include "capi/src/objects.h"

using motet::Code;
using motet::Delivery;
using motet::ForeignDispatcher;
using motet::Ptr;
using motet::Result;
using motet::Status;
using namespace motet::capi;

static_assert(sizeof(motet_delivery_t) == sizeof(Delivery) &&
              offsetof(motet_delivery_t, sender) == offsetof(Delivery, sender) &&
              offsetof(motet_delivery_t, index) == offsetof(Delivery, index) &&
              offsetof(motet_delivery_t, trace) == offsetof(Delivery, trace));

struct motet_batch {
    motet::Batch batch;
};

DispatcherTable &motet::capi::dispatchers() {
    static auto *table = new DispatcherTable;
    return *table;
}

namespace {

// Runs body with the dispatcher of a handle; a negative code when there is none.
template <typename Body>
auto with(const motet_dispatcher_t *dispatcher, Body &&body) -> decltype(body(std::declval<ForeignDispatcher &>())) {
    return guard_number([&]() -> decltype(body(std::declval<ForeignDispatcher &>())) {
        if (forked()) {
            return MOTET_E_FORKED;
        }
        Ptr<ForeignDispatcher> found = dispatchers().find(dispatcher);
        if (!found) {
            return dispatcher == nullptr ? MOTET_E_INVALID : MOTET_E_CLOSED;
        }
        return body(*found);
    });
}

}  // namespace

motet_error_t *motet_dispatcher_new(motet_system_t *system, motet_dispatcher_t **out) {
    return guard([&]() -> Status {
        if (out == nullptr) {
            return null_argument("out");
        }
        *out = nullptr;
        Result<Ptr<motet::Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        auto made = motet::make_counted<ForeignDispatcher>(node.value()->system());
        if (Status kept = node.value()->system().keep(*made); !kept.ok()) {
            return kept;
        }
        *out = dispatchers().add(std::move(made));
        return {};
    });
}

void motet_dispatcher_close(motet_dispatcher_t *dispatcher) {
    with(dispatcher, [](ForeignDispatcher &found) {
        found.close();
        return MOTET_OK;
    });
}

void motet_dispatcher_free(motet_dispatcher_t *dispatcher) {
    if (dispatcher == nullptr || forked()) {
        return;
    }
    motet_error_free(guard([&]() -> Status {
        Ptr<ForeignDispatcher> found = dispatchers().remove(dispatcher);
        if (found) {
            found->close();
            found->system().forget(*found);
        }
        return {};
    }));
}

int32_t motet_dispatcher_fd(motet_dispatcher_t *dispatcher) {
    return with(dispatcher, [](ForeignDispatcher &found) -> int32_t {
        Result<int> descriptor = found.descriptor();
        return descriptor.ok() ? descriptor.value() : to_number(descriptor.status().code());
    });
}

void motet_dispatcher_wakeup(motet_dispatcher_t *dispatcher) {
    with(dispatcher, [](ForeignDispatcher &found) {
        found.wake();
        return MOTET_OK;
    });
}

int64_t motet_dispatcher_poll(motet_dispatcher_t *dispatcher, motet_batch_t *batch, int64_t max, int64_t timeout_ms) {
    if (batch == nullptr) {
        return MOTET_E_INVALID;
    }
    return with(dispatcher, [&](ForeignDispatcher &found) -> int64_t {
        return found.poll(batch->batch, max, from_milliseconds(timeout_ms));
    });
}

int32_t motet_dispatcher_complete(motet_dispatcher_t *dispatcher, uint64_t actor, int64_t handled, int32_t code,
                                  const char *message) {
    return with(dispatcher, [&](ForeignDispatcher &found) -> int32_t {
        return to_number(found.complete(actor, handled, static_cast<Code>(code), message == nullptr ? "" : message));
    });
}

int32_t motet_dispatcher_unhandled(motet_dispatcher_t *dispatcher, uint64_t actor, int32_t index) {
    return with(dispatcher,
                [&](ForeignDispatcher &found) -> int32_t { return to_number(found.unhandled(actor, index)); });
}

int32_t motet_dispatcher_ask(motet_dispatcher_t *dispatcher, const motet_ref_t *target, uint64_t correlation,
                             motet_type_t type, const uint8_t *data, size_t size, int64_t timeout_ms,
                             const uint8_t *trace, size_t trace_size) {
    return with(dispatcher, [&](ForeignDispatcher &found) -> int32_t {
        if (target == nullptr || !motet::is_sendable(type) || timeout_ms <= 0 || (data == nullptr && size > 0) ||
            !is_trace(trace, trace_size)) {
            return MOTET_E_INVALID;
        }
        if (size > motet::kMaxPayloadSize) {
            return MOTET_E_TOO_LARGE;
        }
        return to_number(found.ask(*to_ref(target), correlation, type, to_bytes(data, size),
                                   from_milliseconds(timeout_ms), to_trace(trace, trace_size)));
    });
}

motet_props_t *motet_props_new_foreign(motet_dispatcher_t *dispatcher, uint64_t actor) {
    return guard_or(static_cast<motet_props_t *>(nullptr), [&] {
        auto props = motet::make_counted<motet::Props>();
        props->foreign = dispatchers().find(dispatcher);  // none for a stale handle: refused at spawn
        props->foreign_number = actor;
        return new motet_props{std::move(props)};
    });
}

motet_batch_t *motet_batch_new(void) {
    return guard_or(static_cast<motet_batch_t *>(nullptr), [] { return new motet_batch; });
}

void motet_batch_free(motet_batch_t *batch) { delete batch; }

int64_t motet_batch_count(const motet_batch_t *batch) {
    return batch == nullptr ? 0 : static_cast<int64_t>(batch->batch.records().size());
}

int64_t motet_batch_stride(const motet_batch_t *) { return sizeof(Delivery); }

const uint8_t *motet_batch_records(const motet_batch_t *batch) {
    return batch == nullptr ? nullptr : reinterpret_cast<const uint8_t *>(batch->batch.records().data());
}

const uint8_t *motet_batch_arena(const motet_batch_t *batch) {
    return batch == nullptr ? nullptr : batch->batch.arena().data();
}

int64_t motet_batch_arena_size(const motet_batch_t *batch) {
    return batch == nullptr ? 0 : static_cast<int64_t>(batch->batch.arena().size());
}

int64_t motet_batch_complete(motet_batch_t *batch) {
    return guard_number([&]() -> int64_t { return batch == nullptr ? MOTET_E_INVALID : batch->batch.complete(); });
}
