/* What the C tests share: checks that say what they saw, waiting for a condition, and running tests by name.
 *
 * A test program runs the tests named by its arguments, all of them without arguments, and ends at the first failure.
 */
#ifndef TESTS_CAPI_CHECK_H
#define TESTS_CAPI_CHECK_H

#include <motet/motet.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long a test waits for what must come. Generous: nothing waits so long when all is well. */
#define PATIENCE_MS 60000

typedef struct test {
    const char *name;
    void (*run)(void);
} test_t;

#define TEST(function)                                                                                                 \
    { #function, function }

int run_tests(const test_t *tests, size_t count, int argc, char **argv);

_Noreturn void fail_at(const char *file, int line, const char *text);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fail_at(__FILE__, __LINE__, #condition);                                                                   \
        }                                                                                                              \
    } while (0)

/* The call returns this code. */
#define CHECK_CODE(code, call) check_code_at(__FILE__, __LINE__, #call, (code), (int64_t)(call))
void check_code_at(const char *file, int line, const char *call, int64_t expected, int64_t actual);

/* The call fails with this code and a sentence that has this text in it; frees the error. */
#define CHECK_ERROR(code, text, call) check_error_at(__FILE__, __LINE__, #call, (code), (text), (call))
void check_error_at(const char *file, int line, const char *call, int32_t code, const char *text, motet_error_t *error);

/* The call succeeds. */
#define CHECK_OK(call) check_ok_at(__FILE__, __LINE__, #call, (call))
void check_ok_at(const char *file, int line, const char *call, motet_error_t *error);

/* Two texts are equal. */
#define CHECK_TEXT(expected, actual) check_text_at(__FILE__, __LINE__, #actual, (expected), (actual))
void check_text_at(const char *file, int line, const char *what, const char *expected, const char *actual);

/* Waits until the condition holds; fails when it does not within PATIENCE_MS. */
#define CHECK_SOON(condition)                                                                                          \
    do {                                                                                                               \
        int64_t deadline_ = now_ms() + PATIENCE_MS;                                                                    \
        while (!(condition)) {                                                                                         \
            if (now_ms() > deadline_) {                                                                                \
                fail_at(__FILE__, __LINE__, "in time: " #condition);                                                   \
            }                                                                                                          \
            pause_ms(1);                                                                                               \
        }                                                                                                              \
    } while (0)

int64_t now_ms(void);
void pause_ms(int64_t ms);

/* A system with settings: key, value, ..., NULL. Without remoting unless a setting says otherwise. */
motet_system_t *start_system(const char *key, ...);

/* Closes within PATIENCE_MS and frees. */
void end_system(motet_system_t *system);

/* Spawns an actor whose handler gets this state. */
motet_ref_t *spawn(motet_system_t *system, const char *name, motet_receive_fn receive, void *state);

/* Tells without sender and trace; text is the payload, NULL for none. */
int32_t tell(const motet_ref_t *target, motet_type_t type, const char *text);

/* Asks and gives the answer's payload as text, which the caller frees. */
char *ask(const motet_ref_t *target, motet_type_t type, const char *text);

/* An actor that keeps what it receives, for a test to look at from outside. */
typedef struct record {
    motet_type_t type;
    size_t size;
    char data[1024]; /* the first bytes of the payload, and a NUL */
    motet_ref_t *sender;
    uint8_t trace[MOTET_TRACE_SIZE];
} record_t;

#define PROBE_CAPACITY 4096
typedef struct probe {
    atomic_int count;
    record_t records[PROBE_CAPACITY];
    motet_ref_t *ref;
} probe_t;

/* Makes a probe below /user; it keeps user messages, Terminated and events, not the signals of its own life. */
probe_t *probe_new(motet_system_t *system);

/* Waits until the probe has received a record with this number, from 0. */
const record_t *probe_expect(probe_t *probe, int index);

/* A field of a record's payload, which is a MessagePack map; fails when there is none. The text is the caller's to
 * free. */
int64_t record_number(const record_t *record, const char *field);
char *record_text(const record_t *record, const char *field);

/* How many records of a type there are. */
int probe_count(probe_t *probe, motet_type_t type);
void probe_free(probe_t *probe);

#endif
