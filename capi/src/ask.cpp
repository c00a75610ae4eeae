#include <motet/ask.h>

#include <mutex>
#include <optional>

#include "capi/src/behavior.h"
#include "core/actor/continuations.h"

using motet::Code;
using motet::Envelope;
using motet::Future;
using motet::Ptr;
using motet::Result;
using motet::Status;
using namespace motet::capi;

struct motet_future {
    const Ptr<Future> future;
    mutable std::once_flag viewed;
    mutable std::optional<motet_message> reply = {};  // made when somebody looks

    explicit motet_future(Ptr<Future> of) : future(std::move(of)) {}
};

namespace {

using FuturePtr = std::unique_ptr<motet_future_t>;

std::optional<motet_message> view(const Envelope *envelope) {
    return envelope == nullptr ? std::nullopt
                               : std::optional<motet_message>(std::in_place, envelope, envelope->trace());
}

// Calls a function of the caller's with an outcome: code, sentence, answer.
template <typename Call> auto with_outcome(const Future &future, Call &&call) {
    const Status &status = future.status();
    std::optional<motet_message> reply = view(future.reply());
    return call(to_number(status.code()), status.ok() ? nullptr : status.message().c_str(), reply ? &*reply : nullptr);
}

// A function of the caller's that an actor goes on with.
class CContinuation final : public motet::Continuation {
  public:
    CContinuation(CBehavior *behavior, motet_continue_fn function, void *state)
        : behavior_(behavior), function_(function), state_(state) {}
    ~CContinuation() override {
        if (destroy_ != nullptr) {
            destroy_(state_);
        }
    }

    // From now on the state is freed here.
    void keep_state(motet_destroy_fn destroy) { destroy_ = destroy; }

    Code run(motet::Context &context, const Future &future) override {
        motet_message message(context.envelope(), context.trace());
        motet_context c_context(context, behavior_, &message);
        Code code = with_outcome(future, [&](int32_t outcome, const char *text, const motet_message_t *reply) {
            return contained(context, [&] { return function_(&c_context, outcome, text, reply, state_); });
        });
        if (behavior_ != nullptr) {
            behavior_->free_over();
        }
        return code;
    }

  private:
    CBehavior *const behavior_;  // lives longer; NULL for a function that is no actor's own
    const motet_continue_fn function_;
    void *const state_;
    motet_destroy_fn destroy_ = nullptr;
};

Status check_timeout(int64_t timeout_ms) {
    if (timeout_ms <= 0 || timeout_ms > INT64_MAX / motet::kMillisecond / 2) {
        return {Code::INVALID, "timeout_ms " + std::to_string(timeout_ms) +
                                   ": the timeout of an ask is above 0 ms and at most 146 years"};
    }
    return {};
}

// Whether a question is as documented.
Status check_question(const motet_ref_t *target, motet_type_t type, const uint8_t *data, size_t size,
                      int64_t timeout_ms, motet_future_t **out) {
    if (out == nullptr || target == nullptr) {
        return null_argument(out == nullptr ? "out" : "target");
    }
    *out = nullptr;
    if (forked()) {
        return {Code::FORKED, "this is a forked child"};
    }
    if (!motet::is_sendable(type) || (data == nullptr && size > 0)) {
        return {Code::INVALID, "type " + std::to_string(type) + " is not one that users send, or data is NULL"};
    }
    if (size > motet::kMaxPayloadSize) {
        return {Code::TOO_LARGE,
                "a payload of " + std::to_string(size) + " bytes; at most " + std::to_string(motet::kMaxPayloadSize)};
    }
    return check_timeout(timeout_ms);
}

// Gives a future to the caller.
Status give(Result<Ptr<Future>> future, motet_future_t **out) {
    if (!future.ok()) {
        return std::move(future.status());
    }
    *out = new motet_future(std::move(future.value()));
    return {};
}

}  // namespace

motet_error_t *motet_ref_ask(const motet_ref_t *target, motet_type_t type, const uint8_t *data, size_t size,
                             int64_t timeout_ms, const uint8_t *trace, size_t trace_size, motet_future_t **out) {
    return guard([&]() -> Status {
        Status valid = check_question(target, type, data, size, timeout_ms, out);
        if (!valid.ok() || !is_trace(trace, trace_size)) {
            return valid.ok() ? bad_trace(trace_size) : std::move(valid);
        }
        return give(Future::ask(*to_ref(target), type, to_bytes(data, size), from_milliseconds(timeout_ms),
                                to_trace(trace, trace_size)),
                    out);
    });
}

