#include <motet/dead_letters.h>

#include <cstring>

#include "capi/src/objects.h"

using motet::Code;
using motet::Node;
using motet::Ptr;
using motet::Result;
using motet::Status;
using namespace motet::capi;

struct motet_dead_letters {
    std::map<Code, uint64_t> totals;
    std::vector<motet::ByteVector> bodies;
};

motet_error_t *motet_system_dead_letters(motet_system_t *system, motet_dead_letters_t **out) {
    return guard([&]() -> Status {
        if (out == nullptr) {
            return null_argument("out");
        }
        *out = nullptr;
        Result<Ptr<Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        const motet::DeadLetters &dead_letters = node.value()->system().dead_letters();
        auto letters = std::make_unique<motet_dead_letters_t>();
        letters->totals = dead_letters.counts();
        for (const motet::DeadLetterBody &body : dead_letters.recent()) {
            letters->bodies.push_back(encode_dead_letter(body));
        }
        *out = letters.release();
        return {};
    });
}

uint64_t motet_dead_letters_total(const motet_dead_letters_t *letters, int32_t cause) {
    uint64_t total = 0;
    if (letters != nullptr) {
        for (const auto &[code, count] : letters->totals) {
            total += cause == MOTET_OK || to_number(code) == cause ? count : 0;
        }
    }
    return total;
}

int64_t motet_dead_letters_count(const motet_dead_letters_t *letters) {
    return letters == nullptr ? 0 : static_cast<int64_t>(letters->bodies.size());
}

int64_t motet_dead_letters_body(const motet_dead_letters_t *letters, int64_t index, uint8_t *buffer, size_t capacity) {
    if (index < 0 || index >= motet_dead_letters_count(letters)) {
        return MOTET_E_INVALID;
    }
    const motet::ByteVector &body = letters->bodies[static_cast<size_t>(index)];
    if (buffer != nullptr) {
        std::memcpy(buffer, body.data(), std::min(body.size(), capacity));
    }
    return static_cast<int64_t>(body.size());
}

void motet_dead_letters_free(motet_dead_letters_t *letters) { delete letters; }
