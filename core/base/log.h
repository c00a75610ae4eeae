// Logger writes what the engine has to say to people; each system owns one.
// Knows: a level, a sink. Must never know: process-wide registries, other systems' loggers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace motet {

enum class LogLevel { debug, info, warning, error, off };

class Logger {
  public:
    // Writes to standard error, each line with name in front.
    Logger(std::string name, LogLevel level);
    ~Logger();

    bool enabled(LogLevel level) const { return level >= level_; }
    void log(LogLevel level, std::string_view text);

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
