#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "core/config/value.h"

namespace motet {
namespace {

const char *const kPath = "docs/configuration.md";  // tests run in the root of the repository

const char *const kIntroduction = R"(# Configuration

Generated from core/config/settings.def by scripts/generate-configuration; do not edit.

A system is configured by settings: a key, and a value as text. Later sources win over earlier ones, in the order in
which the program reads them:

- `motet_config_new()`: the defaults below.
- `motet_config_load_file()`: a TOML file. Tables make keys with dots, arrays make lists. `[cluster]` with
  `seed-nodes = ["motet.tcp://choir@10.0.0.1:7355"]` sets `cluster.seed-nodes`.
- `motet_config_load_environment()`: variables `MOTET_*`; a dot is two underscores, a dash is one.
  `MOTET_CLUSTER__SEED_NODES` sets `cluster.seed-nodes`. Names that the user chooses are in small letters there.
- `motet_config_set()`: one key.

Durations and sizes have a unit (`500ms`, `1.5s`, `64KiB`, `10MB`), lists have commas. `<name>` in a key stands for a name
that the user chooses; one with other characters than letters, digits, `-` and `_` is written in double quotes. An
unknown key, a value that is not accepted and a `MOTET_*` variable that is no setting (those that start with
`MOTET_TEST_` excepted) are errors.

| key | default | accepted | meaning |
|---|---|---|---|
)";

std::string escaped(std::string_view text) {
    std::string result;
    for (char c : text) {
        result += c == '|' ? std::string("\\|") : std::string(1, c);
    }
    return result;
}

std::string document() {
    std::string text = kIntroduction;
    for (const Setting &setting : kSettings) {
        std::string standard = setting.standard.empty() ? "(empty)" : "`" + std::string(setting.standard) + "`";
        text += "| `" + std::string(setting.key) + "` | " + standard + " | " + escaped(describe_accepted(setting)) +
                " | " + escaped(setting.meaning) + " |\n";
    }
    return text;
}

// With MOTET_TEST_WRITE set the page is written first; scripts/generate-configuration does that.
TEST(Documentation, ListsTheTableOfSettings) {
    if (std::getenv("MOTET_TEST_WRITE") != nullptr) {
        std::ofstream(kPath) << document();
    }
    std::ostringstream committed;
    committed << std::ifstream(kPath).rdbuf();
    EXPECT_EQ(committed.str(), document())
        << "docs/configuration.md is out of date, run scripts/generate-configuration";
}

// Every file of the engine, and of the library it may load, in one text.
std::string engine_sources() {
    std::ostringstream text;
    for (const char *room : {"core", "capi/src", "etcd/src"}) {
        for (const auto &entry : std::filesystem::recursive_directory_iterator(room)) {
            if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h") {
                text << std::ifstream(entry.path()).rdbuf();
            }
        }
    }
    return text.str();
}

TEST(Settings, EachIsReadByTheEngine) {
    const std::string sources = engine_sources();
    for (const Setting &setting : kSettings) {
        EXPECT_NE(sources.find('"' + std::string(setting.key) + '"'), std::string::npos) << setting.key;
    }
}

}  // namespace
}  // namespace motet
