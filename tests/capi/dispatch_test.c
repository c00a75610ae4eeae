/* Who runs actors: pinned threads, configured dispatchers, deployment by path, the age of progress. */
#include "check.h"

#include <pthread.h>

/* Tells which thread runs it, and waits while it is told to. */
typedef struct place {
    _Atomic(pthread_t) thread;
    atomic_int handled, stay;
} place_t;

static int32_t note_thread(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    place_t *place = state;
    if (motet_message_type(message) >= MOTET_TYPE_FIRST_USER) {
        atomic_store(&place->thread, pthread_self());
        atomic_fetch_add(&place->handled, 1);
        CHECK_SOON(!atomic_load(&place->stay));
    }
    return MOTET_OK;
}

static motet_ref_t *spawn_on(motet_system_t *system, const char *dispatcher, const char *name, place_t *place) {
    motet_props_t *props = motet_props_new(note_thread, place);
    if (dispatcher != NULL) {
        CHECK_OK(motet_props_set(props, "dispatcher", dispatcher));
    }
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(system, props, name, &ref));
    motet_props_free(props);
    return ref;
}

static void handle(motet_ref_t *ref, place_t *place, int messages) {
    int before = atomic_load(&place->handled);
    for (int i = 0; i < messages; ++i) {
        CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, NULL));
        CHECK_SOON(atomic_load(&place->handled) == before + i + 1);
    }
}

static void test_each_pinned_actor_has_its_own_thread(void) {
    motet_system_t *system = start_system(NULL);
    place_t places[3];
    memset(places, 0, sizeof places);
    motet_ref_t *refs[3];
    for (int i = 0; i < 3; ++i) {
        refs[i] = spawn_on(system, "pinned", NULL, &places[i]);
        handle(refs[i], &places[i], 1);
    }
    for (int i = 0; i < 3; ++i) {
        pthread_t first = atomic_load(&places[i].thread);
        handle(refs[i], &places[i], 20);
        CHECK(pthread_equal(first, atomic_load(&places[i].thread)));
        CHECK(!pthread_equal(first, atomic_load(&places[(i + 1) % 3].thread)));
    }
    /* A blocked one delays nobody. */
    atomic_store(&places[0].stay, 1);
    CHECK_CODE(MOTET_OK, tell(refs[0], MOTET_TYPE_FIRST_USER, NULL));
    handle(refs[1], &places[1], 5);
    atomic_store(&places[0].stay, 0);
    for (int i = 0; i < 3; ++i) {
        motet_ref_free(refs[i]);
    }
    end_system(system);
}

static void test_the_thread_of_a_pinned_actor_ends_with_it(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    place_t place = {.handled = 0};
    for (int i = 0; i < 50; ++i) {
        motet_ref_t *ref = spawn_on(system, "pinned", "one", &place);
        CHECK_CODE(MOTET_OK, motet_ref_watch(probe->ref, ref));
        handle(ref, &place, 1);
        CHECK_CODE(MOTET_OK, motet_ref_stop(ref));
        CHECK(probe_expect(probe, i)->type == MOTET_TYPE_TERMINATED);
        motet_ref_free(ref);
    }
    end_system(system);
    probe_free(probe);
}

static void test_configuration_decides_by_path(void) {
    motet_system_t *system =
        start_system("actor.dispatcher.mine.threads", "1", "actor.dispatcher.mine.throughput-deadline", "1ms",
                     "actor.dispatcher.other.threads", "1", "actor.deployment.\"/service/*\".dispatcher", "mine",
                     "actor.deployment.\"/service/odd\".dispatcher", "other", "actor.mailbox.tiny.capacity", "1",
                     "actor.deployment.\"/service/odd\".mailbox", "tiny", NULL);
    place_t places[3];
    memset(places, 0, sizeof places);
    motet_ref_t *service = spawn_on(system, NULL, "service", &places[0]);
    motet_ref_t *refs[3];
    const char *const names[] = {"a", "b", "odd"};
    for (int i = 0; i < 3; ++i) {
        motet_props_t *props = motet_props_new(note_thread, &places[i]);
        CHECK_OK(motet_ref_spawn(service, props, names[i], &refs[i]));
        motet_props_free(props);
        handle(refs[i], &places[i], 1);
    }
    CHECK(pthread_equal(atomic_load(&places[0].thread), atomic_load(&places[1].thread)));
    CHECK(!pthread_equal(atomic_load(&places[0].thread), atomic_load(&places[2].thread)));
    atomic_store(&places[2].stay, 1);
    int before = atomic_load(&places[2].handled);
    CHECK_CODE(MOTET_OK, tell(refs[2], MOTET_TYPE_FIRST_USER, NULL));
    CHECK_SOON(atomic_load(&places[2].handled) == before + 1);
    CHECK_CODE(MOTET_OK, tell(refs[2], MOTET_TYPE_FIRST_USER, NULL));
    CHECK_CODE(MOTET_E_MAILBOX_FULL, tell(refs[2], MOTET_TYPE_FIRST_USER, NULL));
    atomic_store(&places[2].stay, 0);
    for (int i = 0; i < 3; ++i) {
        motet_ref_free(refs[i]);
    }
    motet_ref_free(service);
    end_system(system);
}

static void test_a_deployment_that_cannot_work_is_refused_at_the_start(void) {
    motet_config_t *config = motet_config_new();
    CHECK_OK(motet_config_set(config, "remote.enabled", "off"));
    CHECK_OK(motet_config_set(config, "actor.deployment.\"/a\".dispatcher", "nowhere"));
    motet_system_t *system = NULL;
    CHECK_ERROR(MOTET_E_BAD_VALUE, "nowhere", motet_system_start(config, &system));
    motet_config_free(config);
    config = motet_config_new();
    CHECK_OK(motet_config_set(config, "actor.deployment.\"/a/**/b\".dispatcher", "blocking"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "/a/**/b", motet_system_start(config, &system));
    motet_config_free(config);
}

static void test_the_age_of_progress_grows_while_handlers_block(void) {
    motet_system_t *system = start_system("actor.dispatcher.one.threads", "1", NULL);
    place_t place = {.stay = 0};
    CHECK_CODE(MOTET_E_NOT_FOUND, motet_system_progress_age(system, "one"));
    CHECK_CODE(MOTET_E_INVALID, motet_system_progress_age(system, NULL));
    motet_ref_t *ref = spawn_on(system, "one", NULL, &place);
    handle(ref, &place, 1);
    CHECK_SOON(motet_system_progress_age(system, "one") == 0);
    atomic_store(&place.stay, 1);
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, NULL));
    CHECK_SOON(motet_system_progress_age(system, "one") > 20 * 1000000);
    atomic_store(&place.stay, 0);
    CHECK_SOON(motet_system_progress_age(system, "one") == 0);
    CHECK(motet_system_progress_age(system, "internal") >= 0);
    motet_ref_free(ref);
    end_system(system);
    CHECK_CODE(MOTET_E_INVALID, motet_system_progress_age(NULL, "one"));
}

int main(int argc, char **argv) {
    const test_t tests[] = {
        TEST(test_each_pinned_actor_has_its_own_thread),
        TEST(test_the_thread_of_a_pinned_actor_ends_with_it),
        TEST(test_configuration_decides_by_path),
        TEST(test_a_deployment_that_cannot_work_is_refused_at_the_start),
        TEST(test_the_age_of_progress_grows_while_handlers_block),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
