// The programs of the Savina suite that are measured here, each in a file of its own, over the C++ layer alone; and
// what they share. Messages and parameters are the suite's; each program gives the seconds from its first spawn to its
// end. Source: S. Imam, V. Sarkar, "Savina: An Actor Benchmark Suite", 2014.
#pragma once

#include <motet/motet.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace savina {

double ping_pong();
double counting();
double fork_join_throughput();
double fork_join_creation();
double thread_ring();
double big();
double chameneos();
double concurrent_dictionary();
double bank_transaction();
double dining_philosophers();

// The suite's actors send as fast as they can, so mailboxes are as large as the largest of its bursts.
inline motet::Config config() {
    motet::Config config;
    config.set("remote.enabled", "off").set("log.level", "warning").set("actor.mailbox-capacity", "2000000");
    return config;
}

// How long an answer may take.
inline constexpr std::chrono::minutes patience{1};

class Stopwatch {
  public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Ends the program when its result is wrong.
template <class Value> void expect(const char *what, const Value &found, const Value &expected) {
    if (found != expected) {
        std::fprintf(stderr, "savina: %s: %.17g instead of %.17g\n", what, static_cast<double>(found),
                     static_cast<double>(expected));
        std::exit(1);
    }
}

}  // namespace savina
