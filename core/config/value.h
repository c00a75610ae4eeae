// Values of settings as text: what each kind accepts, and what a text means.
// Knows: the kinds and the rules for texts. Must never know: which keys exist.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/config/settings.h"

namespace motet {

std::optional<bool> parse_boolean(std::string_view text);
std::optional<int64_t> parse_integer(std::string_view text);
std::optional<double> parse_real(std::string_view text);
std::optional<Nanos> parse_duration(std::string_view text);
std::optional<int64_t> parse_size(std::string_view text);
std::vector<std::string> parse_list(std::string_view text);

// Whether a setting takes this value.
bool accepted(const Setting &setting, std::string_view text);

// What a setting takes, to stand behind "expected": "an integer from 0 to 65535".
std::string describe_accepted(const Setting &setting);

std::string_view trim(std::string_view text);

}  // namespace motet
