// Figures of local actors, through the C interface.
#include "bench/actor/figures.h"
#include "bench/figure.h"

int main(int count, char **names) {
    using namespace motet::bench;
    return run(
        {
            {"actor.pingpong.1", print_pingpong_1},
            {"actor.pingpong.8", print_pingpong_8},
            {"actor.tell.1to1", print_tell_1to1},
            {"actor.tell.4to1", print_tell_4to1},
            {"actor.spawn", print_spawn},
            {"actor.memory.idle", print_idle_memory},
            {"actor.memory.message", print_message_memory},
            {"actor.skynet", print_skynet},
            {"actor.trace", print_trace},
            {"actor.idle.wakeups", print_idle_wakeups},
            {"actor.latency.median", print_latency_median},
            {"actor.latency.p99", print_latency_p99},
            {"actor.timers", print_timers},
        },
        count, names);
}
