#include "core/base/thread.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

namespace motet {

static thread_local bool engine_thread = false;

bool on_engine_thread() { return engine_thread; }

bool prepare_barriers() { return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0; }

void barrier_on_all_threads() { syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0); }

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
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (!thread.joinable()) {
        return Status(Code::NO_THREAD, "thread \"" + name + "\" could not be started: " + problem);
    }
    return thread;
}

}  // namespace motet
