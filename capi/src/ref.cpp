#include <motet/ref.h>

#include <future>

#include "capi/src/objects.h"
#include "core/message/signals.h"
#include "core/remote/remote_ref.h"

using motet::ActorRef;
using motet::Code;
using namespace motet::capi;

motet_ref_t *motet_ref_retain(const motet_ref_t *ref) {
    if (ref != nullptr) {
        to_ref(ref)->retain();
    }
    return const_cast<motet_ref_t *>(ref);
}

void motet_ref_free(motet_ref_t *ref) {
    if (ref != nullptr && !forked()) {
        to_ref(ref)->release();
    }
}

int64_t motet_ref_path(const motet_ref_t *ref, char *buffer, size_t capacity) {
    return guard_number([&]() -> int64_t {
        return ref == nullptr ? MOTET_E_INVALID : copy_text(to_ref(ref)->full_path(), buffer, capacity);
    });
}

int32_t motet_ref_equal(const motet_ref_t *left, const motet_ref_t *right) {
    return guard_or(0, [&] {
        return left == right || (left != nullptr && right != nullptr && ActorRef::same(*to_ref(left), *to_ref(right)))
                   ? 1
                   : 0;
    });
}

uint64_t motet_ref_hash(const motet_ref_t *ref) {
    return guard_or(uint64_t{0}, [&]() -> uint64_t {
        return ref == nullptr ? 0 : std::hash<std::string>()(to_ref(ref)->path()) ^ to_ref(ref)->incarnation();
    });
}

int32_t motet_ref_tell(const motet_ref_t *target, const motet_ref_t *sender, motet_type_t type, const uint8_t *data,
                       size_t size, const uint8_t *trace, size_t trace_size) {
    return guard_number([&]() -> int32_t {
        if (target == nullptr || !motet::is_sendable(type) || (data == nullptr && size > 0) ||
            !is_trace(trace, trace_size)) {
            return MOTET_E_INVALID;
        }
        if (forked()) {
            return MOTET_E_FORKED;
        }
        if (size > motet::kMaxPayloadSize) {
            return MOTET_E_TOO_LARGE;
        }
        return to_number(to_ref(target)->tell(type, to_bytes(data, size), to_ref(sender), to_trace(trace, trace_size)));
    });
}

int32_t motet_ref_await_room(const motet_ref_t *target, size_t size, int64_t timeout_ms) {
    return guard_number([&]() -> int32_t {
        if (target == nullptr) {
            return MOTET_E_INVALID;
        }
        if (forked()) {
            return MOTET_E_FORKED;
        }
        auto *remote = dynamic_cast<motet::RemoteRef *>(to_ref(target));
        if (remote == nullptr) {
            return MOTET_OK;
        }
        const auto told = std::make_shared<std::promise<Code>>();
        std::future<Code> code = told->get_future();
        remote->when_room(size, [told](Code what) { told->set_value(what); });
        const std::chrono::nanoseconds timeout(from_milliseconds(timeout_ms));
        if (timeout_ms >= 0 && code.wait_for(timeout) != std::future_status::ready) {
            return MOTET_E_TIMEOUT;
        }
        return to_number(code.get());
    });
}

int32_t motet_ref_when_room(const motet_ref_t *target, size_t size, const motet_ref_t *actor) {
    return guard_number([&]() -> int32_t {
        if (target == nullptr || actor == nullptr || to_cell(actor) == nullptr) {
            return MOTET_E_INVALID;
        }
        if (forked()) {
            return MOTET_E_FORKED;
        }
        const auto tell = [target = motet::Ref(to_ref(target)), actor = motet::Ref(to_ref(actor))](Code code) {
            const std::string error = code == Code::OK ? "" : "no room is to be expected at " + target->path();
            actor->deliver(
                motet::Envelope::certain(motet::types::room, motet::encode_failure(code, error), target.get(), {}));
        };
        if (auto *remote = dynamic_cast<motet::RemoteRef *>(to_ref(target))) {
            remote->when_room(size, tell);
        } else {
            tell(Code::OK);
        }
        return MOTET_OK;
    });
}

int32_t motet_ref_stop(const motet_ref_t *ref) {
    return guard_number([&]() -> int32_t {
        motet::Cell *cell = ref == nullptr ? nullptr : to_cell(ref);
        if (cell == nullptr) {
            return MOTET_E_INVALID;
        }
        if (forked()) {
            return MOTET_E_FORKED;
        }
        cell->deliver_system(new motet::SystemMessage{
            .kind = motet::SystemKind::stop, .subject = {}, .trace = motet::CurrentTrace::get()});
        return MOTET_OK;
    });
}
