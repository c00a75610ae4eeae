// Logger writes what the engine has to say to people; each system owns one.
// Knows: a level, a sink. Must never know: process-wide registries, other systems' loggers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/patience.h"

namespace motet {

enum class LogLevel { debug, info, warning, error, off };

class Logger {
  public:
    // Writes to standard error, each line with name in front.
    Logger(std::string name, LogLevel level);
    ~Logger();

    bool enabled(LogLevel level) const { return level >= level_; }
    void log(LogLevel level, std::string_view text);

    // Writes what text() gives; nothing when there is no memory for it.
    template <typename Text> void write(LogLevel level, Text &&text) {
        if (enabled(level)) {
            (void)if_memory_allows([&] { log(level, text()); });
        }
    }

    void debug(std::string_view text) { log(LogLevel::debug, text); }
    void info(std::string_view text) { log(LogLevel::info, text); }
    void warning(std::string_view text) { log(LogLevel::warning, text); }
    void error(std::string_view text) { log(LogLevel::error, text); }

  private:
    struct Sink;
    LogLevel level_;
    std::unique_ptr<Sink> sink_;
};

}  // namespace motet
