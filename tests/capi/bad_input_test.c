/* Bad input to the actors' part of the interface: each is refused with a code and a sentence that names it. */
#include "check.h"

#include <motet/testkit.h>

#include <stdint.h>

typedef struct bad {
    const char *key;
    const char *value;
    int32_t code;
    const char *named; /* in the sentence */
} bad_t;

#define COUNT(table) (sizeof(table) / sizeof *(table))

static int32_t ignore(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    (void)message;
    (void)state;
    return MOTET_OK;
}

static void names(void) {
    static char long_name[2000];
    memset(long_name, 'x', sizeof long_name - 1);
    static const char *const bad[] = {"",    "a/b",  "/a",   "a b", "$a",  "a#1", "*",        "a?",   "..",     "a\tb",
                                      "a\n", "\x7f", "a\\b", "%",   "%zz", "a%2", "\xc3\xa4", "\xff", long_name};
    motet_system_t *system = start_system(NULL);
    motet_props_t *props = motet_props_new(ignore, NULL);
    motet_ref_t *parent = spawn(system, "parent", ignore, NULL);
    for (size_t i = 0; i < COUNT(bad); i++) {
        motet_ref_t *ref = NULL;
        char named[100];
        snprintf(named, sizeof named, "actor name \"%.50s", bad[i]);
        CHECK_ERROR(MOTET_E_BAD_NAME, named, motet_system_spawn(system, props, bad[i], &ref));
        CHECK_ERROR(MOTET_E_BAD_NAME, named, motet_ref_spawn(parent, props, bad[i], &ref));
        CHECK(ref == NULL);
    }
    CHECK_ERROR(MOTET_E_NAME_TAKEN, "\"parent\"", motet_system_spawn(system, props, "parent", NULL));
    CHECK_OK(motet_ref_spawn(parent, props, "child", NULL));
    CHECK_ERROR(MOTET_E_NAME_TAKEN, "\"child\"", motet_ref_spawn(parent, props, "child", NULL));
    motet_props_free(props);
    motet_ref_free(parent);
    end_system(system);
}

/* What the configuration does not know is refused where it is named: when an actor is spawned, or the system starts. */
static void unknown_names(void) {
    static const bad_t bad[] = {
        {"dispatcher", "nowhere", MOTET_E_BAD_VALUE, "dispatcher \"nowhere\" is not configured; there are: default"},
        {"dispatcher", "", MOTET_E_BAD_VALUE, "dispatcher \"\""},
        {"mailbox", "nowhere", MOTET_E_BAD_VALUE, "mailbox \"nowhere\" is not configured"},
    };
    motet_system_t *system = start_system(NULL);
    for (size_t i = 0; i < COUNT(bad); i++) {
        motet_props_t *props = motet_props_new(ignore, NULL);
        CHECK_OK(motet_props_set(props, bad[i].key, bad[i].value));
        CHECK_ERROR(bad[i].code, bad[i].named, motet_system_spawn(system, props, NULL, NULL));
        motet_props_free(props);
    }
    end_system(system);
    static const bad_t settings[] = {
        {"actor.deployment.\"/a\".dispatcher", "nowhere", MOTET_E_BAD_VALUE, "nowhere"},
        {"actor.deployment.\"/a\".mailbox", "nowhere", MOTET_E_BAD_VALUE, "nowhere"},
        {"actor.deployment.\"/a\".router", "nowhere", MOTET_E_BAD_VALUE, "nowhere"},
    };
    for (size_t i = 0; i < COUNT(settings); i++) {
        motet_config_t *config = motet_config_new();
        CHECK_OK(motet_config_set(config, "remote.enabled", "off"));
        CHECK_OK(motet_config_set(config, settings[i].key, settings[i].value));
        CHECK_ERROR(settings[i].code, settings[i].named, motet_system_start(config, &system));
        CHECK(system == NULL);
        motet_config_free(config);
    }
}

