// Task: a handler, or a part of one, that waits for answers without blocking: a coroutine of an actor.
// Knows futures, and what an actor goes on with in the C interface.
// Must never know messages or contexts: they live in whoever derives from Handling.
//
// A handler that returns motet::Task<> may wait with co_await: for a Future, which gives the answer or throws the
// Error, and for another Task. Meanwhile its actor handles other messages, so that what it found in the state of the
// actor may have changed when it goes on; it goes on inside the actor, never while another handler runs. Context and
// message are valid until its end, and reply(), forward() and sender() are about that message all the time. What it
// throws is a failure of the actor. When its actor restarts or stops it does not go on: its variables are destroyed,
// and its asks are cancelled.
//
//     motet::Task<> receive(motet::Context &context, const Visit &visit) {
//         const Greet greet{visit.name};
//         Greeting greeting = co_await context.ask<Greeting>(visit.host, greet, 5s);
//         context.reply(greeting);
//     }
//
// With GCC before 13 the message needs its name, as above: that compiler breaks temporary aggregates in an expression
// with co_await. An ask with one is refused there; beware of other calls, as of parts of tasks. Otherwise
// `co_await context.ask<Greeting>(visit.host, Greet{visit.name}, 5s)` is as good.
//
// A lambda that is a coroutine may use what it captures: the lambda lives as long as its actors.
#pragma once

