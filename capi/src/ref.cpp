#include <motet/ref.h>

#include "capi/src/objects.h"

using motet::ActorRef;
using motet::Code;
using namespace motet::capi;

bool motet::capi::may_send(motet_type_t type) {
    return type >= MOTET_TYPE_FIRST_USER || (type >= MOTET_TYPE_POISON_PILL && type <= MOTET_TYPE_FAILURE);
}

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
        if (target == nullptr || !may_send(type) || (data == nullptr && size > 0) || !is_trace(trace, trace_size)) {
            return MOTET_E_INVALID;
        }
        if (forked()) {
            return MOTET_E_FORKED;
        }
        if (size > motet::kMaxPayloadSize) {
            return MOTET_E_TOO_LARGE;
        }
        motet::Envelope *envelope =
            motet::Envelope::make(type, to_bytes(data, size), to_ref(sender), to_trace(trace, trace_size));
        return envelope == nullptr ? MOTET_E_NO_MEMORY : to_number(to_ref(target)->deliver(envelope));
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
