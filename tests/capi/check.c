#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <msgpack.h>

#include <stdarg.h>
#include <time.h>

int run_tests(const test_t *tests, size_t count, int argc, char **argv) {
    int ran = 0;
    for (size_t i = 0; i < count; i++) {
        bool wanted = argc == 1;
        for (int k = 1; k < argc; k++) {
            wanted = wanted || strcmp(argv[k], tests[i].name) == 0;
        }
        if (wanted) {
            printf("%s\n", tests[i].name);
            fflush(stdout);
            tests[i].run();
            ran++;
        }
    }
    printf("%d tests passed\n", ran);
    return ran > 0 ? 0 : 1;
}

void fail_at(const char *file, int line, const char *text) {
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
    abort();
}

void check_code_at(const char *file, int line, const char *call, int64_t expected, int64_t actual) {
    if (expected != actual) {
        fprintf(stderr, "%s:%d: failed: %s: expected %lld (%s), got %lld (%s)\n", file, line, call, (long long)expected,
                motet_code_name((int32_t)expected), (long long)actual, motet_code_name((int32_t)actual));
        abort();
    }
}

void check_error_at(const char *file, int line, const char *call, int32_t code, const char *text,
                    motet_error_t *error) {
    if (motet_error_code(error) != code || strstr(motet_error_message(error), text) == NULL) {
        fprintf(stderr, "%s:%d: failed: %s: expected %s with \"%s\", got %s: %s\n", file, line, call,
                motet_code_name(code), text, motet_code_name(motet_error_code(error)), motet_error_message(error));
        abort();
    }
    motet_error_free(error);
}

void check_ok_at(const char *file, int line, const char *call, motet_error_t *error) {
    check_error_at(file, line, call, MOTET_OK, "", error);
}

void check_text_at(const char *file, int line, const char *what, const char *expected, const char *actual) {
    if (actual == NULL || strcmp(expected, actual) != 0) {
        fprintf(stderr, "%s:%d: failed: %s: expected \"%s\", got \"%s\"\n", file, line, what, expected,
                actual != NULL ? actual : "(null)");
        abort();
    }
}

int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pause_ms(int64_t ms) {
    struct timespec pause = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

motet_system_t *start_system(const char *key, ...) {
    motet_config_t *config = motet_config_new();
    CHECK_OK(motet_config_set(config, "remote.enabled", "off"));
    CHECK_OK(motet_config_set(config, "log.level", "error"));
    va_list settings;
    va_start(settings, key);
    for (const char *next = key; next != NULL; next = va_arg(settings, const char *)) {
        CHECK_OK(motet_config_set(config, next, va_arg(settings, const char *)));
    }
    va_end(settings);
    motet_system_t *system = NULL;
    CHECK_OK(motet_system_start(config, &system));
    motet_config_free(config);
    return system;
}

void end_system(motet_system_t *system) {
    CHECK_OK(motet_system_close(system, PATIENCE_MS));
    motet_system_free(system);
}

motet_ref_t *spawn(motet_system_t *system, const char *name, motet_receive_fn receive, void *state) {
    motet_props_t *props = motet_props_new(receive, state);
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(system, props, name, &ref));
    motet_props_free(props);
    return ref;
}

int32_t tell(const motet_ref_t *target, motet_type_t type, const char *text) {
    return motet_ref_tell(target, NULL, type, (const uint8_t *)text, text != NULL ? strlen(text) : 0, NULL, 0);
}

char *ask(const motet_ref_t *target, motet_type_t type, const char *text) {
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(target, type, (const uint8_t *)text, text != NULL ? strlen(text) : 0, PATIENCE_MS, NULL, 0,
                           &future));
    CHECK_OK(motet_future_wait(future));
    const motet_message_t *reply = motet_future_reply(future);
    CHECK(reply != NULL);
    char *answer = calloc(motet_message_size(reply) + 1, 1);
    if (motet_message_size(reply) > 0) {
        memcpy(answer, motet_message_data(reply), motet_message_size(reply));
    }
    motet_future_free(future);
    return answer;
}

static int32_t probe_receive(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    probe_t *probe = state;
    if (motet_message_type(message) < MOTET_TYPE_TERMINATED) {
        return MOTET_OK;
    }
    int index = atomic_load(&probe->count);
    CHECK(index < PROBE_CAPACITY);
    record_t *record = &probe->records[index];
    record->type = motet_message_type(message);
    record->size = motet_message_size(message);
    size_t kept = record->size < sizeof record->data - 1 ? record->size : sizeof record->data - 1;
    if (kept > 0) {
        memcpy(record->data, motet_message_data(message), kept);
    }
    record->sender = motet_ref_retain(motet_message_sender(message));
    memcpy(record->trace, motet_message_trace(message), MOTET_TRACE_SIZE);
    atomic_store(&probe->count, index + 1);
    return MOTET_OK;
}

probe_t *probe_new(motet_system_t *system) {
    probe_t *probe = calloc(1, sizeof *probe);
    probe->ref = spawn(system, NULL, probe_receive, probe);
    return probe;
}

const record_t *probe_expect(probe_t *probe, int index) {
    CHECK_SOON(atomic_load(&probe->count) > index);
    return &probe->records[index];
}

/* Gives the value of a field to use while the payload it is part of is kept. */
static msgpack_object find_field(msgpack_unpacked *kept, const record_t *record, const char *field) {
    msgpack_unpacked_init(kept);
    CHECK(msgpack_unpack_next(kept, record->data, record->size, NULL) == MSGPACK_UNPACK_SUCCESS);
    CHECK(kept->data.type == MSGPACK_OBJECT_MAP);
    msgpack_object_map map = kept->data.via.map;
    for (uint32_t i = 0; i < map.size; i++) {
        msgpack_object_str key = map.ptr[i].key.via.str;
        if (map.ptr[i].key.type == MSGPACK_OBJECT_STR && key.size == strlen(field) &&
            memcmp(key.ptr, field, key.size) == 0) {
            return map.ptr[i].val;
        }
    }
    fail_at(__FILE__, __LINE__, field);
}

int64_t record_number(const record_t *record, const char *field) {
    msgpack_unpacked kept;
    msgpack_object value = find_field(&kept, record, field);
    CHECK(value.type == MSGPACK_OBJECT_POSITIVE_INTEGER || value.type == MSGPACK_OBJECT_NEGATIVE_INTEGER ||
          value.type == MSGPACK_OBJECT_BOOLEAN);
    int64_t number = value.type == MSGPACK_OBJECT_BOOLEAN ? value.via.boolean : value.via.i64;
    msgpack_unpacked_destroy(&kept);
    return number;
}

char *record_text(const record_t *record, const char *field) {
    msgpack_unpacked kept;
    msgpack_object value = find_field(&kept, record, field);
    CHECK(value.type == MSGPACK_OBJECT_STR);
    char *text = strndup(value.via.str.ptr, value.via.str.size);
    msgpack_unpacked_destroy(&kept);
    return text;
}

int probe_count(probe_t *probe, motet_type_t type) {
    int count = 0;
    for (int i = 0; i < atomic_load(&probe->count); i++) {
        count += probe->records[i].type == type;
    }
    return count;
}

void probe_free(probe_t *probe) {
    for (int i = 0; i < atomic_load(&probe->count); i++) {
        motet_ref_free(probe->records[i].sender);
    }
    motet_ref_free(probe->ref);
    free(probe);
}
