/* What the programs of this folder share: settings from the environment and the arguments, "ready" when the node is up,
 * and an orderly end when asked to terminate.
 */
#ifndef EXAMPLES_PROGRAM_H
#define EXAMPLES_PROGRAM_H

#include <motet/motet.h>

#include <stddef.h>

/* An option of the program itself, "--name value" or "--name=value"; value is its default until it was given. */
typedef struct program_option {
    const char *name;
    const char *value;
} program_option_t;

/* Ends the program with the error's sentence, if there is an error. */
void program_check(motet_error_t *error);

/* Ends the program with a sentence about a text, such as a file's name. */
void program_fail(const char *sentence, const char *text);

/* The settings in MOTET_* and in the arguments that are none of the options. Free with motet_config_free(). */
motet_config_t *program_config(int argc, char **argv, program_option_t *options, size_t count);

/* Starts a system. SIGTERM and SIGINT are kept for program_wait(). */
motet_system_t *program_start(const motet_config_t *config);

/* Waits until this node is Up and prints "ready <address>". */
void program_ready(motet_system_t *system);

/* Waits until the program is asked to terminate; then leaves the cluster, closes and frees the system. */
void program_wait(motet_system_t *system);

/* Asks this program to terminate, as SIGTERM from outside does. */
void program_terminate(void);

#endif
