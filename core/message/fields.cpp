#include "core/message/fields.h"

#include <algorithm>

#include <msgpack.hpp>

namespace motet {

namespace {

constexpr int kMaxDepth = 256;  // values nested deeper are refused

// Follows the parser through a map, and keeps the values that stand behind the wanted names at its top.
class Finder : public msgpack::null_visitor {
  public:
    Finder(std::span<const std::string_view> names, std::span<Field> found)
        : names_(names), found_(found), missing_(names.size()) {}

    bool complete() const { return missing_ == 0; }
    bool is_map() const { return is_map_; }

    bool visit_nil() { return keep({Field::Kind::other}); }
    bool visit_boolean(bool) { return keep({Field::Kind::other}); }
    bool visit_float32(float) { return keep({Field::Kind::other}); }
    bool visit_float64(double) { return keep({Field::Kind::other}); }
    bool visit_positive_integer(uint64_t number) { return keep({Field::Kind::integer, {}, number}); }
    bool visit_negative_integer(int64_t number) {  // also called for others that are written with a sign
        return keep({Field::Kind::integer, {}, static_cast<uint64_t>(number), number < 0});
    }
    bool visit_bin(const char *data, uint32_t size) { return keep({Field::Kind::binary, {data, size}}); }
    bool visit_ext(const char *data, uint32_t size) {
        bool ref = size > 0 && data[0] == kRefExtension;
        return keep(ref ? Field{Field::Kind::ref, {data + 1, size - 1}} : Field{Field::Kind::other});
    }

    bool visit_str(const char *data, uint32_t size) {
        if (!in_key_ || depth_ != 1) {
            return keep({Field::Kind::text, {data, size}});
        }
        auto name = std::find(names_.begin(), names_.end(), std::string_view(data, size));
        wanted_ = name == names_.end() ? nullptr : &found_[static_cast<size_t>(name - names_.begin())];
        return true;
    }

    bool start_map_key() {
        if (depth_ == 1) {
            in_key_ = true;
            wanted_ = nullptr;
        }
        return true;
    }
    bool end_map_key() {
        in_key_ = in_key_ && depth_ != 1;
        return true;
    }

    bool start_map(uint32_t) {
        is_map_ = is_map_ || depth_ == 0;
        return enter();
    }
    bool end_map() { return leave(); }
    bool start_array(uint32_t) { return enter(); }
    bool end_array() { return leave(); }

  private:
    // False ends the parsing: nothing more is wanted.
    bool keep(Field value) {
        if (depth_ == 1 && !in_key_ && wanted_ && wanted_->is(Field::Kind::absent)) {
            *wanted_ = value;
            return --missing_ > 0;
        }
        return depth_ > 0;
    }

    bool enter() { return keep({Field::Kind::other}), is_map_ && ++depth_ < kMaxDepth; }
    bool leave() {
        --depth_;
        return true;
    }

    std::span<const std::string_view> names_;
    std::span<Field> found_;
    size_t missing_;
    Field *wanted_ = nullptr;  // where the value goes that comes next
    int depth_ = 0;
    bool in_key_ = false;
    bool is_map_ = false;
};

}  // namespace

bool find_fields(Bytes map, std::span<const std::string_view> names, std::span<Field> found) {
    Finder finder(names, found);
    bool whole = false;
    try {
        size_t end = 0;
        whole = msgpack::parse(reinterpret_cast<const char *>(map.data()), map.size(), end, finder);
    } catch (const msgpack::unpack_error &) {  // an extension of 4 GiB
    }
    return finder.is_map() && (whole || finder.complete());
}

}  // namespace motet
