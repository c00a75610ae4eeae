/* What happens in a system, told: the event stream, dead letters with their story; and routers by configuration. */
#include "check.h"

#include <msgpack.h>

/* How many bytes a dead letter in these tests has at most. */
#define LETTER 2048

static void subscribers_get_events_of_the_programs_own(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system), *other = probe_new(system);
    motet_type_t placed = motet_system_type(system, "shop.OrderPlaced");
    const uint8_t *bytes = (const uint8_t *)"seven";
    uint8_t trace[MOTET_TRACE_SIZE] = {0};
    memset(trace + 1, 7, 24);
    CHECK_CODE(0, motet_system_publish(system, NULL, placed, bytes, 5, NULL, 0));
    CHECK_OK(motet_system_subscribe(system, probe->ref, "shop.OrderPlaced"));
    CHECK_OK(motet_system_subscribe(system, probe->ref, "shop.OrderPlaced"));
    CHECK_CODE(1, motet_system_publish(system, other->ref, placed, bytes, 5, trace, sizeof trace));
    const record_t *event = probe_expect(probe, 0);
    CHECK(event->type == placed);
    CHECK_TEXT("seven", event->data);
    CHECK(motet_ref_equal(event->sender, other->ref));
    CHECK(memcmp(event->trace + 1, trace + 1, 16) == 0);
    CHECK_OK(motet_system_unsubscribe(system, probe->ref, "shop.OrderPlaced"));
    CHECK_CODE(0, motet_system_publish(system, NULL, placed, NULL, 0, NULL, 0));
    CHECK(probe_count(other, placed) == 0);
    end_system(system);
    probe_free(probe);
    probe_free(other);
}

static int32_t publish(motet_context_t *context, const motet_message_t *message, void *state) {
    if (motet_message_type(message) >= MOTET_TYPE_FIRST_USER) {
        CHECK_CODE(1, motet_context_publish(context, *(motet_type_t *)state, motet_message_data(message),
                                            motet_message_size(message)));
    }
    return MOTET_OK;
}

static void actors_publish_as_themselves(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_type_t event = motet_system_type(system, "shop.Event");
    motet_ref_t *publisher = spawn(system, "publisher", publish, &event);
    CHECK_OK(motet_system_subscribe(system, probe->ref, "shop.Event"));
    CHECK_CODE(MOTET_OK, tell(publisher, motet_system_type(system, "shop.Do"), "it"));
    CHECK_TEXT("it", probe_expect(probe, 0)->data);
    CHECK(motet_ref_equal(probe_expect(probe, 0)->sender, publisher));
    motet_ref_free(publisher);
    end_system(system);
    probe_free(probe);
}

