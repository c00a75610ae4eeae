/* Traces: the header of W3C, spans, and how a trace follows its messages. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <unistd.h>

static const char *const example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

static void a_traceparent_is_read_and_written(void) {
    uint8_t trace[MOTET_TRACE_SIZE];
    char text[MOTET_TRACEPARENT_SIZE + 1];
    CHECK_CODE(MOTET_TRACE_SIZE, motet_trace_parse(example, trace, sizeof trace));
    CHECK(trace[0] == 0 && trace[1] == 0x0a && trace[16] == 0x9c && trace[17] == 0xb7 && trace[25] == 1);
    CHECK_CODE(MOTET_TRACEPARENT_SIZE, motet_trace_format(trace, sizeof trace, text, sizeof text));
    CHECK_TEXT(example, text);
}

static void malformed_headers_are_refused(void) {
    static const char *const bad[] = {
        "",
        "hello",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };
    uint8_t trace[MOTET_TRACE_SIZE];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_CODE(MOTET_E_MALFORMED, motet_trace_parse(bad[i], trace, sizeof trace));
    }
}

static void buffers_and_null_are_checked(void) {
    uint8_t trace[MOTET_TRACE_SIZE];
    char text[MOTET_TRACEPARENT_SIZE + 1];
    CHECK_CODE(MOTET_TRACE_SIZE, motet_trace_parse(example, trace, sizeof trace));
    CHECK_CODE(MOTET_E_INVALID, motet_trace_parse(NULL, trace, sizeof trace));
    CHECK_CODE(MOTET_E_INVALID, motet_trace_parse(example, NULL, sizeof trace));
    CHECK_CODE(MOTET_E_INVALID, motet_trace_parse(example, trace, 5));
    CHECK_CODE(MOTET_E_INVALID, motet_trace_format(NULL, sizeof trace, text, sizeof text));
    CHECK_CODE(MOTET_E_INVALID, motet_trace_format(trace, 5, text, sizeof text));
    CHECK_CODE(MOTET_E_INVALID, motet_trace_format(trace, sizeof trace, NULL, sizeof text));
    CHECK_CODE(MOTET_E_INVALID, motet_trace_format(trace, sizeof trace, text, MOTET_TRACEPARENT_SIZE));
    motet_system_t *system = start_system(NULL);
    motet_span_t *span = NULL;
    CHECK_ERROR(MOTET_E_INVALID, "name", motet_span_start(system, NULL, NULL, 0, &span));
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_span_start(system, "a", NULL, 0, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "trace", motet_span_start(system, "a", trace, 5, &span));
    motet_span_end(NULL, MOTET_OK, NULL);
    motet_span_set(NULL, "a", "b");
    end_system(system);
}

static int32_t pass_on(motet_context_t *context, const motet_message_t *message, void *state) {
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    CHECK(memcmp(motet_context_trace(context) + 1, motet_message_trace(message) + 1, 16) == 0);
    return motet_context_tell(context, ((probe_t *)state)->ref, motet_message_type(message), NULL, 0);
}

static void a_trace_follows_its_messages(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_ref_t *ref = spawn(system, "hop", pass_on, probe);
    motet_type_t type = motet_system_type(system, "test.Hop");
    motet_span_t *span = NULL;
    CHECK_OK(motet_span_start(system, "journey", NULL, 0, &span));
    uint8_t trace[MOTET_TRACE_SIZE];
    memcpy(trace, motet_span_trace(span), sizeof trace);
    CHECK_CODE(MOTET_OK, motet_ref_tell(ref, NULL, type, NULL, 0, trace, sizeof trace));
    CHECK(memcmp(probe_expect(probe, 0)->trace + 1, trace + 1, 16) == 0);
    motet_span_t *child = NULL;
    CHECK_OK(motet_span_start(system, "part", trace, sizeof trace, &child));
    CHECK(memcmp(motet_span_trace(child) + 1, trace + 1, 16) == 0);
    motet_span_end(child, MOTET_E_FAILED, "it went wrong");
    motet_span_set(span, "voice", "alto");
    motet_span_end(span, MOTET_OK, NULL);
    uint8_t none[MOTET_TRACE_SIZE] = {0};
    CHECK_CODE(MOTET_OK, tell(ref, type, NULL));
    CHECK(memcmp(probe_expect(probe, 1)->trace + 1, none + 1, 16) == 0);
    motet_ref_free(ref);
    end_system(system);
    probe_free(probe);
}

static void spans_are_written_to_the_file(void) {
    char path[] = "/tmp/motet-trace-XXXXXX";
    int descriptor = mkstemp(path);
    CHECK(descriptor >= 0);
    close(descriptor);
    motet_system_t *system = start_system("trace.export", "file", "trace.file", path, NULL);
    motet_span_t *span = NULL;
    CHECK_OK(motet_span_start(system, "journey", NULL, 0, &span));
    motet_span_set(span, "voice", "alto \"quoted\"");
    motet_span_t *child = NULL;
    CHECK_OK(motet_span_start(system, "part", motet_span_trace(span), MOTET_TRACE_SIZE, &child));
    CHECK(memcmp(motet_span_trace(child) + 1, motet_span_trace(span) + 1, 16) == 0);
    CHECK(memcmp(motet_span_trace(child) + 17, motet_span_trace(span) + 17, 8) != 0);
    char traceparent[MOTET_TRACEPARENT_SIZE + 1];
    motet_trace_format(motet_span_trace(span), MOTET_TRACE_SIZE, traceparent, sizeof traceparent);
    traceparent[35] = '\0';
    motet_span_end(span, MOTET_OK, NULL);
    motet_span_end(child, MOTET_OK, NULL);
    end_system(system);
    FILE *file = fopen(path, "r");
    char line[4096] = "";
    CHECK(file != NULL && fgets(line, sizeof line, file) != NULL);
    fclose(file);
    unlink(path);
    CHECK(strstr(line, "\"resourceSpans\"") != NULL);
    CHECK(strstr(line, traceparent + 3) != NULL);
    CHECK(strstr(line, "journey") != NULL && strstr(line, "alto \\\"quoted\\\"") != NULL);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(a_traceparent_is_read_and_written), TEST(malformed_headers_are_refused),
        TEST(buffers_and_null_are_checked),      TEST(a_trace_follows_its_messages),
        TEST(spans_are_written_to_the_file),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
