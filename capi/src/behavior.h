// CBehavior is an actor whose handler is a function of the caller's; motet_context is what such a function is given.
// Knows: the caller's functions. Must never know: what they do.
#pragma once

#include <motet/actor.h>

#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "capi/src/handler.h"
#include "capi/src/objects.h"

namespace motet::capi {
class CBehavior;
}

struct motet_context {
    motet::Context &context;
    motet::capi::TraceBytes trace;
    motet::capi::CBehavior *behavior;  // NULL while its state is made, and for a function that is no actor's own
    const motet_message *message;      // NULL while its state is made

    motet_context(motet::Context &of, motet::capi::CBehavior *by, const motet_message *with)
        : context(of), trace(of.trace()), behavior(by), message(with) {}
};

namespace motet::capi {

// Runs a function of the caller; what it throws, if it is C++, is a failure.
template <typename Call> Code contained(Context &context, Call &&call) {
    int32_t code;
    try {
        code = call();
    } catch (const std::bad_alloc &) {
        return Code::NO_MEMORY;
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

// What an actor has become on top of its first handler.
struct Become {
    motet_receive_fn receive;
    void *state;
    motet_destroy_fn destroy;
};

class CBehavior final : public Behavior {
  public:
    static constexpr size_t kMostHandlers = 1000;  // on top of each other

    CBehavior(Ptr<Handler> handler, void *state) : handler_(std::move(handler)), state_(state) {}
    ~CBehavior() override {
        if (handlers_) {
            while (unbecome() == Code::OK) {
            }
            free_over();
        }
        if (handler_->destroy != nullptr) {
            handler_->destroy(state_);
        }
    }

    Code receive(Context &context, const Envelope &envelope) override {
        motet_message message(&envelope, context.trace());
        motet_context c_context(context, this, &message);
        if (handlers_) [[unlikely]] {
            return receive_by_last(context, c_context);
        }
        return contained(context, [&] { return handler_->receive(&c_context, &message, state_); });
    }

    Code become(const Become &handler) {
        if (!handlers_) {
            handlers_ = std::make_unique<Handlers>();
        }
        if (handlers_->current.size() + handlers_->over.size() >= kMostHandlers) {
            return Code::BAD_STATE;
        }
        handlers_->current.push_back(handler);
        return Code::OK;
    }

    Code unbecome() {
        if (!handlers_ || handlers_->current.empty()) {
            return Code::BAD_STATE;
        }
        handlers_->over.push_back(handlers_->current.back());
        handlers_->current.pop_back();
        return Code::OK;
    }

    // Frees what is over, when no function of the actor runs any more.
    void free_over() {
        if (!handlers_) {
            return;
        }
        for (const Become &over : std::exchange(handlers_->over, {})) {
            if (over.destroy != nullptr) {
                over.destroy(over.state);
            }
        }
    }

  private:
    struct Handlers {
        std::vector<Become> current;
        std::vector<Become> over;  // one of these may still run: freed when it has returned
    };

    Code receive_by_last(Context &context, motet_context &c_context) {
        const std::vector<Become> &current = handlers_->current;
        Become last = current.empty() ? Become{handler_->receive, state_, nullptr} : current.back();
        Code code = contained(context, [&] { return last.receive(&c_context, c_context.message, last.state); });
        free_over();
        return code;
    }

    const Ptr<Handler> handler_;
    void *const state_;
    std::unique_ptr<Handlers> handlers_;  // none before the first become()
};

static_assert(sizeof(CBehavior) <= 32, "an idle actor is small");

}  // namespace motet::capi
