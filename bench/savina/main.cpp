// Times of programs of the Savina suite.
#include "bench/figure.h"
#include "bench/savina/savina.h"

namespace {

template <double (*program)()> void print(const char *name) { motet::bench::print_median(name, "s", program); }

}  // namespace

int main(int count, char **names) {
    return motet::bench::run(
        {
            {"savina.ping-pong", print<savina::ping_pong>},
            {"savina.counting", print<savina::counting>},
            {"savina.fork-join-throughput", print<savina::fork_join_throughput>},
            {"savina.fork-join-creation", print<savina::fork_join_creation>},
            {"savina.thread-ring", print<savina::thread_ring>},
            {"savina.big", print<savina::big>},
            {"savina.chameneos", print<savina::chameneos>},
            {"savina.concurrent-dictionary", print<savina::concurrent_dictionary>},
            {"savina.bank-transaction", print<savina::bank_transaction>},
            {"savina.dining-philosophers", print<savina::dining_philosophers>},
        },
        count, names);
}
