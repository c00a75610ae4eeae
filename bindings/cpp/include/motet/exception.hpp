// Exception: what leaves a function of an actor, as the failure of the actor.
// Knows the exceptions that handlers throw, and contexts of the C interface.
// Must never let an exception through to the engine.
#pragma once

#include <motet/actor.h>
#include <motet/error.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <typeinfo>

namespace motet::detail {

// "Type: what" of the exception being handled.
inline std::string current_exception_text() {
    const std::type_info *type = abi::__cxa_current_exception_type();
    std::string name = "unknown exception";
    if (type != nullptr) {
        int status = 0;
        std::unique_ptr<char, decltype(&std::free)> readable(
            abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), std::free);
        name = status == 0 ? readable.get() : type->name();
    }
    try {
        throw;
    } catch (const std::exception &error) {
        return name + ": " + error.what();
    } catch (...) {
        return name;
    }
}

// Turns the exception being handled into the failure of the actor. A motet::Error keeps its code.
inline std::int32_t fail_with_current_exception(motet_context_t *context) noexcept {
    std::int32_t code = MOTET_E_FAILED;
    try {
        try {
            throw;
        } catch (const Error &error) {
            code = error.code() == Code::unhandled ? MOTET_E_FAILED : static_cast<std::int32_t>(error.code());
        } catch (const std::bad_alloc &) {
            code = MOTET_E_NO_MEMORY;
        } catch (...) {
        }
        return motet_context_fail(context, code, current_exception_text().c_str());
    } catch (...) {
        return code;
    }
}

}  // namespace motet::detail
