// Figures as scripts/bench prints them, and what every benchmark needs to make one.
// Knows: clocks, medians, one line's form, that each figure has a process of its own. Must never know: what is
// measured.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <motet/motet.h>

namespace motet::bench {

using Seconds = std::chrono::duration<double>;

inline constexpr double kMillisecond = 1e-3;
inline constexpr double kMicrosecond = 1e-6;
inline constexpr double kNanosecond = 1e-9;

inline double seconds_since(std::chrono::steady_clock::time_point start) {
    return Seconds(std::chrono::steady_clock::now() - start).count();
}

// The value below which this share of the values lies.
inline double quantile(std::vector<double> values, double share) {
    auto index = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size()));
    auto place = values.begin() + std::min(index, static_cast<std::ptrdiff_t>(values.size()) - 1);
    std::nth_element(values.begin(), place, values.end());
    return *place;
}

inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

// A value beside the same of a yardstick.
struct Yardstick {
    const char *name;
    double value;
};

// Three digits at least.
inline int decimals(double value) {
    return value >= 1000 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : value >= 0.1 ? 3 : 4;
}

inline void print_figure(const char *name, double value, const char *unit) {
    std::printf("figure %s %.*f %s\n", name, decimals(value), value, unit);
    std::fflush(stdout);
}

inline void print_figure(const char *name, double value, const char *unit, const Yardstick &yardstick) {
    std::printf("figure %s %.*f %s ratio %.2f of %s\n", name, decimals(value), value, unit, value / yardstick.value,
                yardstick.name);
    std::fflush(stdout);
}

using Measure = std::function<double()>;
inline constexpr int kRounds = 5;

inline void print_median(const char *name, const char *unit, const Measure &measure) {
    std::vector<double> values;
    measure();  // warms caches, memory and processor
    for (int i = 0; i < kRounds; ++i) {
        values.push_back(measure());
    }
    print_figure(name, median(values), unit);
}

// Measure and yardstick take turns, so that what the machine does besides strikes both.
inline void print_median(const char *name, const char *unit, const Measure &measure, const char *yardstick,
                         const Measure &measure_yardstick) {
    std::vector<double> values, yardsticks;
    measure_yardstick();
    measure();
    for (int i = 0; i < kRounds; ++i) {
        yardsticks.push_back(measure_yardstick());
        values.push_back(measure());
    }
    print_figure(name, median(values), unit, {yardstick, median(yardsticks)});
}

// Ends the benchmark when a call that must succeed has failed.
inline void check(motet_error_t *error) {
    if (error != nullptr) {
        std::fprintf(stderr, "bench: %s: %s\n", motet_code_name(motet_error_code(error)), motet_error_message(error));
        std::exit(1);
    }
}

inline void check(int64_t code) {
    if (code < 0) {
        std::fprintf(stderr, "bench: %s\n", motet_code_text(static_cast<int32_t>(code)));
        std::exit(1);
    }
}

struct Figure {
    const char *name;
    void (*print)(const char *name);
};

// Prints a figure in a process of its own, which has neither the memory nor the threads of another; whether it could.
inline bool print_apart(const Figure &figure) {
    pid_t process = fork();
    if (process == 0) {
        figure.print(figure.name);
        std::exit(0);
    }
    int status = 0;
    return process > 0 && waitpid(process, &status, 0) == process && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Prints the figures whose names were given, in the order given.
inline int run(const std::vector<Figure> &figures, int count, char **names) {
    for (int i = 1; i < count; ++i) {
        auto wanted = std::find_if(figures.begin(), figures.end(),
                                   [&](const Figure &f) { return f.name == std::string(names[i]); });
        if (wanted == figures.end()) {
            std::fprintf(stderr, "bench: no figure is called %s\n", names[i]);
            return 2;
        }
        if (!print_apart(*wanted)) {
            return 1;
        }
    }
    return 0;
}

}  // namespace motet::bench
