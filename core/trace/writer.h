// SpanWriter appends what a recorder holds to a file, every so often, on a thread of its own.
// Knows: the recorder, a file. Must never know: what the spans are about.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/log.h"
#include "core/trace/recorder.h"

namespace motet {

class SpanWriter {
  public:
    struct Options {
        std::string path;
        Nanos flush_interval;
        std::vector<Attribute> resource;  // of the process: service.name, service.instance.id, ...
    };

    // Opens the file and starts. IO naming the file, or NO_THREAD. recorder and logger must outlive the writer.
    static Result<std::unique_ptr<SpanWriter>> start(SpanRecorder &recorder, Logger &logger, Options options);

    // Writes what is left and ends the thread.
    ~SpanWriter();

  private:
    SpanWriter(SpanRecorder &recorder, Logger &logger, Options options, int file);

    void run();
    void flush();
    bool append(const std::string &line);

    SpanRecorder &recorder_;
    Logger &logger_;
    const Options options_;
    const int file_;
    bool torn_ = false;    // the last line of the file has no end
    bool failed_ = false;  // the last write failed, and the log says so
    std::mutex mutex_;
    std::condition_variable ending_;
    bool end_ = false;
    std::thread thread_;
};

}  // namespace motet
