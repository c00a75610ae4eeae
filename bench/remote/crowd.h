// What many associations cost a node while nothing is said.
// Knows: the C interface, what the operating system counts. Must never know: how associations work.
#pragma once

#include <string>

namespace motet::bench {

void print_idle_memory(const char *name);
void print_idle_cpu(const char *name);
void print_watching_cpu(const char *name);

// So many nodes in this process, until its standard input is closed.
void serve_crowd(const std::string &count);

}  // namespace motet::bench
