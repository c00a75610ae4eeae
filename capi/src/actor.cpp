#include <motet/actor.h>

#include <atomic>

#include "capi/src/behavior.h"
#include "capi/src/objects.h"
#include "core/actor/actor_timers.h"
#include "core/route/properties.h"

using motet::ActorRef;
using motet::Cell;
using motet::Code;
using motet::Directive;
using motet::Ptr;
using motet::Result;
using motet::Status;
using namespace motet::capi;

namespace {

Result<std::unique_ptr<motet::Behavior>> make_behavior(const Ptr<Handler> &handler, motet::Context &context) {
    void *state = handler->state;
    if (handler->create != nullptr) {
        motet_context c_context(context, nullptr, nullptr);
        state = nullptr;
        Code code = contained(context, [&] { return handler->create(&c_context, handler->argument, &state); });
        if (code != Code::OK) {
            return Status(code,
                          context.failure().empty() ? "the state of the actor could not be made" : context.failure());
        }
    }
    return std::unique_ptr<motet::Behavior>(new CBehavior(handler, state));
}

// The props of a description, to be changed.
motet::Props &change(motet_props_t &description) {
    if (std::exchange(description.used, false)) {
        description.props = description.props->copy();
    }
    return *description.props;
}

void handle_with(motet_props_t &description, Ptr<Handler> handler) {
    motet::Props &props = change(description);
    description.handler = handler;
    props.make_behavior = nullptr;
    if (handler->receive != nullptr) {
        props.make_behavior = [handler](motet::Context &context) { return make_behavior(handler, context); };
    }
}

Status spawn_below(Cell &parent, const motet_props_t *props, const char *name, motet_ref_t **out) {
    std::atomic_ref(props->used).store(true, std::memory_order_relaxed);  // several threads may spawn with them
    Result<Ptr<Cell>> cell = parent.system().spawn(parent, props->props, name == nullptr ? "" : name, name != nullptr);
    if (!cell.ok()) {
        return std::move(cell.status());
    }
    if (out != nullptr) {
        *out = to_handle(motet::Ref(std::move(cell.value())));
    }
    return {};
}

Status not_of_this_node(const motet_ref_t *parent) {
    return {Code::INVALID, "parent " + to_ref(parent)->full_path() + " is no actor of this node"};
}

// A status as a number; its sentence is kept for the failure that the handler may return.
int32_t keep(motet::Context &context, const Status &status) {
    return to_number(status.ok() ? Code::OK : context.fail(status.code(), status.message()));
}

int32_t start_timer(motet::Context &context, int64_t key, const motet::TimerPlan &plan, motet_type_t type,
                    const uint8_t *data, size_t size) {
    return guard_number([&]() -> int32_t {
        if (!motet::is_sendable(type) || (data == nullptr && size > 0)) {
            return MOTET_E_INVALID;
        }
        if (size > motet::kMaxPayloadSize) {
            return MOTET_E_TOO_LARGE;
        }
        return keep(context, context.self().timers().start(key, plan, type, to_bytes(data, size), context.trace()));
    });
}

}  // namespace

Code motet::capi::run_handler(motet_receive_fn receive, motet::Context &context, const motet::Envelope &envelope,
                              void *state) {
    motet_message message(&envelope, context.trace());
    motet_context c_context(context, nullptr, &message);
    return contained(context, [&] { return receive(&c_context, &message, state); });
}

motet_props_t *motet_props_new(motet_receive_fn receive, void *state) {
    return guard_or(static_cast<motet_props_t *>(nullptr), [&] {
        auto handler = motet::make_counted<Handler>();
        handler->receive = receive;
        handler->state = state;
        auto description = std::make_unique<motet_props_t>(motet_props_t{motet::make_counted<motet::Props>()});
        handle_with(*description, std::move(handler));
        return description.release();
    });
}

void motet_props_state(motet_props_t *props, motet_create_fn create, motet_destroy_fn destroy, void *argument,
                       motet_release_fn release) {
    motet_error_free(guard([&]() -> Status {
        if (props == nullptr || !props->handler) {
            return {};
        }
        auto handler = motet::make_counted<Handler>();
        handler->receive = props->handler->receive;
        handler->state = props->handler->state;
        handler->create = create;
        handler->destroy = destroy;
        handler->argument = argument;
        handler->release_argument = release;
        handle_with(*props, std::move(handler));
        return {};
    }));
}

motet_props_t *motet_props_of_type(const char *type, const uint8_t *data, size_t size) {
    return guard_or(static_cast<motet_props_t *>(nullptr), [&]() -> motet_props_t * {
        if (type == nullptr || (data == nullptr && size > 0)) {
            return nullptr;
        }
        auto props = motet::make_counted<motet::Props>();
        props->type = type;
        const motet::Bytes arguments = to_bytes(data, size);
        props->arguments = std::make_shared<const std::vector<uint8_t>>(arguments.begin(), arguments.end());
        return new motet_props_t{std::move(props)};
    });
}

