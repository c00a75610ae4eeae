// Request: what the engine asks the program and is told later.
// Knows that a request is answered once.
// Must never know what was asked.
#pragma once

#include <motet/code.hpp>
#include <motet/error.hpp>
#include <motet/exception.hpp>

#include <atomic>
#include <memory>
#include <new>
#include <string>
#include <utility>

namespace motet::detail {

// Request is one of the engine's, shared by who may answer it. The first answer counts; one that nobody holds any more
// is answered as a failure. It may outlive the system.
template <class Raw, void (*complete)(Raw *, std::int32_t, const char *)> class Request {
  public:
    explicit Request(Raw *raw) : held_(std::make_shared<Held>(raw)) {}

    void answer(Code code, const std::string &text) const { held_->answer(code, text.c_str()); }

    // Has a request answered: makes Whole of it, which keeps it as request_, and passes that on. What is thrown there
    // is the answer.
    template <class Whole, class Call> static void pass_on(Raw *raw, Call call) noexcept {
        try {
            const Whole whole(raw);
            whole.request_.answer_failures_of([&] { call(whole); });
        } catch (const std::bad_alloc &) {  // it was not made
            complete(raw, MOTET_E_NO_MEMORY, nullptr);
        }
    }

  private:
    template <class Call> void answer_failures_of(Call call) const noexcept {
        try {
            try {
                call();
            } catch (const Error &error) {
                answer(error.code() == Code::ok ? Code::failed : error.code(), error.what());
            } catch (...) {
                answer(Code::failed, current_exception_text());
            }
        } catch (...) {  // no memory for the text
            held_->answer(Code::no_memory, nullptr);
        }
    }

    struct Held {
        explicit Held(Raw *raw) : unanswered(raw) {}
        Held(const Held &) = delete;
        Held &operator=(const Held &) = delete;
        ~Held() { answer(Code::failed, "nobody answered"); }

        void answer(Code code, const char *text) {
            if (Raw *raw = unanswered.exchange(nullptr)) {
                complete(raw, static_cast<std::int32_t>(code), text);
            }
        }

        std::atomic<Raw *> unanswered;
    };

    std::shared_ptr<Held> held_;
};

}  // namespace motet::detail
