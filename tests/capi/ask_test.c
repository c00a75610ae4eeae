/* Asking: futures that are waited for, that call back, that fail. */
#include "check.h"

static int32_t answer(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)state;
    motet_system_t *system = motet_context_system(context);
    motet_type_t type = motet_message_type(message);
    if (type == motet_system_type(system, "test.Echo")) {
        return motet_context_reply(context, type, motet_message_data(message), motet_message_size(message));
    }
    if (type == motet_system_type(system, "test.Twice")) {
        motet_context_reply(context, type, (const uint8_t *)"1", 1);
        CHECK_CODE(MOTET_E_STOPPED, motet_context_reply(context, type, (const uint8_t *)"2", 1));
        return MOTET_OK;
    }
    if (type == motet_system_type(system, "test.Fail")) {
        /* {"code": -24, "error": "no"} */
        const uint8_t failure[] = {0x82, 0xa4, 'c', 'o', 'd', 'e', 0xe8, 0xa5, 'e', 'r', 'r', 'o', 'r', 0xa2, 'n', 'o'};
        return motet_context_reply(context, MOTET_TYPE_FAILURE, failure, sizeof failure);
    }
    if (type == motet_system_type(system, "test.Throw")) {
        return motet_context_fail(context, MOTET_E_IO, "no paper");
    }
    return MOTET_OK; /* and never an answer */
}

typedef struct asking {
    motet_system_t *system;
    motet_ref_t *ref;
    motet_type_t echo;
} asking_t;

static asking_t begin(void) {
    asking_t asking = {start_system(NULL), NULL, 0};
    asking.ref = spawn(asking.system, "answerer", answer, NULL);
    asking.echo = motet_system_type(asking.system, "test.Echo");
    return asking;
}

static void end(asking_t *asking) {
    motet_ref_free(asking->ref);
    end_system(asking->system);
}

static void the_answer_is_waited_for(void) {
    asking_t asking = begin();
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(asking.ref, asking.echo, (const uint8_t *)"la", 2, PATIENCE_MS, NULL, 0, &future));
    CHECK_OK(motet_future_wait(future));
    CHECK_OK(motet_future_wait(future));
    const motet_message_t *reply = motet_future_reply(future);
    CHECK_CODE(asking.echo, motet_message_type(reply));
    CHECK(motet_message_size(reply) == 2 && memcmp(motet_message_data(reply), "la", 2) == 0);
    CHECK(motet_ref_equal(motet_message_sender(reply), asking.ref));
    motet_future_free(future);
    end(&asking);
}

static void time_runs_out(void) {
    asking_t asking = begin();
    motet_future_t *future = NULL;
    motet_type_t silence = motet_system_type(asking.system, "test.Silence");
    CHECK_OK(motet_ref_ask(asking.ref, silence, NULL, 0, 20, NULL, 0, &future));
    motet_error_t *error = motet_future_wait(future);
    CHECK_CODE(MOTET_E_TIMEOUT, motet_error_code(error));
    CHECK(motet_error_retriable(error) == 1);
    CHECK(strstr(motet_error_message(error), "/user/answerer") != NULL);
    CHECK(strstr(motet_error_message(error), "test.Silence") != NULL);
    motet_error_free(error);
    CHECK(motet_future_reply(future) == NULL);
    motet_future_free(future);
    end(&asking);
}

static void only_the_first_answer_counts(void) {
    asking_t asking = begin();
    probe_t *letters = probe_new(asking.system);
    CHECK_OK(motet_system_subscribe(asking.system, letters->ref, "dead-letters"));
    char *text = ask(asking.ref, motet_system_type(asking.system, "test.Twice"), NULL);
    CHECK_TEXT("1", text);
    free(text);
    CHECK_CODE(MOTET_TYPE_DEAD_LETTER, probe_expect(letters, 0)->type);
    end(&asking);
    probe_free(letters);
}

static void a_failure_fails_the_ask_with_its_sentence(void) {
    asking_t asking = begin();
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(asking.ref, motet_system_type(asking.system, "test.Fail"), NULL, 0, PATIENCE_MS, NULL, 0,
                           &future));
    CHECK_ERROR(MOTET_E_FAILED, "no", motet_future_wait(future));
    motet_future_free(future);
    end(&asking);
}

static void who_fails_while_asked_fails_the_ask(void) {
    asking_t asking = begin();
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(asking.ref, motet_system_type(asking.system, "test.Throw"), NULL, 0, PATIENCE_MS, NULL, 0,
                           &future));
    CHECK_ERROR(MOTET_E_IO, "no paper", motet_future_wait(future));
    motet_future_free(future);
    end(&asking);
}

typedef struct called {
    atomic_int count;
    int32_t code;
    char text[256];
} called_t;

