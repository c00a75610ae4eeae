// Figures as scripts/bench prints them, and what every benchmark needs to make one.
// Knows: clocks, medians, one line's form. Must never know: what is measured.
#pragma once

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

inline double seconds_since(std::chrono::steady_clock::time_point start) {
    return Seconds(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
    auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

// Measures and yardstick take turns, so that what the machine does besides strikes both; the medians are printed.
inline void print_figure(const char *name, const char *unit, const std::function<double()> &measure,
                         const char *yardstick, const std::function<double()> &measure_yardstick) {
    constexpr int kRounds = 5;
    std::vector<double> values, yardsticks;
    for (int i = 0; i < kRounds; ++i) {
        yardsticks.push_back(measure_yardstick());
        values.push_back(measure());
    }
    double value = median(values);
    std::printf("figure %s %.*f %s ratio %.2f of %s\n", name, value < 1000 ? 1 : 0, value, unit,
                value / median(yardsticks), yardstick);
    std::fflush(stdout);
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
    std::function<void()> print;
};

// Prints the figures whose names were given, in the order given.
inline int run(const std::vector<Figure> &figures, int count, char **names) {
    for (int i = 1; i < count; ++i) {
        auto wanted = std::find_if(figures.begin(), figures.end(),
                                   [&](const Figure &f) { return f.name == std::string(names[i]); });
        if (wanted == figures.end()) {
            std::fprintf(stderr, "bench: no figure is called %s\n", names[i]);
            return 2;
        }
        wanted->print();
    }
    return 0;
}

}  // namespace motet::bench
