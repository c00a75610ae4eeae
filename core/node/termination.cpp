#include "core/node/termination.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <mutex>

#include "core/base/thread.h"

namespace motet {

namespace {

// What the handler reads. It may run at any moment on any thread, so all of it stays for ever once it is there.
struct {
    std::atomic<int> descriptor{-1};  // an eventfd
    std::atomic<bool> wanted{false};  // some node wants to be told
    std::atomic<pid_t> process{0};    // whose nodes they are: not those of a forked child
    struct sigaction before {};
} signalled;

// Does what would have been done without us.
void pass_on(int number, siginfo_t *info, void *context, bool also_default) {
    const struct sigaction &before = signalled.before;
    if ((before.sa_flags & SA_SIGINFO) != 0) {
        before.sa_sigaction(number, info, context);
    } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        before.sa_handler(number);
    } else if (before.sa_handler == SIG_DFL && also_default) {
        signal(number, SIG_DFL);
        raise(number);  // comes when this handler returns
    }
}

// Only calls that are allowed in a signal handler, and errno as it was.
void on_signal(int number, siginfo_t *info, void *context) {
    const int error = errno;
    const bool ours = signalled.wanted.load() && signalled.process.load() == getpid();
    if (ours) {
        const uint64_t one = 1;
        (void)!write(signalled.descriptor.load(), &one, sizeof one);
    }
    pass_on(number, info, context, !ours);
    errno = error;
}

bool is_ours(const struct sigaction &action) {
    return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == on_signal;
}

Status failed(const char *what) {
    return {Code::IO, std::string("SIGTERM cannot be watched for: ") + what + ": " + std::strerror(errno)};
}

// Who wants to be told, and the thread that tells them.
class Watch {
  public:
    Status add(const void *key, std::function<void()> asked) {
        std::lock_guard lock(installing_);
        if (!thread_.joinable()) {
            if (Status installed = install(); !installed.ok()) {
                return installed;
            }
        }
        std::lock_guard telling(mutex_);
        asked_.emplace(key, std::move(asked));
        return {};
    }

    void remove(const void *key) {
        std::lock_guard lock(installing_);
        {
            std::lock_guard telling(mutex_);
            asked_.erase(key);
            if (!asked_.empty()) {
                return;
            }
            stopping_ = true;
        }
        uninstall();
    }

  private:
    Status install() {  // REQUIRES installing_, as uninstall()
        if (signalled.descriptor < 0) {
            signalled.descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
            if (signalled.descriptor < 0) {
                return failed("eventfd");
            }
        }
        (void)take();  // what came when nobody wanted it any more
        stopping_ = false;
        Result<std::thread> thread = start_thread("motet-signal", [this] { tell(); });
        if (!thread.ok()) {
            return std::move(thread.status());
        }
        thread_ = std::move(thread.value());
        signalled.process = getpid();
        signalled.wanted = true;
        struct sigaction present {};
        sigaction(SIGTERM, nullptr, &present);
        if (!is_ours(present)) {  // it is when somebody has put it back
            signalled.before = present;
            struct sigaction action {};
            action.sa_sigaction = on_signal;
            action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
            sigaction(SIGTERM, &action, nullptr);
        }
        return {};
    }

    void uninstall() {
        signalled.wanted = false;
        struct sigaction present {};
        sigaction(SIGTERM, nullptr, &present);
        if (is_ours(present)) {
            sigaction(SIGTERM, &signalled.before, nullptr);
        }
        eventfd_write(signalled.descriptor, 1);
        thread_.join();
    }

    static bool take() {
        eventfd_t count;
        return eventfd_read(signalled.descriptor, &count) == 0;
    }

    void tell() {
        pollfd readable{signalled.descriptor, POLLIN, 0};
        for (;;) {
            poll(&readable, 1, -1);
            const bool came = take();
            std::lock_guard lock(mutex_);
            if (stopping_) {
                return;
            }
            for (const auto &[key, asked] : asked_) {
                if (came) {
                    asked();
                }
            }
        }
    }

    std::mutex installing_;
    std::thread thread_;  // under installing_
    std::mutex mutex_;
    std::map<const void *, std::function<void()>> asked_;  // under mutex_
    bool stopping_ = false;                                // under mutex_, or while there is no thread
};

Watch &watch() {
    static auto *instance = new Watch;  // never destroyed: a signal may still come at exit
    return *instance;
}

}  // namespace

Status Termination::start(std::function<void()> asked) {
    Status added = watch().add(this, std::move(asked));
    started_ = added.ok();
    return added;
}

void Termination::stop() {
    if (std::exchange(started_, false)) {
        watch().remove(this);
    }
}

}  // namespace motet
