// Status and Result are how a call inside the engine says that it failed: a code and a sentence.
// Knows: the table of codes. Must never know: who shows the sentence, and in which language.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace motet {

enum class Code : int32_t {
#define MOTET_CODE(name, number, retriable, text) name = number,
#include "core/base/codes.def"
#undef MOTET_CODE
};

const char *code_name(Code code);  // "TIMEOUT"; "INTERNAL" for a number that is no code
std::optional<Code> code_named(std::string_view name);
const char *code_text(Code code);  // the meaning in a few words
bool code_retriable(Code code);

// A Status is success, or a code with a sentence that names the values involved; when there is no memory for the
// sentence, the code alone.
class [[nodiscard]] Status {
  public:
    Status() = default;
    Status(Code code, std::string message) noexcept : code_(code) {
        if (!message.empty()) {
            message_.reset(new (std::nothrow) std::string(std::move(message)));
        }
    }

    bool ok() const { return code_ == Code::OK; }
    Code code() const { return code_; }
    const std::string &message() const;

  private:
    Code code_ = Code::OK;
    std::unique_ptr<const std::string> message_;
};

// A Result is a value or a Status that is not OK.
template <typename T> class [[nodiscard]] Result {
  public:
    Result(T value) : value_(std::move(value)) {}
    Result(Status status) : status_(std::move(status)) {}

    bool ok() const { return value_.has_value(); }
    T &value() { return *value_; }
    const T &value() const { return *value_; }
    Status &status() { return status_; }
    const Status &status() const { return status_; }

  private:
    std::optional<T> value_;
    Status status_;
};

}  // namespace motet
