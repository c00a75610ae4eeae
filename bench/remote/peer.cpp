#include "bench/remote/peer.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace motet::bench {
namespace {

std::string read_line(FILE *stream) {
    std::string line;
    int c = std::fgetc(stream);
    for (; c != EOF && c != '\n'; c = std::fgetc(stream)) {
        line += static_cast<char>(c);
    }
    if (c == EOF) {
        std::fprintf(stderr, "bench: the other process ended before it was ready\n");
        std::exit(1);
    }
    return line;
}

}  // namespace

Peer::Peer(const char *role, const std::string &argument) {
    int to_peer[2], from_peer[2];
    if (pipe2(to_peer, O_CLOEXEC) != 0 || pipe2(from_peer, O_CLOEXEC) != 0 || (process_ = fork()) < 0) {
        std::perror("bench: cannot start another process");
        std::exit(1);
    }
    if (process_ == 0) {
        dup2(to_peer[0], 0);
        dup2(from_peer[1], 1);
        execl("/proc/self/exe", "bench_remote", role, argument.c_str(), nullptr);
        _exit(127);
    }
    close(to_peer[0]);
    close(from_peer[1]);
    input_ = to_peer[1];
    FILE *output = fdopen(from_peer[0], "r");
    for (std::string line = read_line(output); !line.empty(); line = read_line(output)) {
        lines_.push_back(std::move(line));
    }
    std::fclose(output);
}

Peer::~Peer() {
    close(input_);
    waitpid(process_, nullptr, 0);
}

void serve_until_closed(const std::vector<std::string> &lines) {
    for (const std::string &line : lines) {
        std::puts(line.c_str());
    }
    std::puts("");  // ends them
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
}

}  // namespace motet::bench
