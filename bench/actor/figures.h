// The figures of local actors, one file each; main.cpp gives them their names.
#pragma once

namespace motet::bench {

void print_pingpong_1(const char *name);
void print_pingpong_8(const char *name);
void print_tell_1to1(const char *name);
void print_tell_4to1(const char *name);
void print_spawn(const char *name);
void print_idle_memory(const char *name);
void print_message_memory(const char *name);
void print_skynet(const char *name);
void print_trace(const char *name);
void print_idle_wakeups(const char *name);
void print_latency_median(const char *name);
void print_latency_p99(const char *name);
void print_timers(const char *name);

}  // namespace motet::bench
