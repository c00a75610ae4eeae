// TOML files of settings; and single settings, a key and a value with a "=" between them, as they come from variables.
#include "core/config/config.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using namespace motet;
    const std::string_view text = fuzz::as_text(data, size);
    Config config;
    const Status loaded = config.load(text, "file.toml");
    fuzz::require(loaded.ok() || loaded.message().starts_with("file.toml:"), "a refusal names the file");
    const size_t equals = std::min(text.find('='), text.size());
    const std::string_view key = text.substr(0, equals);
    const std::string_view value = text.substr(std::min(equals + 1, text.size()));
    Config single;
    if (const Status set = single.set(key, value); set.ok()) {
        fuzz::require(single.get(key).ok(), "what was set can be read");
    } else {
        fuzz::require(!set.message().empty(), "a refusal says why");
    }
    return 0;
}
