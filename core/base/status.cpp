#include "core/base/status.h"

namespace motet {

const char *code_name(Code code) {
    switch (code) {
#define MOTET_CODE(name, number, retriable, text)                                                                      \
    case Code::name:                                                                                                   \
        return #name;
#include "core/base/codes.def"
#undef MOTET_CODE
    }
    return "INTERNAL";
}

std::optional<Code> code_named(std::string_view name) {
#define MOTET_CODE(code, number, retriable, text)                                                                      \
    if (name == #code) {                                                                                               \
        return Code::code;                                                                                             \
    }
#include "core/base/codes.def"
#undef MOTET_CODE
    return std::nullopt;
}

const char *code_text(Code code) {
    switch (code) {
#define MOTET_CODE(name, number, retriable, text)                                                                      \
    case Code::name:                                                                                                   \
        return text;
#include "core/base/codes.def"
#undef MOTET_CODE
    }
    return "not a code of this library";
}

bool code_retriable(Code code) {
    switch (code) {
#define MOTET_CODE(name, number, retriable, text)                                                                      \
    case Code::name:                                                                                                   \
        return retriable != 0;
#include "core/base/codes.def"
#undef MOTET_CODE
    }
    return false;
}

const std::string &Status::message() const {
    static const std::string success = "success";
    static const std::string none;
    return message_ ? *message_ : ok() ? success : none;
}

}  // namespace motet
