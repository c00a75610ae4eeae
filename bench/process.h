// What the operating system tells of a process.
// Knows: /proc. Must never know: what the process does.
#pragma once

#include <fstream>
#include <string>
#include <sys/types.h>

namespace motet::bench {

struct Memory {  // bytes
    double resident = 0;
    double most = 0;  // that were resident at a time, since forget_most()
};

inline Memory memory_of(pid_t process) {
    Memory memory;
    std::ifstream file("/proc/" + std::to_string(process) + "/status");
    for (std::string word; file >> word;) {
        double *value = word == "VmRSS:" ? &memory.resident : word == "VmHWM:" ? &memory.most : nullptr;
        if (value != nullptr && file >> *value) {
            *value *= 1024;
        }
    }
    return memory;
}

inline void forget_most(pid_t process) { std::ofstream("/proc/" + std::to_string(process) + "/clear_refs") << 5; }

}  // namespace motet::bench
