// Trace: which trace a message belongs to, and spans.
// Knows the C interface's trace context.
// Must never know actors.
#pragma once

#include <motet/error.hpp>
#include <motet/trace.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace motet {

// Trace is a trace context in W3C terms; a default one means none.
class Trace {
  public:
    Trace() = default;
    explicit Trace(const std::uint8_t *bytes) { std::copy_n(bytes, MOTET_TRACE_SIZE, bytes_.begin()); }

    // Reads a traceparent header value; nothing when it is malformed.
    static std::optional<Trace> parse(const std::string &traceparent) {
        Trace trace;
        if (motet_trace_parse(traceparent.c_str(), trace.bytes_.data(), trace.bytes_.size()) < 0) {
            return std::nullopt;
        }
        return trace;
    }

    // The context as a traceparent header value.
    [[nodiscard]] std::string format() const {
        std::array<char, MOTET_TRACEPARENT_SIZE + 1> text{};
        auto size = motet_trace_format(bytes_.data(), bytes_.size(), text.data(), text.size());
        return {text.data(), static_cast<std::size_t>(detail::check_number(size, "trace"))};
    }

    // Whether there is a trace: its id is not zero.
    explicit operator bool() const {
        return std::any_of(bytes_.begin() + 1, bytes_.begin() + 17, [](std::uint8_t byte) { return byte != 0; });
    }

    [[nodiscard]] const std::uint8_t *data() const { return bytes_.data(); }
    // Its size as the C interface wants it: 0 for none.
    [[nodiscard]] std::size_t size() const { return *this ? bytes_.size() : 0; }

    friend bool operator==(const Trace &, const Trace &) = default;

  private:
    std::array<std::uint8_t, MOTET_TRACE_SIZE> bytes_{};
};

// Span is a piece of work that ends with end(), or well with its life.
class Span {
  public:
    Span(motet_system_t *system, const std::string &name, const Trace &parent) {
        motet_span_t *span = nullptr;
        detail::check(motet_span_start(system, name.c_str(), parent.data(), parent.size(), &span));
        span_.reset(span);
    }

    // The context to send with messages that belong to this span. Not after end().
    [[nodiscard]] Trace trace() const { return Trace(motet_span_trace(span_.get())); }

    Span &set(const std::string &key, const std::string &value) {
        motet_span_set(span_.get(), key.c_str(), value.c_str());
        return *this;
    }

    void end(Code code = Code::ok, const std::string &message = {}) {
        motet_span_end(span_.release(), static_cast<std::int32_t>(code), message.empty() ? nullptr : message.c_str());
    }

  private:
    struct EndWell {
        void operator()(motet_span_t *span) const { motet_span_end(span, MOTET_OK, nullptr); }
    };
    std::unique_ptr<motet_span_t, EndWell> span_;
};

}  // namespace motet
