// What the operating system tells of a process.
// Knows: /proc. Must never know: what the process does.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <sys/types.h>
#include <unistd.h>

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

// Processor time that the threads of a process have used, in seconds, by their names.
inline std::map<std::string, double> thread_seconds(pid_t process) {
    std::map<std::string, double> seconds;
    for (const auto &thread : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
        std::string line;
        std::getline(std::ifstream(thread.path() / "stat"), line);
        const size_t name = line.find('(') + 1;
        const size_t end = line.rfind(')');
        std::istringstream fields(line.substr(end + 2));
        constexpr int kBefore = 11;  // that stand between the name and the times; see proc(5)
        std::string skipped;
        for (int i = 0; i < kBefore; ++i) {
            fields >> skipped;
        }
        double user = 0;
        double system = 0;
        fields >> user >> system;
        seconds[line.substr(name, end - name)] += (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
    return seconds;
}

inline void forget_most(pid_t process) { std::ofstream("/proc/" + std::to_string(process) + "/clear_refs") << 5; }

}  // namespace motet::bench
