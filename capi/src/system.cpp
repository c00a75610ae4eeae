#include <motet/system.h>

#include <pthread.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>

#include "capi/src/config.h"
#include "capi/src/lease_library.h"
#include "capi/src/objects.h"

using motet::Code;
using motet::Node;
using motet::Ptr;
using motet::Result;
using motet::Status;
using namespace motet::capi;

namespace {

// Ends a system that could not begin as it should.
struct EndSystem {
    void operator()(motet_system_t *system) const {
        constexpr int64_t kTimeout = 10'000;  // milliseconds
        motet_error_free(motet_system_close(system, kTimeout));
        motet_system_free(system);
    }
};

std::atomic<bool> in_child{false};

void note_forks() {
    static std::once_flag once;
    std::call_once(once,
                   [] { pthread_atfork(nullptr, nullptr, [] { in_child.store(true, std::memory_order_relaxed); }); });
}

Status forked_error() {
    return {Code::FORKED, "this is a forked child of the process that uses the library; start systems after fork()"};
}

motet_error_t *with_events(motet_system_t *system, const motet_ref_t *subscriber, const char *event, bool subscribe) {
    return guard([&]() -> Status {
        if (event == nullptr || subscriber == nullptr) {
            return null_argument(event == nullptr ? "event" : "subscriber");
        }
        Result<Ptr<Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        motet::System &its_system = node.value()->system();
        if (Status local = check_subscriber(its_system, subscriber); !local.ok()) {
            return local;
        }
        const motet::Cell *actor = to_cell(subscriber);
        Result<motet::TypeRange> events = motet::EventStream::named(its_system.types(), event);
        if (!events.ok()) {
            return std::move(events.status());
        }
        if (subscribe) {
            its_system.events().subscribe(events.value(), *actor);
        } else {
            its_system.events().unsubscribe(events.value(), *actor);
        }
        return {};
    });
}

// Whether a type has a name that users may give.
bool is_of_users(const motet::TypeTable &types, motet_type_t type) {
    const char *name = type < motet::types::first_user ? nullptr : types.name(type);
    return name != nullptr && !motet::is_engines(name);
}

}  // namespace

SystemTable &motet::capi::systems() {
    static auto *table = new SystemTable;  // never destroyed: a thread may still look something up at exit
    return *table;
}

motet_system_t *motet::capi::publish(Ptr<Node> node) {
    Ptr<motet::System> system(&node->system());
    motet_system_t *handle = systems().add(std::move(node));
    system->set_handle(handle);
    return handle;
}

bool motet::capi::forked() { return in_child.load(std::memory_order_relaxed); }

Result<Ptr<Node>> motet::capi::find_node(const motet_system_t *system) {
    if (forked()) {
        return forked_error();
    }
    if (system == nullptr) {
        return null_argument("system");
    }
    Ptr<Node> node = systems().find(system);
    if (!node) {
        return Status(Code::CLOSED, "the system was freed");
    }
    if (node->closed()) {
        return Status(Code::CLOSED, "system \"" + node->system().name() + "\" is closed");
    }
    return node;
}

Status motet::capi::check_subscriber(const motet::System &system, const motet_ref_t *subscriber) {
    const motet::Cell *actor = to_cell(subscriber);
    if (actor == nullptr || &actor->system() != &system) {
        return {Code::INVALID, "subscriber " + to_ref(subscriber)->full_path() +
                                   " is no actor of this system; only these are told its events"};
    }
    return {};
}

int64_t motet::capi::copy_text(const std::string &text, char *buffer, size_t capacity) {
    if (buffer != nullptr && capacity > 0) {
        size_t size = std::min(text.size(), capacity - 1);
        std::memcpy(buffer, text.data(), size);
        buffer[size] = '\0';
    }
    return static_cast<int64_t>(text.size());
}

motet_error_t *motet_system_start(const motet_config_t *config, motet_system_t **out) {
    return guard([&]() -> Status {
        if (out == nullptr) {
            return null_argument("out");
        }
        *out = nullptr;
        if (forked()) {
            return forked_error();
        }
        note_forks();
        Result<Ptr<Node>> node = Node::start(config == nullptr ? motet::Config() : config->config);
        if (!node.ok()) {
            return std::move(node.status());
        }
        std::unique_ptr<motet_system_t, EndSystem> system(publish(std::move(node.value())));
        if (Status kept = keep_leases(system.get(), config); !kept.ok()) {
            return kept;
        }
        *out = system.release();
        return {};
    });
}