motet_error_t *motet_ref_graceful_stop(const motet_ref_t *target, motet_type_t type, const uint8_t *data, size_t size,
                                       int64_t timeout_ms, motet_future_t **out) {
    return guard([&]() -> Status {
        Status valid = check_question(target, type, data, size, timeout_ms, out);
        return !valid.ok() ? std::move(valid)
                           : give(Future::stop(*to_ref(target), type, to_bytes(data, size),
                                               from_milliseconds(timeout_ms), motet::CurrentTrace::get()),
                                  out);
    });
}

motet_error_t *motet_system_resolve(motet_system_t *system, const char *path, int64_t timeout_ms, motet_ref_t **out) {
    return guard([&]() -> Status {
        if (out == nullptr || path == nullptr) {
            return null_argument(out == nullptr ? "out" : "path");
        }
        *out = nullptr;
        if (Status valid = check_timeout(timeout_ms); !valid.ok()) {
            return valid;
        }
        Result<Ptr<motet::Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        Result<motet::Ref> named = node.value()->system().resolve(path);
        if (!named.ok()) {
            return std::move(named.status());
        }
        Result<Ptr<Future>> future = Future::ask(*named.value(), motet::types::identify, {},
                                                 from_milliseconds(timeout_ms), motet::CurrentTrace::get());
        if (!future.ok()) {
            return std::move(future.status());
        }
        Status answered = future.value()->wait();
        if (!answered.ok()) {
            return answered;
        }
        motet::Ref found = motet::hold(future.value()->reply()->sender());
        if (!found) {
            return {Code::NOT_FOUND, "nobody is at path \"" + std::string(path) + "\""};
        }
        *out = to_handle(std::move(found));
        return {};
    });
}

int32_t motet_future_poll(const motet_future_t *future, int32_t *code) {
    return guard_number([&]() -> int32_t {
        if (future == nullptr) {
            return MOTET_E_INVALID;
        }
        if (!future->future->done()) {
            return 0;
        }
        if (code != nullptr) {
            *code = to_number(future->future->status().code());
        }
        return 1;
    });
}

motet_error_t *motet_future_wait(motet_future_t *future) {
    return guard([&] { return future == nullptr ? null_argument("future") : future->future->wait(); });
}

motet_error_t *motet_future_wait_for(motet_future_t *future, int64_t timeout_ms) {
    return guard([&]() -> Status {
        if (future == nullptr) {
            return null_argument("future");
        }
        if (timeout_ms < 0) {
            return {Code::INVALID,
                    "timeout_ms " + std::to_string(timeout_ms) + ": a wait takes a time of 0 or more milliseconds"};
        }
        return future->future->wait_for(from_milliseconds(timeout_ms));
    });
}

const motet_message_t *motet_future_reply(const motet_future_t *future) {
    return guard_or(static_cast<const motet_message_t *>(nullptr), [&]() -> const motet_message_t * {
        if (future == nullptr || !future->future->done()) {
            return nullptr;
        }
        std::call_once(future->viewed, [&] {
            if (const Envelope *reply = future->future->reply()) {
                future->reply.emplace(reply, reply->trace());
            }
        });
        return future->reply ? &*future->reply : nullptr;
    });
}

void motet_future_then(motet_future_t *future, motet_reply_fn reply, void *argument) {
    motet_error_free(guard([&]() -> Status {
        if (future == nullptr || reply == nullptr) {
            motet_future_free(future);
            return {};
        }
        FuturePtr taken(future);
        taken->future->then([reply, argument](const Future &done) {
            with_outcome(done, [&](int32_t code, const char *message, const motet_message_t *answer) {
                reply(code, message, answer, argument);
            });
        });
        return {};
    }));
}

int32_t motet_future_pipe(motet_future_t *future, const motet_ref_t *target, const motet_ref_t *sender) {
    return guard_number([&]() -> int32_t {
        if (future == nullptr || target == nullptr) {
            motet_future_free(future);
            return MOTET_E_INVALID;
        }
        FuturePtr taken(future);
        taken->future->pipe(motet::hold(to_ref(target)), motet::hold(to_ref(sender)));
        return MOTET_OK;
    });
}

int32_t motet_context_then(motet_context_t *context, motet_future_t *future, motet_continue_fn function, void *state,
                           motet_destroy_fn destroy) {
    return guard_number([&]() -> int32_t {
        if (context == nullptr || future == nullptr || function == nullptr) {
            motet_future_free(future);
            return MOTET_E_INVALID;
        }
        FuturePtr taken(future);
        auto made = std::make_unique<CContinuation>(context->behavior, function, state);
        CContinuation &continuation = *made;
        std::unique_ptr<motet::Continuation> waiting = std::move(made);
        Code code = context->context.self().continuations().add(taken->future, context->context, waiting);
        if (code == Code::OK) {
            continuation.keep_state(destroy);
        } else {
            taken->future->cancel();
        }
        return to_number(code);
    });
}

void motet_future_free(motet_future_t *future) {
    if (future != nullptr) {
        future->future->cancel();
        delete future;
    }
}
