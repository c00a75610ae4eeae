/* A system's life: start, close, free, fork; and what it knows by itself: address, types, refs, subscriptions. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static int32_t ignore(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    (void)message;
    (void)state;
    return MOTET_OK;
}

static void address_is_cut_off_but_its_length_is_told(void) {
    motet_system_t *system = start_system("system.name", "choir", NULL);
    char small[8];
    CHECK_CODE((int64_t)strlen("motet://choir"), motet_system_address(system, small, sizeof small));
    CHECK_TEXT("motet:/", small);
    CHECK_CODE((int64_t)strlen("motet://choir"), motet_system_address(system, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_system_address(NULL, small, sizeof small));
    end_system(system);
}

static void every_life_has_its_own_uid(void) {
    motet_system_t *one = start_system(NULL);
    motet_system_t *two = start_system(NULL);
    CHECK(motet_system_uid(one) != motet_system_uid(two));
    end_system(one);
    end_system(two);
}

static void start_refuses_null(void) { CHECK_ERROR(MOTET_E_INVALID, "out", motet_system_start(NULL, NULL)); }

static void closing_is_idempotent(void) {
    motet_system_t *system = start_system(NULL);
    CHECK_OK(motet_system_close(system, PATIENCE_MS));
    CHECK_OK(motet_system_close(system, PATIENCE_MS));
    CHECK_OK(motet_system_wait(system, 0));
    motet_system_free(system);
}

/* Everything that can be called on a system that is not usable, with the code that must come. */
static void check_unusable(motet_system_t *system, int32_t code) {
    motet_props_t *props = motet_props_new(ignore, NULL);
    motet_ref_t *ref = NULL;
    motet_span_t *span = NULL;
    motet_dispatcher_t *dispatcher = NULL;
    CHECK_ERROR(code, "", motet_system_spawn(system, props, "late", &ref));
    CHECK_ERROR(code, "", motet_system_ref(system, "/user/a", &ref));
    CHECK_CODE(code, motet_system_type(system, "late.Type"));
    CHECK_ERROR(code, "", motet_span_start(system, "late", NULL, 0, &span));
    CHECK_ERROR(code, "", motet_dispatcher_new(system, &dispatcher));
    CHECK(motet_system_uid(system) == 0);
    motet_props_free(props);
}

static void a_closed_system_says_so(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    CHECK_OK(motet_system_close(system, PATIENCE_MS));
    check_unusable(system, MOTET_E_CLOSED);
    CHECK_ERROR(MOTET_E_CLOSED, "", motet_system_subscribe(system, probe->ref, "dead-letters"));
    motet_system_free(system);
    probe_free(probe);
}

static void a_freed_system_says_closed(void) {
    motet_system_t *system = start_system(NULL);
    motet_system_free(system);
    check_unusable(system, MOTET_E_CLOSED);
    CHECK_OK(motet_system_close(system, 0));
    motet_system_free(system); /* nothing, as for any handle that is gone */
}

static void null_is_refused_everywhere(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_ref_t *ref = NULL;
    check_unusable(NULL, MOTET_E_INVALID);
    CHECK_ERROR(MOTET_E_INVALID, "", motet_system_close(NULL, 0));
    CHECK_ERROR(MOTET_E_INVALID, "", motet_system_wait(NULL, 0));
    CHECK_ERROR(MOTET_E_INVALID, "props", motet_system_spawn(system, NULL, "a", &ref));
    CHECK_ERROR(MOTET_E_INVALID, "path", motet_system_ref(system, NULL, &ref));
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_system_ref(system, "/user/a", NULL));
    CHECK_ERROR(MOTET_E_INVALID, "subscriber", motet_system_subscribe(system, NULL, "dead-letters"));
    CHECK_ERROR(MOTET_E_INVALID, "event", motet_system_subscribe(system, probe->ref, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "subscriber", motet_system_unsubscribe(system, NULL, "dead-letters"));
    CHECK_ERROR(MOTET_E_INVALID, "event", motet_system_unsubscribe(system, probe->ref, NULL));
    CHECK_CODE(MOTET_E_INVALID, motet_system_type(system, NULL));
    CHECK(motet_system_type_name(NULL, 1) == NULL);
    motet_system_free(NULL);
    end_system(system);
    probe_free(probe);
}

static void topics_are_named_when_they_are_wrong(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    CHECK_ERROR(MOTET_E_INVALID, "weather", motet_system_subscribe(system, probe->ref, "weather"));
    CHECK_ERROR(MOTET_E_INVALID, "dead-letters", motet_system_subscribe(system, probe->ref, "weather"));
    CHECK_OK(motet_system_subscribe(system, probe->ref, "dead-letters"));
    CHECK_OK(motet_system_unsubscribe(system, probe->ref, "dead-letters"));
    end_system(system);
    probe_free(probe);
}