motet_error_t *motet_system_close(motet_system_t *system, int64_t timeout_ms) {
    return guard([&]() -> Status {
        if (forked()) {
            return forked_error();
        }
        if (system == nullptr) {
            return null_argument("system");
        }
        if (timeout_ms < 0) {
            return {Code::INVALID,
                    "timeout_ms " + std::to_string(timeout_ms) + ": a close takes a time of 0 or more milliseconds"};
        }
        Ptr<Node> node = systems().find(system);
        return node ? node->close(from_milliseconds(timeout_ms)) : Status();
    });
}

void motet_system_free(motet_system_t *system) {
    if (forked() || system == nullptr) {
        return;
    }
    motet_error_free(guard([&]() -> Status {
        Ptr<Node> node = systems().remove(system);
        return node ? node->close(0) : Status();
    }));
}

motet_error_t *motet_system_wait(motet_system_t *system, int64_t timeout_ms) {
    return guard([&]() -> Status {
        if (forked()) {
            return forked_error();
        }
        if (system == nullptr) {
            return null_argument("system");
        }
        Ptr<Node> node = systems().find(system);
        return node ? node->wait_closed(timeout_ms < 0 ? -1 : from_milliseconds(timeout_ms)) : Status();
    });
}

int64_t motet_system_address(const motet_system_t *system, char *buffer, size_t capacity) {
    return guard_number([&]() -> int64_t {
        Ptr<Node> node = systems().find(system);
        if (!node) {
            return system == nullptr ? MOTET_E_INVALID : MOTET_E_CLOSED;
        }
        return copy_text(node->system().address().text(), buffer, capacity);
    });
}

uint64_t motet_system_uid(const motet_system_t *system) {
    Result<Ptr<Node>> node = find_node(system);
    return node.ok() ? node.value()->system().uid() : 0;
}

motet_type_t motet_system_type(motet_system_t *system, const char *name) {
    return guard_number([&]() -> motet_type_t {
        Result<Ptr<Node>> node = find_node(system);
        if (!node.ok() || name == nullptr) {
            return node.ok() ? MOTET_E_INVALID : to_number(node.status().code());
        }
        Result<motet::TypeId> type = node.value()->system().types().intern(name);
        return type.ok() ? type.value() : to_number(type.status().code());
    });
}

const char *motet_system_type_name(const motet_system_t *system, motet_type_t type) {
    Ptr<Node> node = systems().find(system);
    return node ? node->system().types().name(type) : nullptr;
}

int64_t motet_system_progress_age(motet_system_t *system, const char *dispatcher) {
    return guard_number([&]() -> int64_t {
        if (dispatcher == nullptr) {
            return MOTET_E_INVALID;
        }
        Result<Ptr<Node>> node = find_node(system);
        if (!node.ok()) {
            return to_number(node.status().code());
        }
        Result<motet::Nanos> age = node.value()->system().progress_age(dispatcher);
        return age.ok() ? age.value() : to_number(age.status().code());
    });
}

motet_error_t *motet_system_ref(motet_system_t *system, const char *path, motet_ref_t **out) {
    return guard([&]() -> Status {
        if (out == nullptr || path == nullptr) {
            return null_argument(out == nullptr ? "out" : "path");
        }
        *out = nullptr;
        Result<Ptr<Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        Result<motet::Ref> ref = node.value()->system().resolve(path);
        if (!ref.ok()) {
            return std::move(ref.status());
        }
        *out = to_handle(std::move(ref.value()));
        return {};
    });
}

motet_error_t *motet_system_subscribe(motet_system_t *system, const motet_ref_t *subscriber, const char *event) {
    return with_events(system, subscriber, event, true);
}

motet_error_t *motet_system_unsubscribe(motet_system_t *system, const motet_ref_t *subscriber, const char *event) {
    return with_events(system, subscriber, event, false);
}

int64_t motet_system_publish(motet_system_t *system, const motet_ref_t *sender, motet_type_t type, const uint8_t *data,
                             size_t size, const uint8_t *trace, size_t trace_size) {
    return guard_number([&]() -> int64_t {
        Result<Ptr<Node>> node = find_node(system);
        if (!node.ok()) {
            return to_number(node.status().code());
        }
        motet::System &its_system = node.value()->system();
        if (!is_of_users(its_system.types(), type) || (data == nullptr && size > 0) || !is_trace(trace, trace_size)) {
            return MOTET_E_INVALID;
        }
        if (size > motet::kMaxPayloadSize) {
            return MOTET_E_TOO_LARGE;
        }
        return its_system.events().publish(type, to_bytes(data, size), to_ref(sender), to_trace(trace, trace_size));
    });
}
