// Config::load_file and Config::load: TOML to keys and values.
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <stdexcept>

// In places the parser takes for granted what a malformed file does not give it, such as a key after "[". What it would
// assert, or with NDEBUG assume, is checked in any case.
[[noreturn]] static void refuse_toml() {
    throw std::logic_error("not TOML: a key is missing, or begins with what is none");
}
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? void() : refuse_toml())
#include <toml++/toml.h>

#include "core/config/config.h"
#include "core/config/key.h"
#include "core/config/value.h"

namespace motet {
namespace {

constexpr size_t kMaxFileSize = 1 << 20;

Result<std::string> read_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(kMaxFileSize + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.is_open() || file.bad()) {
        return Status(Code::IO, "cannot read \"" + path + "\": " + std::strerror(errno));
    }
    text.resize(static_cast<size_t>(file.gcount()));
    if (text.size() > kMaxFileSize) {
        return Status(Code::TOO_LARGE, "\"" + path + "\" has more than the " + std::to_string(kMaxFileSize) +
                                           " bytes a configuration may have");
    }
    return text;
}

// Walks a parsed file and sets what it finds; remembers the first refusal, with its place.
class Reader {
  public:
    Reader(Config &config, const std::string &path) : config_(config), path_(path) {}

    Status table(const toml::table &table) {
        for (auto &&[key, node] : table) {
            parts_.emplace_back(key.str());
            Status status = node.is_table() ? this->table(*node.as_table()) : setting(node);
            if (!status.ok()) {
                return status;
            }
            parts_.pop_back();
        }
        return {};
    }

  private:
    Status setting(const toml::node &node) {
        std::string value;
        bool first = true;
        if (const toml::array *array = node.as_array()) {
            for (auto &&item : *array) {
                auto text = scalar(item);
                if (!text || trim(*text).empty() || text->find(',') != std::string::npos) {
                    return refuse(item, "an item of a list is a text without commas, a number or a boolean");
                }
                value += (first ? "" : ",") + *text;
                first = false;
            }
        } else if (auto text = scalar(node)) {
            value = *text;
        } else {
            return refuse(node, "a value is a text, a number, a boolean or a list of these");
        }
        Status status = config_.set(join_key(parts_), value);
        return status.ok() ? Status() : Status(status.code(), place(node) + status.message());
    }

    static std::optional<std::string> scalar(const toml::node &node) {
        if (auto text = node.as_string()) {
            return text->get();
        }
        if (auto number = node.as_integer()) {
            return std::to_string(number->get());
        }
        if (auto flag = node.as_boolean()) {
            return flag->get() ? "on" : "off";
        }
        if (auto number = node.as_floating_point()) {
            char digits[32];
            auto end = std::to_chars(digits, digits + sizeof digits, number->get()).ptr;
            return std::string(digits, end);
        }
        return std::nullopt;
    }

    Status refuse(const toml::node &node, const char *why) const {
        return {Code::BAD_VALUE, place(node) + join_key(parts_) + ": " + why};
    }

    std::string place(const toml::node &node) const {
        return path_ + ":" + std::to_string(node.source().begin.line) + ": ";
    }

    Config &config_;
    const std::string &path_;
    std::vector<std::string> parts_;
};

}  // namespace

Status Config::load_file(const std::string &path) {
    auto text = read_file(path);
    if (!text.ok()) {
        return std::move(text.status());
    }
    return load(text.value(), path);
}

Status Config::load(std::string_view toml, const std::string &where) {
    toml::parse_result parsed;
    try {
        parsed = toml::parse(toml, where);
    } catch (const std::logic_error &error) {
        return {Code::MALFORMED, where + ": " + error.what()};
    }
    if (!parsed) {
        return {Code::MALFORMED, where + ":" + std::to_string(parsed.error().source().begin.line) + ": " +
                                     std::string(parsed.error().description())};
    }
    Config changed = *this;
    Status status = Reader(changed, where).table(parsed.table());
    if (status.ok()) {
        *this = std::move(changed);
    }
    return status;
}

}  // namespace motet
