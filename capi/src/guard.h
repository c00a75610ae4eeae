// The border of the C interface: errors as the caller sees them, and the guard that no exception passes.
// Knows: Status, and how exceptions are called as codes. Must never know: what the guarded function does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <motet/error.h>

#include "core/base/status.h"

namespace motet::capi {

// An error of its own, or, when there is no memory for it, a static one that says so.
motet_error_t *make_error(Code code, std::string_view message) noexcept;

// The error of a status; NULL for success.
inline motet_error_t *to_error(const Status &status) noexcept {
    return status.ok() ? nullptr
                       : make_error(status.code(),
                                    status.message().empty() ? code_text(status.code()) : status.message().c_str());
}

// What the exception being handled is as an error; for use in a catch block only. The second gives its code alone.
motet_error_t *caught_error() noexcept;
int32_t caught_code() noexcept;

// Runs the body of a control-plane function, which returns a Status.
template <typename Body> motet_error_t *guard(Body &&body) noexcept {
    try {
        return to_error(std::forward<Body>(body)());
    } catch (...) {
        return caught_error();
    }
}

// Runs the body of a data-plane function, which returns a number: a count, or a negative code.
template <typename Body> auto guard_number(Body &&body) noexcept -> decltype(body()) {
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        return caught_code();
    }
}

// Runs the body of any other function; on an exception the result is failed.
template <typename Body>
auto guard_or(decltype(std::declval<Body>()()) failed, Body &&body) noexcept -> decltype(body()) {
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        return failed;
    }
}

// INVALID, naming the argument that must not be NULL.
inline Status null_argument(const char *name) { return {Code::INVALID, std::string(name) + " is NULL"}; }

}  // namespace motet::capi
