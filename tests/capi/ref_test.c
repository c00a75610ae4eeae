/* Refs: counting, paths, equality, telling, selections; and what becomes of messages that are not delivered. */
#include "check.h"

static int32_t ignore(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    (void)message;
    (void)state;
    return MOTET_OK;
}

static int32_t handle_nothing(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    (void)message;
    (void)state;
    return MOTET_E_UNHANDLED;
}

static void a_path_leads_back_to_an_equal_ref(void) {
    motet_system_t *system = start_system(NULL);
    motet_ref_t *ref = spawn(system, "alto", ignore, NULL);
    char path[256];
    int64_t size = motet_ref_path(ref, path, sizeof path);
    CHECK(size == (int64_t)strlen(path));
    CHECK(strncmp(path, "motet://motet/user/alto#", 24) == 0);
    motet_ref_t *same = NULL;
    CHECK_OK(motet_system_ref(system, path, &same));
    CHECK(motet_ref_equal(ref, same) == 1);
    CHECK(motet_ref_hash(ref) == motet_ref_hash(same));
    char small[6];
    CHECK_CODE(size, motet_ref_path(ref, small, sizeof small));
    CHECK_TEXT("motet", small);
    CHECK_CODE(size, motet_ref_path(ref, NULL, 0));
    motet_ref_free(same);
    motet_ref_free(ref);
    end_system(system);
}

static void another_life_of_a_name_is_another_actor(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_ref_t *first = spawn(system, "alto", ignore, NULL);
    CHECK_CODE(MOTET_OK, motet_ref_watch(probe->ref, first));
    motet_ref_stop(first);
    probe_expect(probe, 0);
    motet_ref_t *second = spawn(system, "alto", ignore, NULL);
    CHECK(motet_ref_equal(first, second) == 0);
    CHECK_CODE(MOTET_E_STOPPED, tell(first, motet_system_type(system, "test.A"), NULL));
    CHECK_CODE(MOTET_OK, tell(second, motet_system_type(system, "test.A"), NULL));
    motet_ref_free(first);
    motet_ref_free(second);
    end_system(system);
    probe_free(probe);
}

static void null_refs_are_nobody(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_type_t type = motet_system_type(system, "test.A");
    CHECK(motet_ref_retain(NULL) == NULL);
    motet_ref_free(NULL);
    CHECK(motet_ref_equal(NULL, NULL) == 1);
    CHECK(motet_ref_equal(NULL, probe->ref) == 0);
    CHECK(motet_ref_equal(probe->ref, NULL) == 0);
    CHECK(motet_ref_hash(NULL) == motet_ref_hash(NULL));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_path(NULL, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, tell(NULL, type, NULL));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_stop(NULL));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_watch(NULL, probe->ref));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_watch(probe->ref, NULL));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_unwatch(NULL, probe->ref));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_unwatch(probe->ref, NULL));
    end_system(system);
    probe_free(probe);
}

static void tell_refuses_what_is_no_message(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_type_t type = motet_system_type(system, "test.A");
    uint8_t trace[MOTET_TRACE_SIZE] = {0};
    CHECK_CODE(MOTET_E_INVALID, tell(probe->ref, 0, NULL));
    CHECK_CODE(MOTET_E_INVALID, tell(probe->ref, -3, NULL));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_tell(probe->ref, NULL, type, NULL, 5, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_tell(probe->ref, NULL, type, NULL, 0, trace, 7));
    CHECK_CODE(MOTET_OK, motet_ref_tell(probe->ref, NULL, type, NULL, 0, trace, sizeof trace));
    probe_expect(probe, 0);
    CHECK(atomic_load(&probe->count) == 1);
    end_system(system);
    probe_free(probe);
}

static void messages_of_one_sender_come_in_order(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_type_t type = motet_system_type(system, "test.Number");
    for (int32_t i = 0; i < 2000; i++) {
        CHECK_CODE(MOTET_OK, motet_ref_tell(probe->ref, NULL, type, (const uint8_t *)&i, sizeof i, NULL, 0));
    }
    probe_expect(probe, 1999);
    for (int32_t i = 0; i < 2000; i++) {
        CHECK(memcmp(probe->records[i].data, &i, sizeof i) == 0);
    }
    end_system(system);
    probe_free(probe);
}

static void large_payloads_arrive_whole(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    size_t size = 3000000;
    uint8_t *data = malloc(size);
    memset(data, 'x', size);
    CHECK_CODE(MOTET_OK,
               motet_ref_tell(probe->ref, NULL, motet_system_type(system, "test.Large"), data, size, NULL, 0));
    free(data);
    const record_t *record = probe_expect(probe, 0);
    CHECK(record->size == size);
    CHECK(record->data[0] == 'x' && record->data[1000] == 'x');
    end_system(system);
    probe_free(probe);
}

static void check_dead_letter(const record_t *record, int32_t cause, const char *type, const char *target) {
    CHECK_CODE(MOTET_TYPE_DEAD_LETTER, record->type);
    CHECK_CODE(cause, record_number(record, "cause"));
    char *text = record_text(record, "type");
    CHECK_TEXT(type, text);
    free(text);
    text = record_text(record, "target");
    CHECK(strstr(text, target) != NULL);
    free(text);
    CHECK_CODE(3, record_number(record, "size"));
}

