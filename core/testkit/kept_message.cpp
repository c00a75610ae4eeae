#include "core/testkit/kept_message.h"

#include <algorithm>
#include <msgpack.hpp>
#include <sstream>

#include "core/message/actor_ref.h"

namespace motet {

namespace {

constexpr size_t kLongest = 200;  // characters of a payload in a sentence

// As the one MessagePack object that it is; empty when it is none.
std::string as_message_pack(Bytes payload) {
    try {
        size_t end = 0;
        const auto *data = reinterpret_cast<const char *>(payload.data());
        const msgpack::object_handle handle = msgpack::unpack(data, payload.size(), end);
        if (end == payload.size()) {
            std::ostringstream text;
            text << handle.get();
            return text.str();
        }
    } catch (const std::exception &) {
        // then it is something else
    }
    return {};
}

std::string in_hexadecimal(Bytes payload) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text = "0x";
    for (const uint8_t byte : payload.first(std::min(payload.size(), kLongest / 2))) {
        text += {kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return text;
}

std::string describe(Bytes payload) {
    if (payload.empty()) {
        return "without payload";
    }
    const bool plain = std::all_of(payload.begin(), payload.end(), [](uint8_t c) { return c >= ' ' && c <= '~'; });
    std::string text = plain ? '"' + std::string(payload.begin(), payload.end()) + '"' : as_message_pack(payload);
    if (text.empty()) {
        text = in_hexadecimal(payload);
    }
    if (text.size() > kLongest) {
        text = text.substr(0, kLongest) + "... (" + std::to_string(payload.size()) + " bytes)";
    }
    return text;
}

}  // namespace

KeptMessage::~KeptMessage() {
    if (envelope_) {
        envelope_->destroy();
    }
}

std::string describe(const TypeTable &types, TypeId type, Bytes payload) {
    const char *name = types.name(type);
    return (name ? name : "type " + std::to_string(type)) + " " + describe(payload);
}

std::string describe(const TypeTable &types, const Envelope &envelope) {
    return describe(types, envelope.type(), envelope.payload()) + " from " +
           (envelope.sender() ? envelope.sender()->path() : "nobody");
}

}  // namespace motet
