// Future: the one answer to an ask, typed.
// Knows the C interface's futures.
// Must never know who answers.
#pragma once

#include <motet/ask.h>
#include <motet/message.hpp>

#include <memory>
#include <utility>
#include <variant>

namespace motet {

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

// Future is the answer to come.
template <Sendable Reply> class Future {
  public:
    Future(motet_system_t *system, motet_future_t *owned) : system_(system), future_(owned, motet_future_free) {}

    // Waits for the answer, as long as the ask's timeout lasts; throws when there is none. Not inside a handler.
    [[nodiscard]] Reply get() {
        detail::check(motet_future_wait(future_.get()));
        return Message(system_, motet_future_reply(future_.get())).as<Reply>();
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

  private:
    static Outcome<Reply> outcome(motet_system_t *system, std::int32_t code, const char *message,
                                  const motet_message_t *reply) {
        if (reply == nullptr) {
            return Error(static_cast<Code>(code), message != nullptr ? message : motet_code_text(code));
        }
        try {
            return Message(system, reply).as<Reply>();
        } catch (const Error &error) {
            return error;
        }
    }

    motet_system_t *system_;
    std::unique_ptr<motet_future_t, decltype(&motet_future_free)> future_;
};

}  // namespace motet
