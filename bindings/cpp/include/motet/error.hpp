// Error: what a control-plane call of the C++ layer throws.
// Knows the C interface's errors and codes.
// Must never know actors or messages.
#pragma once

#include <motet/code.hpp>
#include <motet/error.h>

#include <stdexcept>
#include <string>

namespace motet {

// Error is a failed call: its code, and a sentence that names the values involved.
class Error : public std::runtime_error {
  public:
    Error(Code code, const std::string &message) : std::runtime_error(message), code_(code) {}

    [[nodiscard]] Code code() const { return code_; }
    // The name of the code, "TIMEOUT".
    [[nodiscard]] const char *name() const { return motet_code_name(static_cast<std::int32_t>(code_)); }
    // Whether trying the same call again later may help.
    [[nodiscard]] bool retriable() const { return motet::retriable(code_); }

  private:
    Code code_;
};

// The meaning of a code in a few words.
inline const char *text(Code code) { return motet_code_text(static_cast<std::int32_t>(code)); }

namespace detail {

// Throws what a control-plane call returned, if it returned an error.
inline void check(motet_error_t *error) {
    if (error == nullptr) {
        return;
    }
    Error thrown(static_cast<Code>(motet_error_code(error)), motet_error_message(error));
    motet_error_free(error);
    throw thrown;
}

// The name of an actor as the C interface takes it, NULL for none. A NUL would end it there, and so is refused here.
inline const char *to_name(const std::string &name) {
    if (name.find('\0') != std::string::npos) {
        throw Error(Code::bad_name, "actor name \"" + std::string(name.c_str()) + "\\0...\": a NUL is not allowed");
    }
    return name.empty() ? nullptr : name.c_str();
}

// Throws a negative result of a call that reports by number; returns any other.
template <class Number> Number check_number(Number result, const char *what) {
    if (result < 0) {
        auto code = static_cast<std::int32_t>(result);
        throw Error(static_cast<Code>(code), std::string(what) + ": " + motet_code_text(code));
    }
    return result;
}

}  // namespace detail
}  // namespace motet