static void types_have_numbers_and_names(void) {
    motet_system_t *system = start_system(NULL);
    motet_type_t type = motet_system_type(system, "test.One");
    CHECK(type >= MOTET_TYPE_FIRST_USER);
    CHECK_CODE(type, motet_system_type(system, "test.One"));
    CHECK(motet_system_type(system, "test.Two") != type);
    CHECK_TEXT("test.One", motet_system_type_name(system, type));
    CHECK(strncmp(motet_system_type_name(system, MOTET_TYPE_TERMINATED), "motet.", 6) == 0);
    CHECK(motet_system_type_name(system, 1000000) == NULL);
    CHECK(motet_system_type_name(system, 0) == NULL);
    CHECK(motet_system_type_name(system, -1) == NULL);
    char long_name[257];
    memset(long_name, 'a', 256);
    long_name[256] = '\0';
    CHECK_CODE(MOTET_E_INVALID, motet_system_type(system, ""));
    CHECK_CODE(MOTET_E_INVALID, motet_system_type(system, "with\nline"));
    CHECK_CODE(MOTET_E_INVALID, motet_system_type(system, "motet.Mine"));
    CHECK_CODE(MOTET_E_INVALID, motet_system_type(system, long_name));
    long_name[255] = '\0';
    CHECK(motet_system_type(system, long_name) > 0);
    end_system(system);
}

static int32_t close_from_handler(motet_context_t *context, const motet_message_t *message, void *state) {
    if (motet_message_type(message) >= MOTET_TYPE_FIRST_USER) {
        CHECK_OK(motet_system_close(motet_context_system(context), PATIENCE_MS));
        atomic_store((atomic_int *)state, 1);
    }
    return MOTET_OK;
}

static void a_handler_may_close_the_system(void) {
    motet_system_t *system = start_system(NULL);
    atomic_int called = 0;
    motet_ref_t *ref = spawn(system, "closer", close_from_handler, &called);
    CHECK_CODE(MOTET_OK, tell(ref, motet_system_type(system, "test.Close"), NULL));
    CHECK_OK(motet_system_wait(system, PATIENCE_MS));
    CHECK(atomic_load(&called) == 1);
    motet_ref_free(ref);
    motet_system_free(system);
}

typedef struct blocker {
    atomic_int entered;
    atomic_int release;
    atomic_int left;
} blocker_t;

static int32_t block(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    blocker_t *blocker = state;
    if (motet_message_type(message) >= MOTET_TYPE_FIRST_USER) {
        atomic_store(&blocker->entered, 1);
        while (atomic_load(&blocker->release) == 0) {
            pause_ms(1);
        }
        atomic_store(&blocker->left, 1);
    }
    return MOTET_OK;
}

static void *release_later(void *argument) {
    pause_ms(300);
    atomic_store(&((blocker_t *)argument)->release, 1);
    return NULL;
}

static void close_waits_for_a_busy_actor_within_its_time(void) {
    motet_system_t *system = start_system(NULL);
    blocker_t blocker = {0, 0, 0};
    motet_ref_t *ref = spawn(system, "busy", block, &blocker);
    CHECK_CODE(MOTET_OK, tell(ref, motet_system_type(system, "test.Block"), NULL));
    CHECK_SOON(atomic_load(&blocker.entered) == 1);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, release_later, &blocker) == 0);
    CHECK_OK(motet_system_close(system, PATIENCE_MS));
    CHECK(atomic_load(&blocker.left) == 1);
    pthread_join(thread, NULL);
    motet_ref_free(ref);
    motet_system_free(system);
}

static void waiting_ends_by_time_or_by_closing(void) {
    motet_system_t *system = start_system(NULL);
    CHECK_ERROR(MOTET_E_TIMEOUT, "", motet_system_wait(system, 10));
    CHECK_OK(motet_system_close(system, PATIENCE_MS));
    CHECK_OK(motet_system_wait(system, -1));
    motet_system_free(system);
}

/* Runs in the child; the exit code is the number of the check that failed. */
static int use_in_child(motet_system_t *system, motet_ref_t *ref, motet_type_t type) {
    motet_props_t *props = motet_props_new(ignore, NULL);
    motet_error_t *error = motet_system_spawn(system, props, NULL, NULL);
    if (motet_error_code(error) != MOTET_E_FORKED) {
        return 1;
    }
    motet_error_free(error);
    if (tell(ref, type, NULL) != MOTET_E_FORKED) {
        return 2;
    }
    error = motet_system_close(system, PATIENCE_MS);
    if (motet_error_code(error) != MOTET_E_FORKED) {
        return 3;
    }
    motet_error_free(error);
    motet_system_t *second = NULL;
    error = motet_system_start(NULL, &second);
    motet_error_free(error);
    if (second != NULL) {
        return 4;
    }
    if (strcmp(motet_version_string(), MOTET_VERSION_STRING) != 0) {
        return 5;
    }
    motet_ref_free(ref);
    motet_system_free(system);
    motet_props_free(props);
    return 0;
}

static void a_forked_child_is_told_so_at_once(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_type_t type = motet_system_type(system, "test.Fork");
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(PATIENCE_MS / 1000);
        _exit(use_in_child(system, probe->ref, type));
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK_CODE(0, WEXITSTATUS(status));
    CHECK_CODE(MOTET_OK, tell(probe->ref, type, NULL));
    probe_expect(probe, 0);
    end_system(system);
    probe_free(probe);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(address_is_cut_off_but_its_length_is_told),
        TEST(every_life_has_its_own_uid),
        TEST(start_refuses_null),
        TEST(closing_is_idempotent),
        TEST(a_closed_system_says_so),
        TEST(a_freed_system_says_closed),
        TEST(null_is_refused_everywhere),
        TEST(topics_are_named_when_they_are_wrong),
        TEST(types_have_numbers_and_names),
        TEST(a_handler_may_close_the_system),
        TEST(close_waits_for_a_busy_actor_within_its_time),
        TEST(waiting_ends_by_time_or_by_closing),
        TEST(a_forked_child_is_told_so_at_once),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
