// The table of settings as data, and keys that the compiler checks against it.
// Knows: each setting's key, kind, default, what it accepts and what it means. Must never know: present values.
#pragma once

#include <string_view>

namespace motet {

enum class Kind { boolean, integer, real, duration, size, choice, text, list };

struct Setting {
    std::string_view key;
    Kind kind;
    std::string_view standard;  // the default, as text
    std::string_view accepts;   // see settings.def
    std::string_view meaning;
};

inline constexpr Setting kSettings[] = {
#define MOTET_SETTING(key, kind, standard, accepts, meaning) {key, Kind::kind, standard, accepts, meaning},
#include "core/config/settings.def"
#undef MOTET_SETTING
};

// The key of a setting of one of these kinds. Made of a literal; one that is not in the table does not compile.
template <Kind... kKinds> class KeyOf {
  public:
    consteval KeyOf(const char *key) : setting_(find(key)) {}

    const Setting &setting() const { return *setting_; }

  private:
    static consteval const Setting *find(std::string_view key) {
        for (const Setting &setting : kSettings) {
            if (setting.key == key && ((setting.kind == kKinds) || ...)) {
                return &setting;
            }
        }
        throw "core/config/settings.def has no setting of this kind with this key";
    }

    const Setting *setting_;
};

}  // namespace motet
