// Dispatchers are who runs the actors of a system, by name: "default", "blocking", "internal", "pinned" (a thread for
// each actor that asks), and those that are configured.
// Knows: names, settings. Must never know: actors.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/clock.h"
#include "core/base/status.h"
#include "core/config/config.h"
#include "core/dispatch/dispatcher.h"

namespace motet {

class Dispatchers {
  public:
    // Makes a dispatcher with threads of its own.
    using Maker = std::function<Result<std::unique_ptr<Dispatcher>>(const std::string &name, int threads, Slice slice)>;

    // Empty: thread pools.
    Dispatchers(const Config &config, Maker maker);
    ~Dispatchers();

    // BAD_VALUE with the names there are, unless this is one.
    Status check(const std::string &name) const;

    // The dispatcher with a name, which is made when it is first asked for; "pinned" makes one every time. Errors:
    // BAD_VALUE, NO_THREAD, CLOSED.
    Result<Dispatcher *> get(const std::string &name);

    // The actor of a pinned dispatcher has ended, on its thread; internal runs what is to be done about that thread.
    void release(Dispatcher &pinned, Dispatcher &internal);

    // How long the dispatcher with a name has made no progress though it has work, as far as calls of this function
    // could see. NOT_FOUND for one that was never used.
    Result<Nanos> progress_age(const std::string &name, Nanos now);

    // Ends all threads; none is made any more. False: one has not ended before the deadline, a time of clock, and all
    // must be kept for ever. Idempotent.
    bool shut_down(const Clock &clock, Nanos deadline);

  private:
    struct Pinned;

    struct Named {
        std::unique_ptr<Dispatcher> dispatcher;
        uint64_t seen_slices = 0;
        Nanos seen_at = 0;
    };

    Result<std::unique_ptr<Dispatcher>> make(const std::string &name);
    void end(const Pinned &pinned);

    const Config &config_;
    const Maker maker_;
    std::mutex mutex_;
    std::map<std::string, Named> named_;         // under mutex_
    std::list<std::unique_ptr<Pinned>> pinned_;  // under mutex_
    bool closed_ = false;                        // under mutex_
};

}  // namespace motet
