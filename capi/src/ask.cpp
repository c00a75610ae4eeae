#include <motet/ask.h>

#include <condition_variable>
#include <mutex>
#include <optional>

#include "capi/src/objects.h"
#include "core/actor/ask.h"

using motet::Code;
using motet::Envelope;
using motet::Ptr;
using motet::Status;
using namespace motet::capi;

namespace {

// What an ask and the holder of its future share.
class Outcome final : public motet::RefCounted {
  public:
    ~Outcome() override {
        if (envelope_ != nullptr) {
            envelope_->destroy();
        }
    }

    void complete(Status status, Envelope *envelope) {
        motet_reply_fn function;
        {
            std::lock_guard lock(mutex_);
            done_ = true;
            code_ = status.code();
            message_ = status.message();
            envelope_ = envelope;
            if (envelope != nullptr) {
                view_.emplace(envelope, envelope->trace());
            }
            function = std::exchange(function_, nullptr);
        }
        done_changed_.notify_all();
        if (function != nullptr) {
            tell(function);
        }
    }

    Status wait() {
        std::unique_lock lock(mutex_);
        done_changed_.wait(lock, [this] { return done_; });
        return code_ == Code::OK ? Status() : Status(code_, message_);
    }

    const motet_message_t *reply() const {
        std::lock_guard lock(mutex_);
        return view_ ? &*view_ : nullptr;
    }

    // Has a function called when the outcome is there, at once if it is.
    void then(motet_reply_fn function, void *argument) {
        {
            std::lock_guard lock(mutex_);
            argument_ = argument;
            if (!done_) {
                function_ = function;
                return;
            }
        }
        tell(function);
    }

  private:
    void tell(motet_reply_fn function) {
        function(to_number(code_), code_ == Code::OK ? nullptr : message_.c_str(), view_ ? &*view_ : nullptr,
                 argument_);
    }

    mutable std::mutex mutex_;
    std::condition_variable done_changed_;
    bool done_ = false;
    Code code_ = Code::OK;
    std::string message_;
    Envelope *envelope_ = nullptr;
    std::optional<motet_message> view_;
    motet_reply_fn function_ = nullptr;
    void *argument_ = nullptr;
};

}  // namespace

struct motet_future {
    Ptr<motet::Ask> ask;
    Ptr<Outcome> outcome;
};

motet_error_t *motet_ref_ask(const motet_ref_t *target, motet_type_t type, const uint8_t *data, size_t size,
                             int64_t timeout_ms, const uint8_t *trace, size_t trace_size, motet_future_t **out) {
    return guard([&]() -> Status {
        if (out == nullptr || target == nullptr) {
            return null_argument(out == nullptr ? "out" : "target");
        }
        *out = nullptr;
        if (forked()) {
            return {Code::FORKED, "this is a forked child"};
        }
        if (!may_send(type) || (data == nullptr && size > 0)) {
            return {Code::INVALID, "type " + std::to_string(type) + " is not one that users send, or data is NULL"};
        }
        if (size > motet::kMaxPayloadSize) {
            return {Code::TOO_LARGE, "a payload of " + std::to_string(size) + " bytes; at most " +
                                         std::to_string(motet::kMaxPayloadSize)};
        }
        if (timeout_ms <= 0 || timeout_ms > INT64_MAX / motet::kMillisecond / 2) {
            return {Code::INVALID,
                    "timeout_ms " + std::to_string(timeout_ms) + ": an ask takes a time above 0 milliseconds"};
        }
        if (!is_trace(trace, trace_size)) {
            return bad_trace(trace_size);
        }
        motet::TraceContext context = to_trace(trace, trace_size);
        auto outcome = motet::make_counted<Outcome>();
        motet::Result<Ptr<motet::Ask>> ask = motet::Ask::send(
            to_ref(target)->system(), *to_ref(target), type, to_bytes(data, size), timeout_ms * motet::kMillisecond,
            context, [outcome](Status status, Envelope *envelope) { outcome->complete(std::move(status), envelope); });
        if (!ask.ok()) {
            return std::move(ask.status());
        }
        *out = new motet_future{std::move(ask.value()), std::move(outcome)};
        return {};
    });
}

motet_error_t *motet_future_wait(motet_future_t *future) {
    return guard([&] { return future == nullptr ? null_argument("future") : future->outcome->wait(); });
}

const motet_message_t *motet_future_reply(const motet_future_t *future) {
    return future == nullptr ? nullptr : future->outcome->reply();
}

void motet_future_then(motet_future_t *future, motet_reply_fn reply, void *argument) {
    if (future != nullptr) {
        if (reply != nullptr) {
            future->outcome->then(reply, argument);
        }
        delete future;
    }
}

void motet_future_free(motet_future_t *future) {
    if (future != nullptr) {
        future->ask->cancel();
        delete future;
    }
}
