#include <motet/error.h>

#include <cstdlib>
#include <cstring>

#include "capi/src/guard.h"

// One block of memory: the sentence stands behind the struct.
struct motet_error {
    motet::Code code;
    const char *message;
};

static motet_error no_memory{motet::Code::NO_MEMORY, "memory could not be allocated"};

motet_error_t *motet::capi::make_error(Code code, std::string_view message) noexcept {
    auto *block = static_cast<char *>(std::malloc(sizeof(motet_error) + message.size() + 1));
    if (block == nullptr) {
        return &no_memory;
    }
    char *sentence = block + sizeof(motet_error);
    std::memcpy(sentence, message.data(), message.size());
    sentence[message.size()] = '\0';
    return new (block) motet_error{code, sentence};
}

int32_t motet_error_code(const motet_error_t *error) {
    return error == nullptr ? MOTET_OK : static_cast<int32_t>(error->code);
}

const char *motet_error_message(const motet_error_t *error) { return error == nullptr ? "success" : error->message; }

int32_t motet_error_retriable(const motet_error_t *error) {
    return error != nullptr && motet::code_retriable(error->code) ? 1 : 0;
}

void motet_error_free(motet_error_t *error) {
    if (error != &no_memory) {
        std::free(error);
    }
}

const char *motet_code_name(int32_t code) { return motet::code_name(static_cast<motet::Code>(code)); }

const char *motet_code_text(int32_t code) { return motet::code_text(static_cast<motet::Code>(code)); }