static void properties(void) {
    static const char *const durations[] = {"supervision.within",      "supervision.backoff.min",
                                            "supervision.backoff.max", "supervision.backoff.reset-after",
                                            "router.within",           "router.interval"};
    static const char *const no_durations[] = {"-1s",
                                               "-1ns",
                                               "5",
                                               "",
                                               " 1s",
                                               "1s ",
                                               "1 s",
                                               "soon",
                                               "1x",
                                               "1e3s",
                                               "0x1s",
                                               "106752d",
                                               "9223372036854775808ns",
                                               "99999999999999999999s"};
    static const bad_t others[] = {
        {"router", "explode", MOTET_E_BAD_VALUE, "explode"},
        {"supervision.strategy", "some-for-one", MOTET_E_BAD_VALUE, "some-for-one"},
        {"supervision.directive", "", MOTET_E_BAD_VALUE, "restart"},
        {"supervision.max-retries", "-2", MOTET_E_BAD_VALUE, "-2"},
        {"supervision.max-retries", "2147483648", MOTET_E_BAD_VALUE, "2147483648"},
        {"supervision.max-retries", "1.5", MOTET_E_BAD_VALUE, "1.5"},
        {"supervision.on.NONSENSE", "stop", MOTET_E_UNKNOWN_KEY, "NONSENSE"},
        {"supervision.on.OK", "stop", MOTET_E_UNKNOWN_KEY, "OK"},
        {"supervision.backoff.random", "nan", MOTET_E_BAD_VALUE, "nan"},
        {"supervision.backoff.random", "-0.1", MOTET_E_BAD_VALUE, "-0.1"},
        {"supervision.backoff.most", "1s", MOTET_E_UNKNOWN_KEY, "most"},
        {"stash-capacity", "0", MOTET_E_BAD_VALUE, "0"},
        {"stash-capacity", "99999999999", MOTET_E_BAD_VALUE, "99999999999"},
        {"router.instances", "0", MOTET_E_BAD_VALUE, "0"},
        {"nonsense", "1", MOTET_E_UNKNOWN_KEY, "nonsense"},
        {"", "1", MOTET_E_UNKNOWN_KEY, "\"\""},
    };
    motet_props_t *props = motet_props_new(ignore, NULL);
    for (size_t i = 0; i < COUNT(durations); i++) {
        for (size_t k = 0; k < COUNT(no_durations); k++) {
            CHECK_ERROR(MOTET_E_BAD_VALUE, durations[i], motet_props_set(props, durations[i], no_durations[k]));
            CHECK_ERROR(MOTET_E_BAD_VALUE, no_durations[k], motet_props_set(props, durations[i], no_durations[k]));
        }
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        CHECK_ERROR(others[i].code, others[i].named, motet_props_set(props, others[i].key, others[i].value));
    }
    motet_props_free(props);
    static const char *const settings[] = {"actor.throughput-deadline", "actor.dispatcher.a.throughput-deadline",
                                           "dead-letters.log-pause", "shutdown.phase-timeout",
                                           "shutdown.phase.a.timeout"};
    motet_config_t *config = motet_config_new();
    for (size_t i = 0; i < COUNT(settings); i++) {
        for (size_t k = 0; k < COUNT(no_durations); k++) {
            if (strcmp(no_durations[k], " 1s") == 0 || strcmp(no_durations[k], "1s ") == 0) {
                continue; /* settings may have spaces around them */
            }
            CHECK_ERROR(MOTET_E_BAD_VALUE, "duration", motet_config_set(config, settings[i], no_durations[k]));
        }
    }
    motet_config_free(config);
}

