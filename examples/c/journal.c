#define _POSIX_C_SOURCE 200809L
#include "journal.h"

#include <inttypes.h>
#include <time.h>

static void quote(FILE *file, const char *text) {
    putc('"', file);
    for (const unsigned char *byte = (const unsigned char *)text; *byte != '\0'; byte++) {
        if (*byte == '"' || *byte == '\\') {
            fprintf(file, "\\%c", *byte);
        } else if (*byte < 0x20) {
            fprintf(file, "\\u%04x", *byte);
        } else {
            putc(*byte, file);
        }
    }
    putc('"', file);
}

void journal_event(FILE *file, const char *event) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    fprintf(file, "{\"time\": %lld.%06ld, \"event\": ", (long long)now.tv_sec, now.tv_nsec / 1000);
    quote(file, event);
}

static void next_key(FILE *file, const char *key) {
    fputs(", ", file);
    quote(file, key);
    fputs(": ", file);
}

void journal_text(FILE *file, const char *key, const char *value) {
    next_key(file, key);
    quote(file, value);
}

void journal_number(FILE *file, const char *key, int64_t value) {
    next_key(file, key);
    fprintf(file, "%" PRId64, value);
}

void journal_numbers(FILE *file, const char *key, const int64_t *values, int64_t count) {
    next_key(file, key);
    putc('[', file);
    for (int64_t i = 0; i < count; i++) {
        fprintf(file, "%s%" PRId64, i > 0 ? ", " : "", values[i]);
    }
    putc(']', file);
}

void journal_end(FILE *file) {
    fputs("}\n", file);
    fflush(file);
}

void journal_result(FILE *file, int64_t id, const char *language, const char *backend, const char *text) {
    fprintf(file, "{\"id\": %" PRId64, id);
    journal_text(file, "language", language);
    journal_text(file, "backend", backend);
    journal_text(file, "text", text);
    fputs("}\n", file);
}
