#include "core/base/thread.h"

#include <pthread.h>

#include <csignal>
#include <system_error>

namespace motet {

static thread_local bool engine_thread = false;

bool on_engine_thread() { return engine_thread; }

Result<std::thread> start_thread(const std::string &name, std::function<void()> body) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread;
    std::string problem;
    try {
        thread = std::thread([body = std::move(body)] {
            engine_thread = true;
            body();
        });
        pthread_setname_np(thread.native_handle(), name.substr(0, 15).c_str());
    } catch (const std::system_error &error) {
        problem = error.what();
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (!thread.joinable()) {
        return Status(Code::NO_THREAD, "thread \"" + name + "\" could not be started: " + problem);
    }
    return thread;
}

}  // namespace motet