static void note(int32_t code, const char *message, const motet_message_t *reply, void *argument) {
    called_t *called = argument;
    called->code = code;
    if (reply != NULL) {
        CHECK(code == MOTET_OK);
        memcpy(called->text, motet_message_data(reply), motet_message_size(reply));
    } else {
        snprintf(called->text, sizeof called->text, "%s", message);
    }
    atomic_fetch_add(&called->count, 1);
}

static void the_answer_calls_back_once(void) {
    asking_t asking = begin();
    motet_future_t *future = NULL;
    called_t early = {.count = 0};
    called_t late = {.count = 0};
    called_t timed_out = {.count = 0};
    CHECK_OK(motet_ref_ask(asking.ref, asking.echo, (const uint8_t *)"one", 3, PATIENCE_MS, NULL, 0, &future));
    motet_future_then(future, note, &early);
    CHECK_SOON(atomic_load(&early.count) == 1);
    CHECK_TEXT("one", early.text);
    CHECK_OK(motet_ref_ask(asking.ref, asking.echo, (const uint8_t *)"two", 3, PATIENCE_MS, NULL, 0, &future));
    CHECK_OK(motet_future_wait(future));
    motet_future_then(future, note, &late);
    CHECK_SOON(atomic_load(&late.count) == 1);
    CHECK_TEXT("two", late.text);
    CHECK_OK(
        motet_ref_ask(asking.ref, motet_system_type(asking.system, "test.Silence"), NULL, 0, 20, NULL, 0, &future));
    motet_future_then(future, note, &timed_out);
    CHECK_SOON(atomic_load(&timed_out.count) == 1);
    CHECK_CODE(MOTET_E_TIMEOUT, timed_out.code);
    end(&asking);
}

static void closing_the_system_ends_all_waiting(void) {
    asking_t asking = begin();
    motet_future_t *future = NULL;
    motet_type_t silence = motet_system_type(asking.system, "test.Silence");
    called_t called = {.count = 0};
    CHECK_OK(motet_ref_ask(asking.ref, silence, NULL, 0, 3600000, NULL, 0, &future));
    motet_future_then(future, note, &called);
    CHECK_OK(motet_ref_ask(asking.ref, silence, NULL, 0, 3600000, NULL, 0, &future));
    end(&asking);
    CHECK_SOON(atomic_load(&called.count) == 1);
    CHECK_CODE(MOTET_E_CLOSED, called.code);
    CHECK_ERROR(MOTET_E_CLOSED, "", motet_future_wait(future));
    motet_future_free(future);
}

static void a_future_may_be_freed_before_the_answer(void) {
    asking_t asking = begin();
    for (int i = 0; i < 1000; i++) {
        motet_future_t *future = NULL;
        CHECK_OK(motet_ref_ask(asking.ref, asking.echo, NULL, 0, PATIENCE_MS, NULL, 0, &future));
        motet_future_free(future);
    }
    free(ask(asking.ref, asking.echo, "x"));
    end(&asking);
}

static void bad_questions_are_refused(void) {
    asking_t asking = begin();
    motet_future_t *future = NULL;
    uint8_t trace[MOTET_TRACE_SIZE] = {0};
    CHECK_ERROR(MOTET_E_INVALID, "target", motet_ref_ask(NULL, asking.echo, NULL, 0, 1000, NULL, 0, &future));
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_ref_ask(asking.ref, asking.echo, NULL, 0, 1000, NULL, 0, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "-5", motet_ref_ask(asking.ref, asking.echo, NULL, 0, -5, NULL, 0, &future));
    CHECK_ERROR(MOTET_E_INVALID, "", motet_ref_ask(asking.ref, asking.echo, NULL, 0, 0, NULL, 0, &future));
    CHECK_ERROR(MOTET_E_INVALID, "", motet_ref_ask(asking.ref, -1, NULL, 0, 1000, NULL, 0, &future));
    CHECK_ERROR(MOTET_E_INVALID, "", motet_ref_ask(asking.ref, asking.echo, NULL, 3, 1000, NULL, 0, &future));
    CHECK_ERROR(MOTET_E_INVALID, "", motet_ref_ask(asking.ref, asking.echo, NULL, 0, 1000, trace, 3, &future));
    CHECK_ERROR(MOTET_E_INVALID, "future", motet_future_wait(NULL));
    CHECK(motet_future_reply(NULL) == NULL);
    motet_future_free(NULL);
    end(&asking);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(the_answer_is_waited_for),
        TEST(time_runs_out),
        TEST(only_the_first_answer_counts),
        TEST(a_failure_fails_the_ask_with_its_sentence),
        TEST(who_fails_while_asked_fails_the_ask),
        TEST(the_answer_calls_back_once),
        TEST(closing_the_system_ends_all_waiting),
        TEST(a_future_may_be_freed_before_the_answer),
        TEST(bad_questions_are_refused),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
