/* Mailboxes that are configured: order, bounds, what gives way, high water. */
#include "check.h"

/* Waits in its first message until the gate opens, and passes all others on. */
typedef struct gate {
    atomic_int entered, open;
    probe_t *probe;
} gate_t;

static int32_t wait_at_gate(motet_context_t *context, const motet_message_t *message, void *state) {
    gate_t *gate = state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    if (atomic_exchange(&gate->entered, 1) == 0) {
        CHECK_SOON(atomic_load(&gate->open));
        return MOTET_OK;
    }
    return motet_context_tell(context, gate->probe->ref, motet_message_type(message), motet_message_data(message),
                              motet_message_size(message));
}

/* An actor with this mailbox that is busy with its first message. */
static motet_ref_t *spawn_busy(motet_system_t *system, const char *mailbox, gate_t *gate) {
    motet_props_t *props = motet_props_new(wait_at_gate, gate);
    CHECK_OK(motet_props_set(props, "mailbox", mailbox));
    CHECK_OK(motet_props_set(props, "dispatcher", "blocking"));
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(system, props, NULL, &ref));
    motet_props_free(props);
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, "first"));
    CHECK_SOON(atomic_load(&gate->entered));
    return ref;
}

static void test_priorities(void) {
    motet_system_t *system = start_system("actor.mailbox.triage.priorities", "m.Urgent=-1,m.Bulk=5",
                                          "actor.mailbox.triage.control-types", "m.Control", NULL);
    gate_t gate = {.probe = probe_new(system)};
    motet_ref_t *ref = spawn_busy(system, "triage", &gate);
    const char *const types[] = {"m.Bulk", "m.Plain", "m.Urgent", "m.Control", "m.Plain"};
    const char *const texts[] = {"e", "c", "b", "a", "d"};
    for (int i = 0; i < 5; ++i) {
        CHECK_CODE(MOTET_OK, tell(ref, motet_system_type(system, types[i]), texts[i]));
    }
    atomic_store(&gate.open, 1);
    const char *const expected[] = {"a", "b", "c", "d", "e"};
    for (int i = 0; i < 5; ++i) {
        CHECK_TEXT(expected[i], probe_expect(gate.probe, i)->data);
    }
    motet_ref_free(ref);
    end_system(system);
    probe_free(gate.probe);
}

static void test_a_full_mailbox_refuses_the_newest(void) {
    motet_system_t *system = start_system("actor.mailbox.small.capacity", "2", NULL);
    gate_t gate = {.probe = probe_new(system)};
    motet_ref_t *ref = spawn_busy(system, "small", &gate);
    int refused = 0;
    for (int i = 0; i < 10; ++i) {
        refused += tell(ref, MOTET_TYPE_FIRST_USER, "x") == MOTET_E_MAILBOX_FULL;
    }
    CHECK(refused == 8);
    atomic_store(&gate.open, 1);
    motet_ref_free(ref);
    end_system(system);
    probe_free(gate.probe);
}

static void test_the_oldest_may_give_way(void) {
    motet_system_t *system =
        start_system("actor.mailbox.latest.capacity", "2", "actor.mailbox.latest.overflow", "drop-oldest", NULL);
    gate_t gate = {.probe = probe_new(system)};
    probe_t *letters = probe_new(system);
    CHECK_OK(motet_system_subscribe(system, letters->ref, "dead-letters"));
    motet_ref_t *ref = spawn_busy(system, "latest", &gate);
    const char *const texts[] = {"a", "b", "c", "d"};
    for (int i = 0; i < 4; ++i) {
        CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, texts[i]));
    }
    for (int i = 0; i < 2; ++i) {
        CHECK(record_number(probe_expect(letters, i), "cause") == MOTET_E_MAILBOX_FULL);
    }
    atomic_store(&gate.open, 1);
    CHECK_TEXT("c", probe_expect(gate.probe, 0)->data);
    CHECK_TEXT("d", probe_expect(gate.probe, 1)->data);
    motet_ref_free(ref);
    end_system(system);
    probe_free(letters);
    probe_free(gate.probe);
}

/* Floods another actor until that refuses, and tells of its failure. */
typedef struct flooder {
    motet_ref_t *target;
    atomic_int restarts;
} flooder_t;

