#include "core/message/codec.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include <msgpack.hpp>
#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/message/fields.h"

namespace motet {

namespace {

using Json = nlohmann::ordered_json;  // a map keeps its order

constexpr size_t kMaxDepth = 64;
constexpr std::string_view kRefKey = "$ref";

// Why a value cannot be in the other form; thrown from within the parser, which gives no other way out.
struct Refusal {
    std::string why;
};

std::string too_deep() { return "it is nested deeper than " + std::to_string(kMaxDepth); }

// Writes JSON while the parser of MessagePack goes through a value.
class JsonWriter : public msgpack::null_visitor {
  public:
    std::string text;
    std::string problem;

    bool visit_nil() { return put("null"); }
    bool visit_boolean(bool value) { return put(value ? "true" : "false"); }
    bool visit_positive_integer(uint64_t value) { return put(std::to_string(value)); }
    bool visit_negative_integer(int64_t value) { return put(std::to_string(value)); }
    bool visit_float32(float value) { return visit_float64(static_cast<double>(value)); }

    bool visit_float64(double value) {
        if (!std::isfinite(value)) {
            return refuse("JSON has no infinity and no NaN");
        }
        char digits[32];
        std::string_view written(digits,
                                 static_cast<size_t>(std::to_chars(digits, std::end(digits), value).ptr - digits));
        const bool whole = written.find_first_of(".e") == std::string_view::npos;
        return put(std::string(written) + (whole ? ".0" : ""));  // so that it stays a float
    }

    bool visit_str(const char *data, uint32_t size) {
        const std::string_view value(data, size);
        if (!is_utf8(value)) {
            return refuse("a text in it is not UTF-8");
        }
        if (is_key_ && value == kRefKey) {
            return refuse("a key may not be \"$ref\" in JSON, where that is a ref");
        }
        put_json_text(text, value);
        return true;
    }

    bool visit_bin(const char *, uint32_t) { return refuse("JSON has no binaries"); }

    bool visit_ext(const char *data, uint32_t size) {
        if (size == 0 || data[0] != kRefExtension) {
            return refuse("JSON has no extensions but refs");
        }
        return start_map(1) && (put("\"$ref\":"), visit_str(data + 1, size - 1)) && end_map();
    }

    bool start_array(uint32_t) { return put("[") && enter(); }
    bool start_array_item() { return next(); }
    bool end_array() { return leave("]"); }
    bool start_map(uint32_t) { return put("{") && enter(); }
    bool start_map_key() {
        is_key_ = true;
        return next();
    }
    bool end_map_key() {
        is_key_ = false;
        return put(":");
    }
    bool end_map() { return leave("}"); }

  private:
    // False ends the parsing.
    bool refuse(std::string why) {
        problem = std::move(why);
        return false;
    }

    bool put(std::string_view written) {
        if (is_key_) {
            return refuse("a key in JSON is a text");
        }
        text += written;
        return true;
    }

    bool next() {
        if (text.back() != '[' && text.back() != '{') {  // a text ends with its quote
            text += ',';
        }
        return true;
    }

    bool enter() { return ++depth_ <= kMaxDepth || refuse(too_deep()); }

    bool leave(std::string_view end) {
        --depth_;
        return put(end);
    }

    size_t depth_ = 0;
    bool is_key_ = false;
};

// Adds to a buffer what msgpack-cxx packs.
struct Sink {
    std::string bytes;
    void write(const char *data, size_t size) { bytes.append(data, size); }
};

using Packer = msgpack::packer<Sink>;

void pack_text(Packer &packer, const std::string &text) {
    packer.pack_str(static_cast<uint32_t>(text.size())).pack_str_body(text.data(), static_cast<uint32_t>(text.size()));
}

// The packer would make a whole number of a float without a fraction.
void pack_float(Sink &sink, double value) {
    const uint64_t bits = std::bit_cast<uint64_t>(value);
    sink.bytes += '\xcb';
    for (int shift = 56; shift >= 0; shift -= 8) {
        sink.bytes += static_cast<char>(bits >> shift);
    }
}

// As deep as the parser has let it be.
void pack(Sink &sink, const Json &json) {
    Packer packer(sink);
    switch (json.type()) {
    case Json::value_t::boolean:
        packer.pack(json.get<bool>());
        break;
    case Json::value_t::number_integer:
        packer.pack(json.get<int64_t>());
        break;
    case Json::value_t::number_unsigned:
        packer.pack(json.get<uint64_t>());
        break;
    case Json::value_t::number_float:
        pack_float(sink, json.get<double>());
        break;
    case Json::value_t::string:
        pack_text(packer, json.get_ref<const std::string &>());
        break;
    case Json::value_t::array:
        packer.pack_array(static_cast<uint32_t>(json.size()));
        for (const Json &item : json) {
            pack(sink, item);
        }
        break;
    case Json::value_t::object:
        if (json.contains(kRefKey)) {
            if (json.size() != 1 || !json.front().is_string()) {
                throw Refusal{"the key \"$ref\" stands alone, with the path of a ref"};
            }
            const auto &path = json.front().get_ref<const std::string &>();
            packer.pack_ext(path.size(), kRefExtension).pack_ext_body(path.data(), static_cast<uint32_t>(path.size()));
            break;
        }
        packer.pack_map(static_cast<uint32_t>(json.size()));
        for (const auto &[key, item] : json.items()) {
            pack_text(packer, key);
            pack(sink, item);
        }
        break;
    default:
        packer.pack_nil();
    }
}

}  // namespace

std::string_view codec_of(std::string_view type_name) {
    const size_t plus = type_name.find('+');
    return plus == std::string_view::npos ? "msgpack" : type_name.substr(plus + 1);
}

bool names_codec_well(std::string_view type_name) {
    const std::string_view codec = codec_of(type_name);
    return type_name.front() != '+' && !codec.empty() && std::all_of(codec.begin(), codec.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
           });
}

Result<std::string> json_from_msgpack(Bytes value) {
    JsonWriter writer;
    size_t end = 0;
    bool whole = false;
    try {
        whole = msgpack::parse(reinterpret_cast<const char *>(value.data()), value.size(), end, writer);
    } catch (const msgpack::unpack_error &) {  // an extension of 4 GiB
    }
    if (!writer.problem.empty()) {
        return Status(Code::MALFORMED, "the value cannot be JSON: " + writer.problem);
    }
    if (!whole || end != value.size()) {
        return Status(Code::MALFORMED, "the value is not one value of MessagePack");
    }
    return std::move(writer.text);
}

Result<std::string> json_to_msgpack(std::string_view json) {
    try {
        const Json value = Json::parse(json, [](int depth, Json::parse_event_t event, const Json &) {
            if (event != Json::parse_event_t::value && depth >= static_cast<int>(kMaxDepth)) {
                throw Refusal{too_deep()};
            }
            return true;
        });
        Sink sink;
        pack(sink, value);
        return std::move(sink.bytes);
    } catch (const Refusal &refusal) {
        return Status(Code::MALFORMED, "the JSON is refused: " + refusal.why);
    } catch (const Json::exception &error) {
        return Status(Code::MALFORMED, std::string("the text is not JSON: ") + error.what());
    }
}

}  // namespace motet
