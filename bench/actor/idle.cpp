// actor.idle.wakeups: how often the threads of an idle system wake up.
#include <dirent.h>

#include <fstream>
#include <thread>

#include "bench/actor/figures.h"
#include "bench/actor/stage.h"

namespace motet::bench {
namespace {

using namespace std::chrono_literals;

int64_t voluntary_switches(const std::string &thread) {
    const std::string key = "voluntary_ctxt_switches:";
    std::ifstream file("/proc/self/task/" + thread + "/status");
    std::string word;
    int64_t switches = 0;
    while (file >> word && word != key) {
    }
    file >> switches;
    return switches;
}

// Of all threads but the first, which measures.
int64_t switches_of_others() {
    int64_t switches = 0;
    DIR *threads = opendir("/proc/self/task");
    while (dirent *entry = threads ? readdir(threads) : nullptr) {
        std::string thread = entry->d_name;
        if (thread[0] != '.' && thread != std::to_string(getpid())) {
            switches += voluntary_switches(thread);
        }
    }
    closedir(threads);
    return switches;
}

int32_t take_ball(motet_context_t *, const motet_message_t *message, void *state) {
    auto &stage = *static_cast<Stage *>(state);
    if (motet_message_type(message) != stage.ball) {
        return MOTET_E_UNHANDLED;
    }
    stage.raise();
    return MOTET_OK;
}

}  // namespace

void print_idle_wakeups(const char *name) {
    Stage stage;
    motet_ref_t *ref = stage.spawn(take_ball, &stage);
    stage.tell(ref, stage.ball);
    stage.await();
    std::this_thread::sleep_for(1s);
    auto start = std::chrono::steady_clock::now();
    int64_t before = switches_of_others();
    std::this_thread::sleep_for(5s);
    print_figure(name, static_cast<double>(switches_of_others() - before) / seconds_since(start), "wakeups/s");
    stage.close();
    motet_ref_free(ref);
}

}  // namespace motet::bench
