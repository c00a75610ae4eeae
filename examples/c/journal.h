/* JSON lines: what happened and when, and the results. */
#ifndef EXAMPLES_JOURNAL_H
#define EXAMPLES_JOURNAL_H

#include <stdint.h>
#include <stdio.h>

/* An event: begun with the time in seconds since the epoch and its name, given fields, and ended. An ended event has
 * reached the file. */
void journal_event(FILE *file, const char *event);
void journal_text(FILE *file, const char *key, const char *value);
void journal_number(FILE *file, const char *key, int64_t value);
void journal_numbers(FILE *file, const char *key, const int64_t *values, int64_t count);
void journal_end(FILE *file);

/* The result of one job: the language and the address of the backend that did it. */
void journal_result(FILE *file, int64_t id, const char *language, const char *backend, const char *text);

#endif