static void what_is_no_event_is_refused(void) {
    motet_system_t *system = start_system(NULL), *elsewhere = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_ref_t *nobody = NULL;
    motet_type_t type = motet_system_type(system, "shop.Event");
    CHECK_ERROR(MOTET_E_INVALID, "motet.Kill", motet_system_subscribe(system, probe->ref, "motet.Kill"));
    CHECK_ERROR(MOTET_E_INVALID, "dead-letters, remoting", motet_system_subscribe(system, probe->ref, "motet.no"));
    CHECK_ERROR(MOTET_E_INVALID, "two words", motet_system_subscribe(system, probe->ref, "two words"));
    CHECK_ERROR(MOTET_E_INVALID, "shop.Unknown", motet_system_subscribe(system, probe->ref, "shop.Unknown"));
    CHECK_ERROR(MOTET_E_INVALID, "event is NULL", motet_system_subscribe(system, probe->ref, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "subscriber is NULL", motet_system_unsubscribe(system, NULL, "shop.Event"));
    CHECK_ERROR(MOTET_E_INVALID, "no actor of this system",
                motet_system_subscribe(elsewhere, probe->ref, "shop.Event"));
    CHECK_OK(motet_system_ref(system, "/user/nobody", &nobody));
    CHECK_ERROR(MOTET_E_INVALID, "/user/nobody", motet_system_subscribe(system, nobody, "shop.Event"));
    CHECK_CODE(MOTET_E_INVALID, motet_system_publish(NULL, NULL, type, NULL, 0, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_system_publish(system, NULL, MOTET_TYPE_DEAD_LETTER, NULL, 0, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_system_publish(system, NULL, MOTET_TYPE_POISON_PILL, NULL, 0, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_system_publish(system, NULL, type + 1000, NULL, 0, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_system_publish(system, NULL, -1, NULL, 0, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_system_publish(system, NULL, type, NULL, 1, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_system_publish(system, NULL, type, NULL, 0, NULL, 3));
    CHECK_CODE(MOTET_E_TOO_LARGE,
               motet_system_publish(system, NULL, type, (const uint8_t *)"", (size_t)2 << 30, NULL, 0));
    motet_ref_free(nobody);
    end_system(elsewhere);
    CHECK_CODE(MOTET_E_CLOSED, motet_system_publish(elsewhere, NULL, type, NULL, 0, NULL, 0));
    end_system(system);
    probe_free(probe);
}

static int32_t pass_on(motet_context_t *context, const motet_message_t *message, void *state) {
    if (motet_message_type(message) >= MOTET_TYPE_FIRST_USER) {
        (void)motet_context_forward(context, *(motet_ref_t **)state);
    }
    return MOTET_OK;
}

static motet_dead_letters_t *letters_of(motet_system_t *system) {
    motet_dead_letters_t *letters = NULL;
    CHECK_OK(motet_system_dead_letters(system, &letters));
    return letters;
}

static uint64_t total(motet_system_t *system, int32_t cause) {
    motet_dead_letters_t *letters = letters_of(system);
    uint64_t total = motet_dead_letters_total(letters, cause);
    motet_dead_letters_free(letters);
    return total;
}

/* The value of a key in a letter. */
static msgpack_object value_of(const msgpack_unpacked *letter, const char *key) {
    CHECK(letter->data.type == MSGPACK_OBJECT_MAP);
    for (uint32_t i = 0; i < letter->data.via.map.size; ++i) {
        const msgpack_object_kv *pair = &letter->data.via.map.ptr[i];
        if (pair->key.via.str.size == strlen(key) && memcmp(pair->key.via.str.ptr, key, strlen(key)) == 0) {
            return pair->val;
        }
    }
    fail_at(__FILE__, __LINE__, key);
}

static bool ends_with(msgpack_object text, const char *end) {
    size_t size = strlen(end);
    return text.type == MSGPACK_OBJECT_STR && text.via.str.size >= size &&
           memcmp(text.via.str.ptr + text.via.str.size - size, end, size) == 0;
}

static void a_dead_letter_tells_its_story(void) {
    motet_system_t *system = start_system("dead-letters.ring", "2", NULL);
    probe_t *probe = probe_new(system);
    motet_ref_t *gone = NULL, *forwarder;
    motet_type_t word = motet_system_type(system, "test.Word");
    uint8_t body[LETTER], trace[MOTET_TRACE_SIZE] = {0};
    memset(trace + 1, 7, 24);
    CHECK_OK(motet_system_ref(system, "/user/gone", &gone));
    CHECK_OK(motet_system_subscribe(system, probe->ref, "motet.DeadLetter"));
    forwarder = spawn(system, "forwarder", pass_on, &gone);
    CHECK_CODE(MOTET_E_STOPPED, tell(gone, word, "one"));
    CHECK_CODE(MOTET_E_STOPPED, tell(gone, word, "two"));
    CHECK_CODE(MOTET_OK, motet_ref_tell(forwarder, NULL, word, (const uint8_t *)"third", 5, trace, sizeof trace));
    CHECK_SOON(total(system, MOTET_E_STOPPED) == 3);
    CHECK(total(system, MOTET_OK) == 3);
    CHECK(total(system, MOTET_E_GATED) == 0);

    motet_dead_letters_t *letters = letters_of(system);
    CHECK(motet_dead_letters_count(letters) == 2);
    int64_t size = motet_dead_letters_body(letters, 1, body, sizeof body);
    CHECK(size > 0 && size <= LETTER);
    msgpack_unpacked letter;
    msgpack_unpacked_init(&letter);
    CHECK(msgpack_unpack_next(&letter, (const char *)body, (size_t)size, NULL) == MSGPACK_UNPACK_SUCCESS);
    CHECK(value_of(&letter, "cause").via.i64 == MOTET_E_STOPPED);
    CHECK(value_of(&letter, "size").via.u64 == 5);
    CHECK(value_of(&letter, "passed_on").via.u64 == 1);
    CHECK(value_of(&letter, "hops").via.array.size == 1);
    CHECK(ends_with(value_of(&letter, "hops").via.array.ptr[0], "/user/forwarder"));
    CHECK(ends_with(value_of(&letter, "target"), "/user/gone"));
    CHECK(memcmp(value_of(&letter, "trace").via.str.ptr, "00-07070707070707070707070707070707-", 36) == 0);
    msgpack_unpacked_destroy(&letter);
    const record_t *told = probe_expect(probe, 2);
    CHECK(told->size == (size_t)size && memcmp(told->data, body, told->size) == 0);

    uint8_t little[4] = {0};
    CHECK_CODE(size, motet_dead_letters_body(letters, 1, little, 3));
    CHECK(memcmp(little, body, 3) == 0 && little[3] == 0);
    CHECK_CODE(size, motet_dead_letters_body(letters, 1, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_dead_letters_body(letters, 2, body, sizeof body));
    CHECK_CODE(MOTET_E_INVALID, motet_dead_letters_body(letters, -1, body, sizeof body));
    CHECK_CODE(MOTET_E_INVALID, motet_dead_letters_body(NULL, 0, body, sizeof body));
    CHECK(motet_dead_letters_total(NULL, MOTET_OK) == 0 && motet_dead_letters_count(NULL) == 0);
    motet_dead_letters_free(NULL);
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_system_dead_letters(system, NULL));
    motet_ref_free(gone);
    motet_ref_free(forwarder);
    end_system(system);
    motet_dead_letters_t *late = NULL;
    CHECK_ERROR(MOTET_E_CLOSED, "", motet_system_dead_letters(system, &late));
    CHECK(motet_dead_letters_count(letters) == 2); /* a copy, whatever becomes of the system */
    motet_dead_letters_free(letters);
    probe_free(probe);
}

static int32_t count_one(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    if (motet_message_type(message) >= MOTET_TYPE_FIRST_USER) {
        atomic_fetch_add((atomic_int *)state, 1);
    }
    return MOTET_OK;
}

static void configuration_makes_routers(void) {
    motet_system_t *system =
        start_system("actor.deployment.\"/all\".router", "broadcast-pool", "actor.deployment.\"/all\".router.instances",
                     "3", "actor.deployment.\"/tuned\".\"router.instances\"", "4", NULL);
    motet_type_t word = motet_system_type(system, "test.Word");
    atomic_int all = 0, tuned = 0;
    motet_ref_t *ref = spawn(system, "all", count_one, &all);
    CHECK_CODE(MOTET_OK, tell(ref, word, NULL));
    CHECK_SOON(atomic_load(&all) == 3);
    motet_ref_free(ref);
    motet_props_t *props = motet_props_new(count_one, &tuned);
    CHECK_OK(motet_props_set(props, "router", "broadcast-pool"));
    CHECK_OK(motet_system_spawn(system, props, "tuned", &ref));
    motet_props_free(props);
    CHECK_CODE(MOTET_OK, tell(ref, word, NULL));
    CHECK_SOON(atomic_load(&tuned) == 4);
    motet_ref_free(ref);
    end_system(system);
}

static void refused_at_start(const char *key, const char *value, int32_t code, const char *told) {
    motet_config_t *config = motet_config_new();
    motet_system_t *system = NULL;
    CHECK_OK(motet_config_set(config, "remote.enabled", "off"));
    CHECK_OK(motet_config_set(config, key, value));
    CHECK_ERROR(code, told, motet_system_start(config, &system));
    CHECK(system == NULL);
    motet_config_free(config);
}

static void routers_that_are_none_are_refused_at_the_start(void) {
    refused_at_start("actor.deployment.\"/a\".router", "round", MOTET_E_BAD_VALUE, "round-robin-pool or -group");
    refused_at_start("actor.deployment.\"/a\".router.instances", "-1", MOTET_E_BAD_VALUE, "router.instances = \"-1\"");
    refused_at_start("actor.deployment.\"/a\".router", "random-group", MOTET_E_BAD_VALUE, "router.paths");
    refused_at_start("actor.deployment.\"/a\".rooter", "x", MOTET_E_UNKNOWN_KEY, "router");
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(subscribers_get_events_of_the_programs_own),
        TEST(actors_publish_as_themselves),
        TEST(what_is_no_event_is_refused),
        TEST(a_dead_letter_tells_its_story),
        TEST(configuration_makes_routers),
        TEST(routers_that_are_none_are_refused_at_the_start),
    };
    return run_tests(tests, sizeof tests / sizeof tests[0], argc, argv);
}
