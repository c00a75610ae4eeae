#define _POSIX_C_SOURCE 200809L
#include "program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UP_TIMEOUT_MS 30000
#define CLOSE_TIMEOUT_MS 10000

void program_check(motet_error_t *error) {
    if (error != NULL) {
        fprintf(stderr, "%s\n", motet_error_message(error));
        motet_error_free(error);
        exit(1);
    }
}

void program_fail(const char *sentence, const char *text) {
    fprintf(stderr, "%s: %s\n", sentence, text);
    exit(2);
}

static program_option_t *find_option(program_option_t *options, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

motet_config_t *program_config(int argc, char **argv, program_option_t *options, size_t count) {
    motet_config_t *config = motet_config_new();
    program_check(motet_config_load_environment(config));
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            program_fail("not an option; expected --key=value", argv[i]);
        }
        char *name = argv[i] + 2;
        char *value = strchr(name, '=');
        if (value != NULL) {
            *value++ = '\0';
        } else if (i + 1 < argc) {
            value = argv[++i];
        } else {
            program_fail("option without a value", name);
        }
        program_option_t *option = find_option(options, count, name);
        if (option != NULL) {
            option->value = value;
        } else {
            program_check(motet_config_set(config, name, value));
        }
    }
    return config;
}

static sigset_t ending_signals(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

motet_system_t *program_start(const motet_config_t *config) {
    sigset_t signals = ending_signals();
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    motet_system_t *system = NULL;
    program_check(motet_system_start(config, &system));
    return system;
}

void program_ready(motet_system_t *system) {
    program_check(motet_cluster_wait_up(system, UP_TIMEOUT_MS));
    char address[256];
    motet_system_address(system, address, sizeof address);
    printf("ready %s\n", address);
    fflush(stdout);
}

void program_wait(motet_system_t *system) {
    sigset_t signals = ending_signals();
    int received = 0;
    sigwait(&signals, &received);
    program_check(motet_system_close(system, CLOSE_TIMEOUT_MS));
    motet_system_free(system);
}

void program_terminate(void) { kill(getpid(), SIGTERM); }
