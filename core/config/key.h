// Keys as the user writes them: found in the table, or told which one is nearest.
// Knows: how keys are spelled, and the table. Must never know: values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/settings.h"

namespace motet {

// The parts of a key: separated by dots; a part in double quotes may contain dots. Nothing when it is malformed.
std::optional<std::vector<std::string>> split_key(std::string_view key);

// The parts as one key, quotes only where they are needed.
std::string join_key(const std::vector<std::string> &parts);

// Whether the key of a setting ends in a part for the user to choose: that may be several, with dots between them.
constexpr bool is_open(const Setting &setting) { return setting.key.ends_with('>'); }

// The setting that a key names, also when its key has a part for the user to choose; nullptr when there is none.
const Setting *find_setting(const std::vector<std::string> &parts);

// The key in the table that looks most like this one.
std::string_view nearest_key(std::string_view key);

}  // namespace motet
