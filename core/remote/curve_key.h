// CurveKey is a key of CURVE, the encryption of ZeroMQ: 32 bytes, written as 64 hexadecimal digits. A pair of keys is
// kept in two files: the secret one, which only its owner may read, and beside it the public one.
// Knows: keys as text and in files. Must never know: sockets, whose key it is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace motet {

using CurveKey = std::array<uint8_t, 32>;

std::string key_text(const CurveKey &key);
std::optional<CurveKey> parse_key(std::string_view text);

struct CurveKeyPair {
    CurveKey secret;
    CurveKey open;  // the public one

    // Errors: TRANSPORT, where the ZeroMQ of this machine has no CURVE.
    static Result<CurveKeyPair> make();
    static Result<CurveKeyPair> of_secret(const CurveKey &secret);

    // Reads a file of write(). Errors: IO; BAD_VALUE, when others can read it or it holds no key; each says what would
    // help. And as above.
    static Result<CurveKeyPair> read(const std::string &path);

    // Writes path, which only the owner may read, and path.pub; or neither. Errors: IO; NAME_TAKEN, when one of them
    // exists.
    Status write(const std::string &path) const;
};

// The text of a file on whose content the security of a node depends, of at most 1 MiB; '\n' ends its last line.
// unreadable: also nobody else may read it. Errors: IO; BAD_VALUE, when others could write or read it.
Result<std::string> read_guarded_file(const std::string &path, bool unreadable);

}  // namespace motet
