#include "core/base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace motet {

// A private logger: never in spdlog's registry, never its thread pool, so that nothing of ours outlives the system.
struct Logger::Sink {
    spdlog::logger logger;
};

static spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
    case LogLevel::debug:
        return spdlog::level::debug;
    case LogLevel::info:
        return spdlog::level::info;
    case LogLevel::warning:
        return spdlog::level::warn;
    case LogLevel::error:
        return spdlog::level::err;
    case LogLevel::off:
        return spdlog::level::off;
    }
    return spdlog::level::off;
}

Logger::Logger(std::string name, LogLevel level) : level_(level) {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink_ = std::make_unique<Sink>(Sink{spdlog::logger(std::move(name), std::move(sink))});
    sink_->logger.set_level(spdlog_level(level));
    sink_->logger.set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %n: %v");
}

Logger::~Logger() = default;

void Logger::log(LogLevel level, std::string_view text) {
    if (enabled(level)) {
        sink_->logger.log(spdlog_level(level), spdlog::string_view_t(text.data(), text.size()));
    }
}

}  // namespace motet