/* Props that say nothing of what the actor does. */
static void no_behaviour(void) {
    motet_system_t *system = start_system(NULL);
    motet_ref_t *parent = spawn(system, "parent", ignore, NULL);
    motet_props_t *props = motet_props_new(NULL, NULL);
    CHECK_ERROR(MOTET_E_INVALID, "\"idle\": its props have no behaviour",
                motet_system_spawn(system, props, "idle", NULL));
    CHECK_ERROR(MOTET_E_INVALID, "no behaviour", motet_ref_spawn(parent, props, NULL, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "props", motet_system_spawn(system, NULL, "idle", NULL));
    motet_props_free(props);
    motet_props_t *stale = motet_props_new_foreign(NULL, 1);
    CHECK_ERROR(MOTET_E_INVALID, "no behaviour", motet_system_spawn(system, stale, "idle", NULL));
    motet_props_free(stale);
    motet_ref_free(parent);
    end_system(system);
}

typedef struct times {
    motet_type_t type;
    atomic_int done;
} times_t;

static int32_t take_times(motet_context_t *context, const motet_message_t *message, void *state) {
    times_t *times = state;
    static const int64_t bad[] = {-1, INT64_MIN, INT64_MAX, INT64_MAX / 2 + 1};
    if (motet_message_type(message) != times->type) {
        return MOTET_OK;
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        CHECK_CODE(MOTET_E_INVALID, motet_context_timer(context, 1, bad[i], 0, times->type, NULL, 0));
        CHECK_CODE(MOTET_E_INVALID, motet_context_timer(context, 1, 0, bad[i], times->type, NULL, 0));
        CHECK_CODE(MOTET_E_INVALID, motet_context_timer_fixed_rate(context, 1, bad[i], 1, times->type, NULL, 0));
        CHECK_CODE(MOTET_E_INVALID, motet_context_timer_fixed_rate(context, 1, 0, bad[i], times->type, NULL, 0));
        CHECK_CODE(MOTET_E_INVALID, motet_context_receive_timeout(context, bad[i]));
    }
    CHECK_CODE(MOTET_E_INVALID, motet_context_timer_fixed_rate(context, 1, 0, 0, times->type, NULL, 0));
    CHECK_CODE(0, motet_context_timer_active(context, 1));
    CHECK_CODE(MOTET_OK, motet_context_timer(context, 1, INT64_MAX / 2, INT64_MAX / 2, times->type, NULL, 0));
    CHECK_CODE(MOTET_OK, motet_context_receive_timeout(context, INT64_MAX / 2));
    atomic_store(&times->done, 1);
    return MOTET_OK;
}

static void durations(void) {
    motet_system_t *system = start_system(NULL);
    times_t times = {motet_system_type(system, "bad.Word"), 0};
    motet_ref_t *ref = spawn(system, NULL, take_times, &times);
    CHECK_CODE(MOTET_OK, tell(ref, times.type, NULL));
    CHECK_SOON(atomic_load(&times.done) == 1);

    static const int64_t bad[] = {0, -1, INT64_MIN, INT64_MAX};
    motet_future_t *future = NULL;
    motet_dispatcher_t *dispatcher = NULL;
    CHECK_OK(motet_dispatcher_new(system, &dispatcher));
    for (size_t i = 0; i < COUNT(bad); i++) {
        char named[40];
        snprintf(named, sizeof named, "timeout_ms %lld", (long long)bad[i]);
        CHECK_ERROR(MOTET_E_INVALID, named, motet_ref_ask(ref, times.type, NULL, 0, bad[i], NULL, 0, &future));
        CHECK(future == NULL);
    }
    CHECK_CODE(MOTET_E_INVALID, motet_dispatcher_ask(dispatcher, ref, 1, times.type, NULL, 0, -1, NULL, 0));
    motet_dispatcher_free(dispatcher);
    CHECK_ERROR(MOTET_E_INVALID, "timeout_ms -1", motet_system_close(system, -1));
    CHECK_ERROR(MOTET_E_INVALID, "timeout_ms -9223372036854775808", motet_system_close(system, INT64_MIN));

    motet_probe_t *probe = NULL;
    CHECK_OK(motet_probe_new(system, NULL, &probe));
    CHECK_ERROR(MOTET_E_INVALID, "-1", motet_probe_expect(probe, times.type, -1));
    CHECK_ERROR(MOTET_E_INVALID, "-1", motet_probe_expect_none(probe, -1));
    motet_probe_free(probe);
    motet_testkit_t *kit = motet_testkit_new(1);
    CHECK_CODE(MOTET_OK, motet_testkit_advance(kit, 1));
    CHECK_CODE(MOTET_E_INVALID, motet_testkit_advance(kit, -1));
    CHECK_CODE(MOTET_E_INVALID, motet_testkit_advance(kit, INT64_MAX));
    motet_testkit_free(kit);

    /* The longest times there are end when what they wait for comes. */
    motet_ref_free(ref);
    CHECK_OK(motet_system_close(system, INT64_MAX));
    CHECK_OK(motet_system_wait(system, INT64_MAX));
    motet_system_free(system);
}

/* Refs outlive their actors and their systems; what is done with them then says so. */
static void closed_refs(void) {
    motet_system_t *closed = start_system(NULL);
    motet_type_t type = motet_system_type(closed, "bad.Word");
    motet_ref_t *dead = spawn(closed, "dead", ignore, NULL);
    motet_ref_t *other = spawn(closed, "other", ignore, NULL);
    motet_ref_t *pool = NULL;
    motet_props_t *props = motet_props_new(ignore, NULL);
    motet_props_t *pool_props = motet_props_new(ignore, NULL);
    CHECK_OK(motet_props_set(pool_props, "router", "round-robin-pool"));
    CHECK_OK(motet_system_spawn(closed, pool_props, "pool", &pool));
    motet_props_free(pool_props);
    motet_ref_t *selection = NULL;
    CHECK_OK(motet_system_ref(closed, "/user/d*", &selection));
    end_system(closed);

    motet_system_t *living = start_system(NULL);
    motet_type_t word = motet_system_type(living, "bad.Word");
    probe_t *probe = probe_new(living);
    motet_future_t *future = NULL;
    motet_ref_t *ref = NULL;
    motet_ref_t *gone[] = {dead, pool, selection};
    for (size_t i = 0; i < COUNT(gone); i++) {
        CHECK_CODE(MOTET_E_STOPPED, tell(gone[i], type, "x"));
        CHECK_CODE(MOTET_E_STOPPED, motet_ref_tell(gone[i], probe->ref, type, NULL, 0, NULL, 0));
        CHECK_ERROR(MOTET_E_CLOSED, "closed", motet_ref_ask(gone[i], type, NULL, 0, 1000, NULL, 0, &future));
        CHECK(motet_ref_path(gone[i], NULL, 0) > 0);
        CHECK_CODE(MOTET_OK, motet_ref_unwatch(probe->ref, gone[i]));
        CHECK_CODE(MOTET_E_STOPPED, tell(gone[i], MOTET_TYPE_POISON_PILL, NULL));
    }
    CHECK_CODE(MOTET_OK, motet_ref_stop(dead));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_stop(selection));
    CHECK_CODE(MOTET_E_STOPPED, motet_ref_watch(dead, other));
    CHECK_CODE(MOTET_E_STOPPED, motet_ref_watch(dead, probe->ref));
    CHECK_CODE(MOTET_OK, motet_ref_unwatch(dead, other));
    CHECK_ERROR(MOTET_E_CLOSED, "\"child\"", motet_ref_spawn(dead, props, "child", &ref));
    CHECK_ERROR(MOTET_E_CLOSED, "freed", motet_system_spawn(closed, props, "child", &ref));
    CHECK_ERROR(MOTET_E_CLOSED, "freed", motet_system_ref(closed, "/user/dead", &ref));

    /* Who watches one that is gone is told. */
    CHECK_CODE(MOTET_OK, motet_ref_watch(probe->ref, dead));
    CHECK(probe_expect(probe, 0)->type == MOTET_TYPE_TERMINATED);
    CHECK(motet_ref_equal(probe_expect(probe, 0)->sender, dead));

    /* An actor that has stopped in a system that lives. */
    motet_ref_t *stopped = spawn(living, "stopped", ignore, NULL);
    CHECK_CODE(MOTET_OK, motet_ref_watch(probe->ref, stopped));
    CHECK_CODE(MOTET_OK, motet_ref_stop(stopped));
    CHECK(probe_expect(probe, 1)->type == MOTET_TYPE_TERMINATED);
    CHECK_CODE(MOTET_E_STOPPED, motet_ref_watch(stopped, probe->ref));
    CHECK_ERROR(MOTET_E_STOPPED, "\"child\"", motet_ref_spawn(stopped, props, "child", &ref));
    CHECK_OK(motet_ref_ask(stopped, word, NULL, 0, 1000, NULL, 0, &future));
    CHECK_ERROR(MOTET_E_STOPPED, "/user/stopped", motet_future_wait(future));
    motet_future_free(future);
    CHECK_OK(motet_system_spawn(living, props, "stopped", &ref));

    motet_ref_free(ref);
    motet_ref_free(stopped);
    motet_props_free(props);
    end_system(living);
    probe_free(probe);
    motet_ref_free(selection);
    motet_ref_free(pool);
    motet_ref_free(other);
    motet_ref_free(dead);
}

static const test_t tests[] = {TEST(names),        TEST(unknown_names), TEST(properties),
                               TEST(no_behaviour), TEST(durations),     TEST(closed_refs)};

int main(int argc, char **argv) { return run_tests(tests, sizeof tests / sizeof *tests, argc, argv); }
