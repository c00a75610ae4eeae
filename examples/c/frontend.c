/* The frontend of the dial-in example: sends every line of a text as a job to the backends that registered, and gathers
 * the results. It survives the loss of backends: their unfinished jobs are sent to others, and each result counts once.
 * At the end one job is passed on from backend to backend through every language there is.
 *
 *   frontend --input FILE --output FILE --events FILE [--expect-backends N] [--window W] [--rate R]
 *            [--await-removal 1] [--key=value ...]
 *
 *   --input            the text, a job for each line
 *   --output           results as JSON lines {id, language, backend, text}
 *   --events           what happened as JSON lines {time, event, ...}
 *   --expect-backends  begins when so many have registered (default 1)
 *   --window           the most unfinished jobs of one backend (default 16)
 *   --rate             jobs a second at most; 0: as many as the backends can do (default 0)
 *   --await-removal    1: ends only after a backend that stopped has been removed from the membership
 *
 * Settings of the node as in docs/configuration.md; also from MOTET_* in the environment.
 */
#include "frontend.h"
#include "membership.h"
#include "program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_for_writing(const char *path) {
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        program_fail(strerror(errno), path);
    }
    return file;
}

static int64_t number_of(const program_option_t *option, int64_t least) {
    char *end = NULL;
    long number = strtol(option->value, &end, 10);
    if (*option->value == '\0' || *end != '\0' || number < least) {
        fprintf(stderr, "--%s: expected a whole number from %lld on, got \"%s\"\n", option->name, (long long)least,
                option->value);
        exit(2);
    }
    return number;
}

int main(int argc, char **argv) {
    program_option_t options[] = {{"input", NULL},  {"output", NULL}, {"events", NULL},      {"expect-backends", "1"},
                                  {"window", "16"}, {"rate", "0"},    {"await-removal", "0"}};
    motet_config_t *config = program_config(argc, argv, options, sizeof options / sizeof *options);
    for (int i = 0; i < 3; i++) {
        if (options[i].value == NULL) {
            program_fail("missing option", options[i].name);
        }
    }
    static frontend_t frontend;
    frontend.expected = number_of(&options[3], 1);
    frontend.pool.window = number_of(&options[4], 1);
    frontend.rate = number_of(&options[5], 0);
    frontend.await_removal = number_of(&options[6], 0) == 1;
    if (!pool_load(&frontend.pool, options[0].value)) {
        program_fail(strerror(errno), options[0].value);
    }
    if (frontend.pool.job_count == 0) {
        program_fail("no lines to work on", options[0].value);
    }
    frontend.output = open_for_writing(options[1].value);
    frontend.events = open_for_writing(options[2].value);

    motet_system_t *system = program_start(config);
    motet_config_free(config);
    membership_print(system);
    motet_ref_t *self = frontend_spawn(system, &frontend);
    program_ready(system);
    program_wait(system);
    motet_ref_free(self);
    pool_free(&frontend.pool);
    motet_span_end(frontend.relay, MOTET_E_CLOSED, "the program ended first");
    fclose(frontend.output);
    fclose(frontend.events);
    return frontend.relayed ? 0 : 1;
}
