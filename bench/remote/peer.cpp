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
    for (int c = std::fgetc(stream); c != EOF && c != '\n'; c = std::fgetc(stream)) {
        line += static_cast<char>(c);
    }
    if (line.empty()) {
        std::fprintf(stderr, "bench: the other process ended before it was ready\n");
        std::exit(1);
    }
    return line;
}

}  // namespace

Peer::Peer() {
    int to_peer[2], from_peer[2];
    if (pipe2(to_peer, O_CLOEXEC) != 0 || pipe2(from_peer, O_CLOEXEC) != 0 || (process_ = fork()) < 0) {
        std::perror("bench: cannot start another process");
        std::exit(1);
    }
    if (process_ == 0) {
        dup2(to_peer[0], 0);
        dup2(from_peer[1], 1);
        execl("/proc/self/exe", "bench_remote", "serve", nullptr);
        _exit(127);
    }
    close(to_peer[0]);
    close(from_peer[1]);
    input_ = to_peer[1];
    FILE *output = fdopen(from_peer[0], "r");
    endpoints_.actors = read_line(output);
    endpoints_.plain = read_line(output);
    std::fclose(output);
}

Peer::~Peer() {
    close(input_);
    waitpid(process_, nullptr, 0);
}

void serve_until_closed(const Endpoints &endpoints) {
    std::printf("%s\n%s\n", endpoints.actors.c_str(), endpoints.plain.c_str());
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
}

}  // namespace motet::bench