motet_error_t *motet_system_register_actor(motet_system_t *system, const char *type, const motet_props_t *props) {
    return guard([&]() -> Status {
        if (type == nullptr || props == nullptr) {
            return null_argument(type == nullptr ? "type" : "props");
        }
        motet::Result<Ptr<motet::Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        std::atomic_ref(props->used).store(true, std::memory_order_relaxed);
        return node.value()->system().actor_types().add(type, props->props);
    });
}

const uint8_t *motet_context_arguments(const motet_context_t *context, size_t *size) {
    const auto &arguments = context->context.self().props().arguments;
    if (size != nullptr) {
        *size = arguments ? arguments->size() : 0;
    }
    return arguments && !arguments->empty() ? arguments->data() : nullptr;
}

motet_error_t *motet_props_set(motet_props_t *props, const char *key, const char *value) {
    return guard([&]() -> Status {
        if (props == nullptr || key == nullptr || value == nullptr) {
            return null_argument(props == nullptr ? "props" : key == nullptr ? "key" : "value");
        }
        return motet::set_property(change(*props), key, value);
    });
}

void motet_props_free(motet_props_t *props) { delete props; }

motet_error_t *motet_system_spawn(motet_system_t *system, const motet_props_t *props, const char *name,
                                  motet_ref_t **out) {
    return guard([&]() -> Status {
        if (props == nullptr) {
            return null_argument("props");
        }
        Result<Ptr<motet::Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        Ptr<Cell> user = node.value()->system().user_guardian();
        return user ? spawn_below(*user, props, name, out) : Status(Code::CLOSED, "the system is closed");
    });
}

motet_error_t *motet_ref_spawn(const motet_ref_t *parent, const motet_props_t *props, const char *name,
                               motet_ref_t **out) {
    return guard([&]() -> Status {
        if (parent == nullptr || props == nullptr) {
            return null_argument(parent == nullptr ? "parent" : "props");
        }
        if (forked()) {
            return {Code::FORKED, "this is a forked child"};
        }
        Cell *cell = to_cell(parent);
        if (cell == nullptr) {
            return not_of_this_node(parent);
        }
        return spawn_below(*cell, props, name, out);
    });
}

motet_error_t *motet_ref_child(const motet_ref_t *parent, const char *name, motet_ref_t **out) {
    return guard([&]() -> Status {
        if (parent == nullptr || name == nullptr || out == nullptr) {
            return null_argument(parent == nullptr ? "parent" : name == nullptr ? "name" : "out");
        }
        *out = nullptr;
        if (forked()) {
            return {Code::FORKED, "this is a forked child"};
        }
        const Cell *cell = to_cell(parent);
        if (cell == nullptr) {
            return not_of_this_node(parent);
        }
        Ptr<Cell> child = cell->children().find(name);
        if (!child) {
            return {Code::NOT_FOUND, cell->path() + " has no child \"" + name + "\""};
        }
        *out = to_handle(motet::Ref(std::move(child)));
        return {};
    });
}

int64_t motet_ref_children(const motet_ref_t *parent, motet_ref_t **out, size_t capacity) {
    return guard_number([&]() -> int64_t {
        const Cell *cell = parent == nullptr ? nullptr : to_cell(parent);
        if (cell == nullptr || (out == nullptr && capacity > 0)) {
            return MOTET_E_INVALID;
        }
        if (forked()) {
            return MOTET_E_FORKED;
        }
        std::vector<Ptr<Cell>> children = cell->children().all();
        for (size_t i = 0; i < std::min(capacity, children.size()); ++i) {
            out[i] = to_handle(motet::Ref(children[i]));
        }
        return static_cast<int64_t>(children.size());
    });
}

int32_t motet_ref_watch(const motet_ref_t *watcher, const motet_ref_t *target) {
    return guard_number([&]() -> int32_t {
        Cell *cell = watcher == nullptr ? nullptr : to_cell(watcher);
        if (cell == nullptr || target == nullptr) {
            return MOTET_E_INVALID;
        }
        if (cell->stopped()) {
            return MOTET_E_STOPPED;
        }
        cell->watch(*to_ref(target));
        return MOTET_OK;
    });
}

int32_t motet_ref_unwatch(const motet_ref_t *watcher, const motet_ref_t *target) {
    return guard_number([&]() -> int32_t {
        Cell *cell = watcher == nullptr ? nullptr : to_cell(watcher);
        if (cell == nullptr || target == nullptr) {
            return MOTET_E_INVALID;
        }
        cell->unwatch(*to_ref(target));
        return MOTET_OK;
    });
}

