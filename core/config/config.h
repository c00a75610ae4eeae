// Config holds the settings of one system: the defaults of the table, and over them what the user has set.
// Knows: present values. Must never know: who reads them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/status.h"
#include "core/config/settings.h"

namespace motet {

class Config {
  public:
    // UNKNOWN_KEY with the nearest key there is, or BAD_VALUE with what would be accepted; then nothing has changed.
    Status set(std::string_view key, std::string_view value);

    // The value as text, the default where it was not set. UNKNOWN_KEY.
    Result<std::string> get(std::string_view key) const;

    // Reads a TOML file over the present values; tables make keys with dots, arrays make lists. IO, TOO_LARGE,
    // MALFORMED, UNKNOWN_KEY or BAD_VALUE, with the line; then nothing has changed.
    Status load_file(const std::string &path);

    // The same for the text of such a file; where is what stands before the line in an error.
    Status load(std::string_view toml, const std::string &where);

    // Reads MOTET_CLUSTER__SEED_NODES as cluster.seed-nodes. UNKNOWN_KEY or BAD_VALUE, naming the variable; then
    // nothing has changed.
    Status load_environment();

    // Values by kind. name takes the place of <name> in the key, where it has one.
    bool boolean(KeyOf<Kind::boolean> key, std::string_view name = {}) const;
    int64_t integer(KeyOf<Kind::integer> key, std::string_view name = {}) const;
    double real(KeyOf<Kind::real> key, std::string_view name = {}) const;
    Nanos duration(KeyOf<Kind::duration> key, std::string_view name = {}) const;
    int64_t size(KeyOf<Kind::size> key, std::string_view name = {}) const;
    std::string text(KeyOf<Kind::text, Kind::choice> key, std::string_view name = {}) const;
    std::vector<std::string> list(KeyOf<Kind::list> key, std::string_view name = {}) const;

    // The names the user has chosen below a prefix: "backend" of cluster.role.backend.min-members for "cluster.role".
    std::vector<std::string> names(std::string_view prefix) const;

    // All values of a setting whose key ends in a part for the user to choose, by that part without quotes. name takes
    // the place of the part before that.
    std::map<std::string, std::string> texts(KeyOf<Kind::text> key, std::string_view name) const;

  private:
    std::string value(const Setting &setting, std::string_view name) const;

    std::map<std::string, std::string, std::less<>> values_;  // only what was set
};

}  // namespace motet