#include <motet/exception.hpp>
#include <motet/future.hpp>

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace motet {

template <class Value = void> class Task;

namespace detail {

template <class Object, class M> class HandlingOf;

template <class T> inline constexpr bool is_task = false;
template <class Value> inline constexpr bool is_task<Task<Value>> = true;

// Handling is the handling of one message by a coroutine, for as long as that takes: owned by whatever it waits for.
class Handling : public std::enable_shared_from_this<Handling> {
  public:
    Handling() = default;
    Handling(const Handling &) = delete;
    Handling &operator=(const Handling &) = delete;
    virtual ~Handling() = default;

    // Lets the coroutine go on from a point until it waits or ends; throws what it ended with.
    void run(motet_context_t *context, std::coroutine_handle<> point) {
        context_ = context;
        enter(context);
        point.resume();
        context_ = nullptr;
        enter(nullptr);
        end();
    }

    // Only while it runs.
    [[nodiscard]] motet_context_t *context() const { return context_; }

  private:
    // Gives the coroutine the context that is valid from now on.
    virtual void enter(motet_context_t *context) = 0;

    // Throws what the coroutine ended with, if it has ended.
    virtual void end() = 0;

    motet_context_t *context_ = nullptr;
};

// Answer waits for a future.
template <Sendable Reply> class Answer {
  public:
    Answer(Future<Reply> future, Handling &handling) : future_(std::move(future)), handling_(handling) {}

    [[nodiscard]] bool await_ready() const noexcept { return false; }

    void await_suspend(std::coroutine_handle<> point) {
        point_ = point;
        auto waiting = std::make_unique<Waiting>(Waiting{handling_.shared_from_this(), this});
        const std::int32_t code =
            motet_context_then(handling_.context(), future_.future_.release(), go_on, waiting.get(),
                               [](void *state) { delete static_cast<Waiting *>(state); });
        if (code != MOTET_OK) {
            throw Error(static_cast<Code>(code),
                        std::string("co_await of a ") + message_name<Reply>::value + ": " + motet_code_text(code));
        }
        (void)waiting.release();
    }

    Reply await_resume() { return outcome_->value(); }

  private:
    // What keeps the handling alive, and the answer in it, while it waits.
    struct Waiting {
        std::shared_ptr<Handling> handling;
        Answer *answer;
    };

    static std::int32_t go_on(motet_context_t *context, std::int32_t code, const char *message,
                              const motet_message_t *reply, void *state) noexcept {
        auto &waiting = *static_cast<Waiting *>(state);
        try {
            Answer &answer = *waiting.answer;
            answer.outcome_.emplace(Future<Reply>::outcome(answer.future_.system_, code, message, reply));
            waiting.handling->run(context, answer.point_);
            return MOTET_OK;
        } catch (...) {
            return fail_with_current_exception(context);
        }
    }

    Future<Reply> future_;
    Handling &handling_;
    std::coroutine_handle<> point_;
    std::optional<Outcome<Reply>> outcome_;
};

// What the promises of all tasks have in common.
class TaskPromise {
  public:
    struct Final {
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        template <class Promise>
        [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
            TaskPromise &promise = ended.promise();
            return promise.caller_ ? promise.caller_ : std::noop_coroutine();
        }
        void await_resume() const noexcept {}
    };

    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] Final final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { failure_ = std::current_exception(); }

    // A task waits for a future or another task, which end with that. Anything else might let it go on outside of its
    // actor.
    template <Sendable Reply> Answer<Reply> await_transform(Future<Reply> &&future) {
        return Answer<Reply>(std::move(future), *handling_);
    }
    template <Sendable Reply> void await_transform(FutureOfTemporary<Reply> &&) = delete;  // name the message before
    template <class Value> auto await_transform(Task<Value> &&task) { return std::move(task).part_of(*handling_); }
    template <class Other> void await_transform(Other &&) = delete;

    void begin(Handling &handling, std::coroutine_handle<> caller = {}) {
        handling_ = &handling;
        caller_ = caller;
    }

  protected:
    void check() const {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

  private:
    Handling *handling_ = nullptr;
    std::coroutine_handle<> caller_;
    std::exception_ptr failure_;
};

template <class Value> class TaskPromiseOf : public TaskPromise {
  public:
    Task<Value> get_return_object();
    void return_value(Value value) { value_.emplace(std::move(value)); }
    Value result() {
        check();
        return std::move(*value_);
    }

  private:
    std::optional<Value> value_;
};

template <> class TaskPromiseOf<void> : public TaskPromise {
  public:
    Task<void> get_return_object();
    void return_void() const noexcept {}
    void result() const { check(); }
};

}  // namespace detail

// Task is a coroutine that has not begun: an actor begins it as its handler, or another task waits for it.
template <class Value> class [[nodiscard]] Task {
  public:
    using promise_type = detail::TaskPromiseOf<Value>;

    Task(Task &&other) noexcept : coroutine_(std::exchange(other.coroutine_, {})) {}
    Task &operator=(Task &&other) noexcept {
        std::swap(coroutine_, other.coroutine_);
        return *this;
    }
    ~Task() {
        if (coroutine_) {
            coroutine_.destroy();
        }
    }

  private:
    template <class Object, class M> friend class detail::HandlingOf;
    friend class detail::TaskPromise;
    friend promise_type;

    // Waits for a task that is part of another.
    struct Part {
        Task task;
        detail::Handling &handling;

        [[nodiscard]] bool await_ready() const noexcept { return false; }
        [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
            task.coroutine_.promise().begin(handling, caller);
            return task.coroutine_;
        }
        Value await_resume() const { return task.coroutine_.promise().result(); }
    };

    explicit Task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}

    Part part_of(detail::Handling &handling) && { return {std::move(*this), handling}; }

    // As a handler: where it begins, and what it ended with.
    std::coroutine_handle<> begin(detail::Handling &handling) {
        coroutine_.promise().begin(handling);
        return coroutine_;
    }
    void end() {
        if (coroutine_.done()) {
            coroutine_.promise().result();
        }
    }

    std::coroutine_handle<promise_type> coroutine_;
};

namespace detail {

template <class Value> Task<Value> TaskPromiseOf<Value>::get_return_object() {
    return Task<Value>(std::coroutine_handle<TaskPromiseOf>::from_promise(*this));
}

inline Task<void> TaskPromiseOf<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<TaskPromiseOf>::from_promise(*this));
}

}  // namespace detail
}  // namespace motet
