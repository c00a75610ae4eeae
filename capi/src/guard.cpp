#include "capi/src/guard.h"

#include <exception>
#include <new>
#include <system_error>

namespace motet::capi {
namespace {

Code code_of(const std::exception &exception) {
    if (dynamic_cast<const std::bad_alloc *>(&exception) != nullptr) {
        return Code::NO_MEMORY;
    }
    // The standard library throws this when the operating system gives no thread.
    auto refusal = dynamic_cast<const std::system_error *>(&exception);
    return refusal != nullptr && refusal->code() == std::errc::resource_unavailable_try_again ? Code::NO_THREAD
                                                                                              : Code::INTERNAL;
}

}  // namespace

motet_error_t *caught_error() noexcept {
    try {
        throw;
    } catch (const std::exception &exception) {
        return make_error(code_of(exception), exception.what());
    } catch (...) {
        return make_error(Code::INTERNAL, "an exception of unknown type");
    }
}

int32_t caught_code() noexcept {
    try {
        throw;
    } catch (const std::exception &exception) {
        return static_cast<int32_t>(code_of(exception));
    } catch (...) {
        return static_cast<int32_t>(Code::INTERNAL);
    }
}

}  // namespace motet::capi