static int32_t flood(motet_context_t *context, const motet_message_t *message, void *state) {
    flooder_t *flooder = state;
    if (motet_message_type(message) == MOTET_TYPE_POST_RESTART) {
        atomic_fetch_add(&flooder->restarts, 1);
    }
    if (motet_message_type(message) >= MOTET_TYPE_FIRST_USER) {
        for (int i = 0; i < 3; ++i) {
            (void)motet_context_tell(context, flooder->target, MOTET_TYPE_FIRST_USER, NULL, 0);
        }
    }
    return MOTET_OK;
}

static void test_the_sender_may_fail(void) {
    motet_system_t *system = start_system("log.level", "off", "actor.mailbox.strict.capacity", "2",
                                          "actor.mailbox.strict.overflow", "fail-sender", NULL);
    gate_t gate = {.probe = probe_new(system)};
    flooder_t flooder = {.target = spawn_busy(system, "strict", &gate)};
    motet_ref_t *ref = spawn(system, NULL, flood, &flooder);
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, NULL));
    CHECK_SOON(atomic_load(&flooder.restarts) == 1);
    atomic_store(&gate.open, 1);
    motet_ref_free(ref);
    end_system(system);
    motet_ref_free(flooder.target);
    probe_free(gate.probe);
}

static void test_the_actor_may_stop(void) {
    motet_system_t *system =
        start_system("actor.mailbox.brittle.capacity", "2", "actor.mailbox.brittle.overflow", "stop", NULL);
    gate_t gate = {.probe = probe_new(system)};
    probe_t *watcher = probe_new(system);
    motet_ref_t *ref = spawn_busy(system, "brittle", &gate);
    CHECK_CODE(MOTET_OK, motet_ref_watch(watcher->ref, ref));
    while (tell(ref, MOTET_TYPE_FIRST_USER, "x") == MOTET_OK) {
    }
    atomic_store(&gate.open, 1);
    CHECK(probe_expect(watcher, 0)->type == MOTET_TYPE_TERMINATED);
    motet_ref_free(ref);
    end_system(system);
    probe_free(watcher);
    probe_free(gate.probe);
}

static void test_high_water(void) {
    motet_system_t *system =
        start_system("actor.mailbox.watched.capacity", "0", "actor.mailbox.watched.high-water", "3", NULL);
    gate_t gate = {.probe = probe_new(system)};
    probe_t *events = probe_new(system);
    CHECK_OK(motet_system_subscribe(system, events->ref, "mailboxes"));
    motet_ref_t *ref = spawn_busy(system, "watched", &gate);
    for (int i = 0; i < 10; ++i) {
        CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, "x"));
    }
    const record_t *event = probe_expect(events, 0);
    CHECK(event->type == MOTET_TYPE_MAILBOX_HIGH_WATER && record_number(event, "waiting") == 3);
    atomic_store(&gate.open, 1);
    CHECK(probe_expect(gate.probe, 9)->size == 1);
    CHECK(probe_count(events, MOTET_TYPE_MAILBOX_HIGH_WATER) == 1);
    motet_ref_free(ref);
    end_system(system);
    probe_free(events);
    probe_free(gate.probe);
}

static void test_unknown_mailboxes_and_settings_are_refused(void) {
    motet_system_t *system = start_system("actor.mailbox.small.capacity", "2", NULL);
    motet_props_t *props = motet_props_new(wait_at_gate, NULL);
    CHECK_OK(motet_props_set(props, "mailbox", "large"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "small", motet_system_spawn(system, props, NULL, NULL));
    motet_props_free(props);
    motet_config_t *config = motet_config_new();
    CHECK_ERROR(MOTET_E_BAD_VALUE, "drop-oldest", motet_config_set(config, "actor.mailbox.a.overflow", "explode"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "number", motet_config_set(config, "actor.mailbox.a.priorities", "m.Type"));
    motet_config_free(config);
    end_system(system);
}

int main(int argc, char **argv) {
    const test_t tests[] = {
        TEST(test_priorities),
        TEST(test_a_full_mailbox_refuses_the_newest),
        TEST(test_the_oldest_may_give_way),
        TEST(test_the_sender_may_fail),
        TEST(test_the_actor_may_stop),
        TEST(test_high_water),
        TEST(test_unknown_mailboxes_and_settings_are_refused),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
