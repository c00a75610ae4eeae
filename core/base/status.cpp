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
    return failure_ ? failure_->message : success;
}

}  // namespace motet
