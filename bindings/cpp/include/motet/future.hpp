// Future: the one answer to an ask, typed.
// Knows the C interface's futures.
// Must never know who answers.
#pragma once

#include <motet/ask.h>
#include <motet/duration.hpp>
#include <motet/message.hpp>

#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace motet {

namespace detail {
template <Sendable Reply> class Answer;
}

// Outcome is a value, or the Error that stands in its place.
template <class Value> class Outcome {
  public:
    Outcome(Value value) : content_(std::move(value)) {}
    Outcome(Error error) : content_(std::move(error)) {}

    explicit operator bool() const { return content_.index() == 0; }

    // The value; throws the Error when there is none.
    [[nodiscard]] const Value &value() const {
        if (const auto *error = std::get_if<Error>(&content_)) {
            throw *error;
        }
        return std::get<Value>(content_);
    }

    // The Error. Only when there is no value.
    [[nodiscard]] const Error &error() const { return std::get<Error>(content_); }

  private:
    std::variant<Value, Error> content_;
};

// Future is the answer to come. A coroutine of an actor waits for it with co_await, see motet/task.hpp; outside of
// actors get() waits, and then() does not.
template <Sendable Reply> class Future {
  public:
    Future(motet_system_t *system, motet_future_t *owned) : system_(system), future_(owned, motet_future_free) {}

    // Waits for the answer, as long as the ask's timeout lasts; throws when there is none. Not inside a handler.
    [[nodiscard]] Reply get() {
        detail::check(motet_future_wait(future_.get()));
        return Message(system_, motet_future_reply(future_.get())).template as<Reply>();
    }

    // Whether the answer is there, or will not come; does not wait.
    [[nodiscard]] bool ready() const {
        return detail::check_number(motet_future_poll(future_.get(), nullptr), "future") == 1;
    }

    // Waits for the answer for at most this time; whether it is there, or will not come. Not inside a handler.
    [[nodiscard]] bool wait_for(Duration time) {
        motet_error_t *error = motet_future_wait_for(future_.get(), time.milliseconds());
        if (motet_error_code(error) == MOTET_E_INVALID && !ready()) {
            detail::check(error);
        }
        motet_error_free(error);
        return ready();
    }

    // Has use(Outcome<Reply>) called when the answer is there, on a thread of the engine: it must neither block nor
    // throw. Ends this future.
    template <class Use> void then(Use use) && {
        struct Waiting {
            motet_system_t *system;
            Use use;
        };
        auto waiting = std::make_unique<Waiting>(Waiting{system_, std::move(use)});
        motet_future_then(
            future_.release(),
            [](std::int32_t code, const char *message, const motet_message_t *reply, void *argument) noexcept {
                std::unique_ptr<Waiting> done(static_cast<Waiting *>(argument));
                done->use(outcome(done->system, code, message, reply));
            },
            waiting.release());
    }

    // Has the outcome sent to an actor when it is there: the answer as it is, or else a Failure. sender: whom it is
    // from, in place of who answered. Ends this future.
    void pipe_to(const Ref &target, const Ref &sender = {}) && {
        const std::int32_t code = motet_future_pipe(future_.release(), target.get(), sender.get());
        if (code != MOTET_OK) {
            throw Error(static_cast<Code>(code), "a future that is there is piped to an actor, not to nobody");
        }
    }

    // Only a motet::Task waits so.
    void operator co_await() const = delete;

  private:
    friend class detail::Answer<Reply>;

    static Outcome<Reply> outcome(motet_system_t *system, std::int32_t code, const char *message,
                                  const motet_message_t *reply) {
        if (reply == nullptr) {
            return Error(static_cast<Code>(code), message != nullptr ? message : motet_code_text(code));
        }
        try {
            return Message(system, reply).template as<Reply>();
        } catch (const Error &error) {
            return error;
        }
    }

    motet_system_t *system_;
    std::unique_ptr<motet_future_t, decltype(&motet_future_free)> future_;
};

namespace detail {

// GCC before 13 copies the bytes of a temporary aggregate in an expression with co_await, and destroys both (its bug
// 99576). An ask with such a message gives a future of a type of its own, which no motet::Task waits for.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
template <class T>
inline constexpr bool breaks_in_co_await =
    !std::is_reference_v<T> && std::is_aggregate_v<T> && !std::is_trivially_destructible_v<T>;
#else
template <class T> inline constexpr bool breaks_in_co_await = false;
#endif

template <Sendable Reply> class FutureOfTemporary : public Future<Reply> { using Future<Reply>::Future; };

// The future of an ask with a T &&.
template <Sendable Reply, class T>
using Asked = std::conditional_t<breaks_in_co_await<T>, FutureOfTemporary<Reply>, Future<Reply>>;

}  // namespace detail
}  // namespace motet
