#include <motet/actor.h>

#include <exception>

#include "capi/src/objects.h"
#include "capi/src/properties.h"
#include "core/actor/actor_timers.h"

using motet::ActorRef;
using motet::Cell;
using motet::Code;
using motet::Directive;
using motet::Ptr;
using motet::Result;
using motet::Status;
using namespace motet::capi;

struct motet_context {
    motet::Context &context;
    TraceBytes trace;

    explicit motet_context(motet::Context &of) : context(of), trace(of.trace()) {}
};

namespace motet::capi {

// The handler of an actor in C, shared by all instances made of the same props.
struct Handler {
    motet_receive_fn receive = nullptr;
    void *state = nullptr;
    motet_create_fn create = nullptr;
    motet_destroy_fn destroy = nullptr;
    void *argument = nullptr;
    motet_release_fn release = nullptr;

    ~Handler() {
        if (release != nullptr) {
            release(argument);
        }
    }
};

}  // namespace motet::capi

namespace {

// Runs a function of the caller; what it throws, if it is C++, is a failure.
template <typename Call> Code contained(motet::Context &context, Call &&call) {
    int32_t code;
    try {
        code = call();
    } catch (const std::exception &error) {
        return context.fail(Code::FAILED, error.what());
    } catch (...) {
        return context.fail(Code::FAILED, "an exception that is no std::exception");
    }
    if (code > 0) {
        return context.fail(Code::FAILED, "the handler returned " + std::to_string(code) + ", which is no code");
    }
    return static_cast<Code>(code);
}

class CBehavior final : public motet::Behavior {
  public:
    CBehavior(std::shared_ptr<Handler> handler, void *state) : handler_(std::move(handler)), state_(state) {}
    ~CBehavior() override {
        if (handler_->destroy != nullptr) {
            handler_->destroy(state_);
        }
    }

    Code receive(motet::Context &context, const motet::Envelope &envelope) override {
        motet_context c_context(context);
        motet_message message(&envelope, context.trace());
        return contained(context, [&] { return handler_->receive(&c_context, &message, state_); });
    }

  private:
    const std::shared_ptr<Handler> handler_;
    void *const state_;
};

Result<std::unique_ptr<motet::Behavior>> make_behavior(const std::shared_ptr<Handler> &handler,
                                                       motet::Context &context) {
    void *state = handler->state;
    if (handler->create != nullptr) {
        motet_context c_context(context);
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

void handle_with(motet_props_t &description, std::shared_ptr<Handler> handler) {
    motet::Props &props = change(description);
    description.handler = handler;
    props.make_behavior = nullptr;
    if (handler->receive != nullptr) {
        props.make_behavior = [handler](motet::Context &context) { return make_behavior(handler, context); };
    }
}

Status spawn_below(Cell &parent, const motet_props_t *props, const char *name, motet_ref_t **out) {
    props->used = true;
    const std::string text = name == nullptr ? "" : name;
    Result<Ptr<Cell>> cell = props->router
                                 ? motet::Router::spawn(parent, props->props, *props->router, text, name != nullptr)
                                 : parent.system().spawn(parent, props->props, text, name != nullptr);
    if (!cell.ok()) {
        return std::move(cell.status());
    }
    if (out != nullptr) {
        *out = to_handle(motet::Ref(std::move(cell.value())));
    }
    return {};
}

}  // namespace

motet_props_t *motet_props_new(motet_receive_fn receive, void *state) {
    return guard_or(static_cast<motet_props_t *>(nullptr), [&] {
        auto handler = std::make_shared<Handler>();
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
        auto handler = std::make_shared<Handler>();
        handler->receive = props->handler->receive;
        handler->state = props->handler->state;
        handler->create = create;
        handler->destroy = destroy;
        handler->argument = argument;
        handler->release = release;
        handle_with(*props, std::move(handler));
        return {};
    }));
}

motet_error_t *motet_props_set(motet_props_t *props, const char *key, const char *value) {
    return guard([&]() -> Status {
        if (props == nullptr || key == nullptr || value == nullptr) {
            return null_argument(props == nullptr ? "props" : key == nullptr ? "key" : "value");
        }
        return set_property(change(*props), props->router, key, value);
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
            return {Code::INVALID, "parent " + to_ref(parent)->full_path() + " is no actor of this node"};
        }
        return spawn_below(*cell, props, name, out);
    });
}

int32_t motet_ref_watch(const motet_ref_t *watcher, const motet_ref_t *target) {
    return guard_number([&]() -> int32_t {
        Cell *cell = watcher == nullptr ? nullptr : to_cell(watcher);
        if (cell == nullptr || target == nullptr) {
            return MOTET_E_INVALID;
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

const uint8_t *motet_context_trace(const motet_context_t *context) { return context->trace.bytes(); }

int32_t motet_context_tell(motet_context_t *context, const motet_ref_t *target, motet_type_t type, const uint8_t *data,
                           size_t size) {
    return guard_number([&]() -> int32_t {
        if (target == nullptr || !may_send(type) || (data == nullptr && size > 0)) {
            return MOTET_E_INVALID;
        }
        return size > motet::kMaxPayloadSize
                   ? MOTET_E_TOO_LARGE
                   : to_number(context->context.tell(*to_ref(target), type, to_bytes(data, size)));
    });
}

int32_t motet_context_reply(motet_context_t *context, motet_type_t type, const uint8_t *data, size_t size) {
    return guard_number([&]() -> int32_t {
        if (!may_send(type) || (data == nullptr && size > 0)) {
            return MOTET_E_INVALID;
        }
        return size > motet::kMaxPayloadSize ? MOTET_E_TOO_LARGE
                                             : to_number(context->context.reply(type, to_bytes(data, size)));
    });
}

int32_t motet_context_forward(motet_context_t *context, const motet_ref_t *target) {
    return guard_number([&]() -> int32_t {
        if (target == nullptr || context->context.envelope() == nullptr ||
            !may_send(context->context.envelope()->type())) {
            return MOTET_E_INVALID;
        }
        return to_number(context->context.forward(*to_ref(target)));
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
    return guard_number([&]() -> int32_t {
        if (!may_send(type) || (data == nullptr && size > 0)) {
            return MOTET_E_INVALID;
        }
        if (size > motet::kMaxPayloadSize) {
            return MOTET_E_TOO_LARGE;
        }
        return to_number(context->context.self().timers().start(key, delay_ns, interval_ns, type, to_bytes(data, size),
                                                                context->context.trace()));
    });
}

int32_t motet_context_timer_cancel(motet_context_t *context, int64_t key) {
    return guard_number([&] {
        context->context.self().timers().cancel(key);
        return MOTET_OK;
    });
}