const motet_ref_t *motet_context_self(const motet_context_t *context) {
    return to_handle(static_cast<const ActorRef *>(&context->context.self()));
}

const motet_ref_t *motet_context_parent(const motet_context_t *context) {
    return to_handle(static_cast<const ActorRef *>(context->context.self().parent()));
}

motet_system_t *motet_context_system(const motet_context_t *context) {
    return static_cast<motet_system_t *>(context->context.system().handle());
}

const motet_message_t *motet_context_message(const motet_context_t *context) { return context->message; }

const uint8_t *motet_context_trace(const motet_context_t *context) { return context->trace.bytes(); }

int32_t motet_context_tell(motet_context_t *context, const motet_ref_t *target, motet_type_t type, const uint8_t *data,
                           size_t size) {
    return guard_number([&]() -> int32_t {
        if (target == nullptr || !motet::is_sendable(type) || (data == nullptr && size > 0)) {
            return MOTET_E_INVALID;
        }
        return size > motet::kMaxPayloadSize
                   ? MOTET_E_TOO_LARGE
                   : to_number(context->context.tell(*to_ref(target), type, to_bytes(data, size)));
    });
}

int32_t motet_context_reply(motet_context_t *context, motet_type_t type, const uint8_t *data, size_t size) {
    return guard_number([&]() -> int32_t {
        if (!motet::is_sendable(type) || (data == nullptr && size > 0)) {
            return MOTET_E_INVALID;
        }
        return size > motet::kMaxPayloadSize ? MOTET_E_TOO_LARGE
                                             : to_number(context->context.reply(type, to_bytes(data, size)));
    });
}

int64_t motet_context_publish(motet_context_t *context, motet_type_t type, const uint8_t *data, size_t size) {
    return motet_system_publish(motet_context_system(context), motet_context_self(context), type, data, size,
                                motet_context_trace(context), motet::TraceContext::kSize);
}

int32_t motet_context_forward(motet_context_t *context, const motet_ref_t *target) {
    return guard_number([&]() -> int32_t {
        if (target == nullptr || context->context.envelope() == nullptr ||
            !motet::is_sendable(context->context.envelope()->type())) {
            return MOTET_E_INVALID;
        }
        return to_number(context->context.forward(*to_ref(target)));
    });
}

int32_t motet_context_stash(motet_context_t *context) {
    return guard_number([&]() -> int32_t { return to_number(context->context.stash()); });
}

int64_t motet_context_unstash_all(motet_context_t *context) {
    return guard_number([&] { return context->context.unstash_all(); });
}

int32_t motet_context_become(motet_context_t *context, motet_receive_fn receive, void *state,
                             motet_destroy_fn destroy) {
    return guard_number([&]() -> int32_t {
        return receive == nullptr || context->behavior == nullptr
                   ? MOTET_E_INVALID
                   : to_number(context->behavior->become({receive, state, destroy}));
    });
}

int32_t motet_context_unbecome(motet_context_t *context) {
    return guard_number([&]() -> int32_t {
        return context->behavior == nullptr ? MOTET_E_INVALID : to_number(context->behavior->unbecome());
    });
}

int32_t motet_context_fail(motet_context_t *context, int32_t code, const char *message) {
    return guard_number([&] {
        context->context.fail(static_cast<Code>(code), message == nullptr ? "" : message);
        return code;
    });
}

int32_t motet_context_timer(motet_context_t *context, int64_t key, int64_t delay_ns, int64_t interval_ns,
                            motet_type_t type, const uint8_t *data, size_t size) {
    return start_timer(context->context, key, {delay_ns, interval_ns, false}, type, data, size);
}

int32_t motet_context_timer_fixed_rate(motet_context_t *context, int64_t key, int64_t delay_ns, int64_t interval_ns,
                                       motet_type_t type, const uint8_t *data, size_t size) {
    return start_timer(context->context, key, {delay_ns, interval_ns, true}, type, data, size);
}

int32_t motet_context_timer_cancel(motet_context_t *context, int64_t key) {
    return guard_number([&] {
        context->context.self().timers().cancel(key);
        return MOTET_OK;
    });
}

int32_t motet_context_timer_active(const motet_context_t *context, int64_t key) {
    return guard_number([&] { return context->context.self().timers().active(key) ? 1 : 0; });
}

int32_t motet_context_receive_timeout(motet_context_t *context, int64_t timeout_ns) {
    return guard_number(
        [&] { return keep(context->context, context->context.self().timers().set_receive_timeout(timeout_ns)); });
}
