#include "core/trace/writer.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <span>
#include <unistd.h>

#include "core/base/thread.h"
#include "core/trace/otlp.h"

namespace motet {

// Bounds a line; readers load a line at once.
constexpr size_t kSpansPerLine = 512;

Result<std::unique_ptr<SpanWriter>> SpanWriter::start(SpanRecorder &recorder, Logger &logger, Options options) {
    int file = open(options.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) {
        return Status(Code::IO, "trace.file: cannot open \"" + options.path + "\": " + std::strerror(errno));
    }
    std::unique_ptr<SpanWriter> writer(new SpanWriter(recorder, logger, std::move(options), file));
    auto thread = start_thread("motet-trace", [raw = writer.get()] { raw->run(); });
    if (!thread.ok()) {
        return std::move(thread.status());
    }
    writer->thread_ = std::move(thread.value());
    return writer;
}

SpanWriter::SpanWriter(SpanRecorder &recorder, Logger &logger, Options options, int file)
    : recorder_(recorder), logger_(logger), options_(std::move(options)), file_(file) {}

SpanWriter::~SpanWriter() {
    {
        std::lock_guard lock(mutex_);
        end_ = true;
    }
    ending_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
    close(file_);
}

void SpanWriter::run() {
    std::unique_lock lock(mutex_);
    bool last = false;
    while (!last) {
        last = ending_.wait_for(lock, std::chrono::nanoseconds(options_.flush_interval), [&] { return end_; });
        lock.unlock();
        flush();
        lock.lock();
    }
}

void SpanWriter::flush() {
    std::vector<std::unique_ptr<Span>> spans = recorder_.take();
    std::span<const std::unique_ptr<Span>> rest(spans);
    while (!rest.empty()) {
        auto some = rest.subspan(0, std::min(rest.size(), kSpansPerLine));
        if (!append(otlp_json(some, options_.resource) + "\n")) {
            recorder_.count_dropped(some.size());
        }
        rest = rest.subspan(some.size());
    }
}

// One write for a line wherever the system allows: processes that share the file do not cut each other's lines then.
bool SpanWriter::append(const std::string &line) {
    std::string text = torn_ ? "\n" + line : line;
    size_t written = 0;
    while (written < text.size()) {
        ssize_t count = write(file_, text.data() + written, text.size() - written);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            torn_ = torn_ || written > 0;
            if (!failed_) {
                logger_.error("trace.file: cannot write \"" + options_.path + "\": " + std::strerror(errno));
            }
            failed_ = true;
            return false;
        }
        written += static_cast<size_t>(count);
    }
    torn_ = failed_ = false;
    return true;
}

}  // namespace motet