static void dead_letters_name_their_cause(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *letters = probe_new(system);
    probe_t *watcher = probe_new(system);
    CHECK_OK(motet_system_subscribe(system, letters->ref, "dead-letters"));
    motet_ref_t *deaf = spawn(system, "deaf", handle_nothing, NULL);
    CHECK_CODE(MOTET_OK, tell(deaf, motet_system_type(system, "test.Lost"), "abc"));
    check_dead_letter(probe_expect(letters, 0), MOTET_E_UNHANDLED, "test.Lost", "/user/deaf");
    CHECK_CODE(MOTET_OK, motet_ref_watch(watcher->ref, deaf));
    motet_ref_stop(deaf);
    probe_expect(watcher, 0);
    CHECK_CODE(MOTET_E_STOPPED, tell(deaf, motet_system_type(system, "test.Late"), "abc"));
    check_dead_letter(probe_expect(letters, 1), MOTET_E_STOPPED, "test.Late", "/user/deaf");
    motet_ref_t *nobody = NULL;
    CHECK_OK(motet_system_ref(system, "/user/nobody", &nobody));
    CHECK_CODE(MOTET_E_STOPPED, tell(nobody, motet_system_type(system, "test.None"), "abc"));
    check_dead_letter(probe_expect(letters, 2), MOTET_E_STOPPED, "test.None", "/user/nobody");
    motet_ref_free(nobody);
    motet_ref_free(deaf);
    end_system(system);
    probe_free(letters);
    probe_free(watcher);
}

static int32_t wait_for_release(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    while (motet_message_type(message) >= MOTET_TYPE_FIRST_USER && atomic_load((atomic_int *)state) == 0) {
        pause_ms(1);
    }
    return MOTET_OK;
}

static void a_full_mailbox_refuses(void) {
    motet_system_t *system = start_system("actor.mailbox-capacity", "10", NULL);
    atomic_int release = 0;
    motet_ref_t *ref = spawn(system, "slow", wait_for_release, &release);
    motet_type_t type = motet_system_type(system, "test.Much");
    int32_t code = MOTET_OK;
    for (int i = 0; i < 100 && code == MOTET_OK; i++) {
        code = tell(ref, type, NULL);
    }
    CHECK_CODE(MOTET_E_MAILBOX_FULL, code);
    atomic_store(&release, 1);
    motet_ref_free(ref);
    end_system(system);
}

static void refs_outlive_their_system(void) {
    motet_system_t *system = start_system(NULL);
    motet_ref_t *ref = spawn(system, "alto", ignore, NULL);
    motet_ref_t *again = motet_ref_retain(ref);
    motet_type_t type = motet_system_type(system, "test.A");
    end_system(system);
    int32_t code = tell(ref, type, "abc");
    CHECK(code == MOTET_E_CLOSED || code == MOTET_E_STOPPED);
    char path[256];
    CHECK(motet_ref_path(ref, path, sizeof path) > 0);
    CHECK(strstr(path, "/user/alto#") != NULL);
    CHECK(motet_ref_equal(ref, again) == 1);
    CHECK_CODE(MOTET_OK, motet_ref_stop(ref));
    motet_future_t *future = NULL;
    motet_error_t *error = motet_ref_ask(ref, type, NULL, 0, 1000, NULL, 0, &future);
    if (error == NULL) {
        error = motet_future_wait(future);
        motet_future_free(future);
    }
    CHECK(motet_error_code(error) == MOTET_E_CLOSED || motet_error_code(error) == MOTET_E_STOPPED);
    motet_error_free(error);
    motet_ref_free(again);
    motet_ref_free(ref);
}

static void bad_paths_are_named(void) {
    motet_system_t *system = start_system(NULL);
    motet_ref_t *ref = NULL;
    CHECK_ERROR(MOTET_E_BAD_NAME, "nonsense", motet_system_ref(system, "nonsense", &ref));
    CHECK_ERROR(MOTET_E_BAD_NAME, "", motet_system_ref(system, "", &ref));
    CHECK_ERROR(MOTET_E_BAD_NAME, "a b", motet_system_ref(system, "/user/a b", &ref));
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "http://", motet_system_ref(system, "http://S@host:1/user/a", &ref));
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "99999", motet_system_ref(system, "motet.tcp://S@host:99999/user/a", &ref));
    CHECK(ref == NULL);
    end_system(system);
}

static void selections_reach_all_that_match(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_type_t type = motet_system_type(system, "test.All");
    motet_ref_t *alto = spawn(system, "voice-alto", ignore, NULL);
    motet_ref_t *selection = NULL;
    CHECK_OK(motet_system_ref(system, "/user/voice-*", &selection));
    CHECK_CODE(MOTET_OK, motet_ref_tell(selection, probe->ref, MOTET_TYPE_IDENTIFY, NULL, 0, NULL, 0));
    CHECK(motet_ref_equal(probe_expect(probe, 0)->sender, alto) == 1);
    motet_ref_free(selection);
    CHECK_OK(motet_system_ref(system, "/user/*", &selection));
    CHECK_CODE(MOTET_OK, tell(selection, type, NULL));
    CHECK_SOON(probe_count(probe, type) == 1);
    motet_ref_free(selection);
    motet_ref_free(alto);
    end_system(system);
    probe_free(probe);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(a_path_leads_back_to_an_equal_ref),
        TEST(another_life_of_a_name_is_another_actor),
        TEST(null_refs_are_nobody),
        TEST(tell_refuses_what_is_no_message),
        TEST(messages_of_one_sender_come_in_order),
        TEST(large_payloads_arrive_whole),
        TEST(dead_letters_name_their_cause),
        TEST(a_full_mailbox_refuses),
        TEST(refs_outlive_their_system),
        TEST(bad_paths_are_named),
        TEST(selections_reach_all_that_match),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
