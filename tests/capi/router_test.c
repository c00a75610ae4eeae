/* Routers: pools and groups of every logic, the messages that manage them, wrappers, and what is refused. */
#include "check.h"

#include <msgpack.h>

/* What a routee does with test.Job: answers with the same payload. What it does with test.Count: counts. */
typedef struct counts {
    atomic_int handled;
} counts_t;

static int32_t work(motet_context_t *context, const motet_message_t *message, void *state) {
    motet_system_t *system = motet_context_system(context);
    if (motet_message_type(message) == motet_system_type(system, "test.Job")) {
        return motet_context_reply(context, motet_system_type(system, "test.Done"), motet_message_data(message),
                                   motet_message_size(message));
    }
    if (motet_message_type(message) == motet_system_type(system, "test.Count")) {
        atomic_fetch_add(&((counts_t *)state)->handled, 1);
        return MOTET_OK;
    }
    return MOTET_E_UNHANDLED;
}

/* A router with properties: key, value, ..., NULL. */
static motet_ref_t *spawn_router(motet_system_t *system, const char *name, counts_t *counts, const char *const *keys) {
    motet_props_t *props = motet_props_new(work, counts);
    for (; *keys != NULL; keys += 2) {
        CHECK_OK(motet_props_set(props, keys[0], keys[1]));
    }
    motet_ref_t *router = NULL;
    CHECK_OK(motet_system_spawn(system, props, name, &router));
    motet_props_free(props);
    return router;
}
#define ROUTER(system, name, counts, ...)                                                                              \
    spawn_router((system), (name), (counts), (const char *const[]){__VA_ARGS__, NULL})

static void pack_text(msgpack_packer *packer, const char *text) {
    msgpack_pack_str(packer, strlen(text));
    msgpack_pack_str_body(packer, text, strlen(text));
}

static void pack_ref(msgpack_packer *packer, const motet_ref_t *ref) {
    char path[512];
    CHECK(motet_ref_path(ref, path, sizeof path) < (int64_t)sizeof path);
    msgpack_pack_ext(packer, strlen(path), MOTET_EXTENSION_REF);
    msgpack_pack_ext_body(packer, path, strlen(path));
}

/* Tells a map of one field. */
static int32_t tell_routee(const motet_ref_t *router, motet_type_t type, const motet_ref_t *routee) {
    msgpack_sbuffer body;
    msgpack_packer packer;
    msgpack_sbuffer_init(&body);
    msgpack_packer_init(&packer, &body, msgpack_sbuffer_write);
    msgpack_pack_map(&packer, 1);
    pack_text(&packer, "routee");
    pack_ref(&packer, routee);
    int32_t code = motet_ref_tell(router, NULL, type, (const uint8_t *)body.data, body.size, NULL, 0);
    msgpack_sbuffer_destroy(&body);
    return code;
}

static int32_t adjust(const motet_ref_t *pool, int64_t change) {
    msgpack_sbuffer body;
    msgpack_packer packer;
    msgpack_sbuffer_init(&body);
    msgpack_packer_init(&packer, &body, msgpack_sbuffer_write);
    msgpack_pack_map(&packer, 1);
    pack_text(&packer, "change");
    msgpack_pack_int64(&packer, change);
    int32_t code =
        motet_ref_tell(pool, NULL, MOTET_TYPE_ADJUST_POOL_SIZE, (const uint8_t *)body.data, body.size, NULL, 0);
    msgpack_sbuffer_destroy(&body);
    return code;
}

/* Tells a message in a wrapper; key is NULL for none. */
static int32_t wrap(const motet_ref_t *router, const motet_ref_t *sender, motet_type_t wrapper, const char *key,
                    const char *type, const char *payload) {
    msgpack_sbuffer body;
    msgpack_packer packer;
    msgpack_sbuffer_init(&body);
    msgpack_packer_init(&packer, &body, msgpack_sbuffer_write);
    msgpack_pack_map(&packer, key != NULL ? 3 : 2);
    if (key != NULL) {
        pack_text(&packer, "key");
        pack_text(&packer, key);
    }
    pack_text(&packer, "type");
    pack_text(&packer, type);
    pack_text(&packer, "payload");
    msgpack_pack_bin(&packer, strlen(payload));
    msgpack_pack_bin_body(&packer, payload, strlen(payload));
    int32_t code = motet_ref_tell(router, sender, wrapper, (const uint8_t *)body.data, body.size, NULL, 0);
    msgpack_sbuffer_destroy(&body);
    return code;
}

/* How many routees a router says it has. */
static int64_t count_routees(const motet_ref_t *router) {
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(router, MOTET_TYPE_GET_ROUTEES, NULL, 0, PATIENCE_MS, NULL, 0, &future));
    CHECK_OK(motet_future_wait(future));
    const motet_message_t *reply = motet_future_reply(future);
    CHECK_CODE(MOTET_TYPE_ROUTEES, motet_message_type(reply));
    msgpack_unpacked body;
    msgpack_unpacked_init(&body);
    CHECK(msgpack_unpack_next(&body, (const char *)motet_message_data(reply), motet_message_size(reply), NULL) ==
          MSGPACK_UNPACK_SUCCESS);
    CHECK(body.data.type == MSGPACK_OBJECT_MAP && body.data.via.map.size == 1);
    msgpack_object routees = body.data.via.map.ptr[0].val;
    CHECK(routees.type == MSGPACK_OBJECT_ARRAY);
    int64_t count = routees.via.array.size;
    for (uint32_t i = 0; i < routees.via.array.size; ++i) {
        CHECK(routees.via.array.ptr[i].type == MSGPACK_OBJECT_EXT);
        CHECK(routees.via.array.ptr[i].via.ext.type == MOTET_EXTENSION_REF);
    }
    msgpack_unpacked_destroy(&body);
    motet_future_free(future);
    return count;
}

/* Tells a job and gives who did it: a probe's record, the sender of which is the routee. */
static const record_t *do_job(const motet_ref_t *router, probe_t *asker, motet_type_t job, int index) {
    CHECK_CODE(MOTET_OK, motet_ref_tell(router, asker->ref, job, (const uint8_t *)"la", 2, NULL, 0));
    return probe_expect(asker, index);
}

static void a_round_robin_pool_deals_in_turn(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *asker = probe_new(system);
    motet_type_t job = motet_system_type(system, "test.Job");
    motet_ref_t *pool = ROUTER(system, "pool", NULL, "router", "round-robin-pool", "router.instances", "2");
    int by_first = 0;
    for (int i = 0; i < 4; ++i) {
        const record_t *done = do_job(pool, asker, job, i);
        by_first += motet_ref_equal(done->sender, probe_expect(asker, 0)->sender);
    }
    CHECK_CODE(2, by_first);
    motet_ref_free(pool);
    end_system(system);
    probe_free(asker);
}

static void every_logic_does_its_work(void) {
    static const char *const logics[] = {"round-robin",    "random",        "smallest-mailbox",  "broadcast",
                                         "scatter-gather", "tail-chopping", "consistent-hashing"};
    motet_system_t *system = start_system(NULL);
    motet_type_t job = motet_system_type(system, "test.Job");
    motet_ref_t *worker = spawn(system, "worker", work, NULL);
    for (size_t i = 0; i < sizeof logics / sizeof *logics; ++i) {
        char pool_name[64];
        char group_name[64];
        snprintf(pool_name, sizeof pool_name, "%s-pool", logics[i]);
        snprintf(group_name, sizeof group_name, "%s-group", logics[i]);
        motet_ref_t *pool = ROUTER(system, pool_name, NULL, "router", pool_name, "router.instances", "3");
        motet_ref_t *group =
            ROUTER(system, group_name, NULL, "router", group_name, "router.paths", "/user/worker, /user/worker");
        probe_t *asker = probe_new(system);
        if (strcmp(logics[i], "consistent-hashing") == 0) {
            wrap(pool, asker->ref, MOTET_TYPE_CONSISTENT_HASHABLE_ENVELOPE, "ada", "test.Job", "la");
            wrap(group, asker->ref, MOTET_TYPE_CONSISTENT_HASHABLE_ENVELOPE, "ada", "test.Job", "la");
        } else {
            CHECK_CODE(MOTET_OK, motet_ref_tell(pool, asker->ref, job, (const uint8_t *)"la", 2, NULL, 0));
            CHECK_CODE(MOTET_OK, motet_ref_tell(group, asker->ref, job, (const uint8_t *)"la", 2, NULL, 0));
        }
        int expected = strcmp(logics[i], "broadcast") == 0 ? 5 : 2;
        CHECK_TEXT("la", probe_expect(asker, expected - 1)->data);
        CHECK_CODE(expected, atomic_load(&asker->count));
        motet_ref_free(pool);
        motet_ref_free(group);
        probe_free(asker);
    }
    motet_ref_free(worker);
    end_system(system);
}

static void a_key_stays_with_its_routee(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *asker = probe_new(system);
    motet_ref_t *pool = ROUTER(system, "pool", NULL, "router", "consistent-hashing-pool", "router.instances", "5",
                               "router.hash-key", "customer", "router.virtual-nodes-factor", "20");
    /* {"customer": "ada"}, by its field and by a wrapper. */
    static const uint8_t order[] = "\x81\xa8"
                                   "customer\xa3"
                                   "ada";
    motet_type_t job = motet_system_type(system, "test.Job");
    CHECK_CODE(MOTET_OK, motet_ref_tell(pool, asker->ref, job, order, sizeof order - 1, NULL, 0));
    const motet_ref_t *routee = probe_expect(asker, 0)->sender;
    for (int i = 1; i < 6; ++i) {
        if (i % 2 == 0) {
            motet_ref_tell(pool, asker->ref, job, order, sizeof order - 1, NULL, 0);
        } else {
            wrap(pool, asker->ref, MOTET_TYPE_CONSISTENT_HASHABLE_ENVELOPE, "ada", "test.Job", "la");
        }
        CHECK(motet_ref_equal(routee, probe_expect(asker, i)->sender));
    }
    CHECK_CODE(MOTET_E_INVALID, tell(pool, job, "no map"));
    motet_ref_free(pool);
    end_system(system);
    probe_free(asker);
}

static void a_balancing_pool_resizes_itself(void) {
    motet_system_t *system = start_system(NULL);
    counts_t counts = {0};
    motet_ref_t *pool = ROUTER(system, "pool", &counts, "router", "balancing-pool", "router.resizer", "pressure",
                               "router.resizer.lower-bound", "2", "router.resizer.upper-bound", "6",
                               "router.resizer.rampup-rate", "0.5", "router.resizer.messages-per-resize", "1");
    CHECK_CODE(2, count_routees(pool));
    motet_type_t count = motet_system_type(system, "test.Count");
    for (int i = 0; i < 100; ++i) {
        CHECK_CODE(MOTET_OK, tell(pool, count, NULL));
    }
    CHECK_SOON(atomic_load(&counts.handled) == 100);
    CHECK_CODE(MOTET_OK, adjust(pool, 100));
    CHECK_CODE(6, count_routees(pool));
    motet_ref_free(pool);
    end_system(system);
}

static void routers_are_managed_by_messages(void) {
    motet_system_t *system = start_system(NULL);
    counts_t counts = {0};
    motet_ref_t *pool = ROUTER(system, "pool", &counts, "router", "round-robin-pool");
    motet_ref_t *guest = spawn(system, "guest", work, &counts);
    CHECK_CODE(1, count_routees(pool));
    CHECK_CODE(MOTET_OK, adjust(pool, 3));
    CHECK_CODE(4, count_routees(pool));
    CHECK_CODE(MOTET_OK, tell_routee(pool, MOTET_TYPE_ADD_ROUTEE, guest));
    CHECK_CODE(5, count_routees(pool));
    CHECK_CODE(MOTET_OK, wrap(pool, NULL, MOTET_TYPE_BROADCAST, NULL, "test.Count", "la"));
    CHECK_SOON(atomic_load(&counts.handled) == 5);
    CHECK_CODE(MOTET_OK, tell_routee(pool, MOTET_TYPE_REMOVE_ROUTEE, guest));
    CHECK_CODE(MOTET_OK, adjust(pool, -100));
    CHECK_CODE(1, count_routees(pool));

    probe_t *watcher = probe_new(system);
    CHECK_CODE(MOTET_OK, motet_ref_watch(watcher->ref, pool));
    CHECK_CODE(MOTET_OK, wrap(pool, NULL, MOTET_TYPE_BROADCAST, NULL, "motet.PoisonPill", ""));
    CHECK(motet_ref_equal(probe_expect(watcher, 0)->sender, pool));
    CHECK_CODE(MOTET_OK, tell(guest, motet_system_type(system, "test.Count"), NULL));
    CHECK_SOON(atomic_load(&counts.handled) == 6);

    CHECK_CODE(MOTET_TYPE_BROADCAST, motet_system_type(system, "motet.Broadcast"));
    CHECK_CODE(MOTET_E_INVALID, motet_system_type(system, "motet.TimerTick"));
    motet_ref_free(pool);
    motet_ref_free(guest);
    end_system(system);
    probe_free(watcher);
}

static void a_router_of_another_node_is_managed_too(void) {
    motet_system_t *near = start_system("remote.enabled", "on", "remote.port", "0", "system.name", "near", NULL);
    motet_system_t *far = start_system("remote.enabled", "on", "remote.port", "0", "system.name", "far", NULL);
    motet_ref_t *pool = ROUTER(far, "pool", NULL, "router", "round-robin-pool");
    probe_t *guest = probe_new(near);
    char path[512];
    motet_ref_t *remote = NULL;
    CHECK(motet_ref_path(pool, path, sizeof path) < (int64_t)sizeof path);
    CHECK_OK(motet_system_ref(near, path, &remote));
    CHECK_CODE(1, count_routees(remote));
    CHECK_CODE(MOTET_OK, adjust(remote, 1));
    CHECK_CODE(MOTET_OK, tell_routee(remote, MOTET_TYPE_ADD_ROUTEE, guest->ref));
    CHECK_CODE(3, count_routees(remote));
    CHECK_CODE(MOTET_OK, wrap(remote, guest->ref, MOTET_TYPE_BROADCAST, NULL, "test.Job", "la"));
    /* Two answers of routees, and the job itself, which is sent on to the guest. */
    probe_expect(guest, 2);
    CHECK_CODE(2, probe_count(guest, motet_system_type(near, "test.Done")));
    CHECK_CODE(1, probe_count(guest, motet_system_type(near, "test.Job")));
    motet_ref_stop(guest->ref);
    CHECK_SOON(count_routees(remote) == 2);
    motet_ref_free(remote);
    motet_ref_free(pool);
    end_system(near);
    end_system(far);
    probe_free(guest);
}

static int32_t be_silent(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    (void)message;
    (void)state;
    return MOTET_OK;
}

static void without_an_answer_in_time_the_ask_fails(void) {
    motet_system_t *system = start_system(NULL);
    motet_props_t *props = motet_props_new(be_silent, NULL);
    motet_ref_t *pool = NULL;
    motet_future_t *future = NULL;
    CHECK_OK(motet_props_set(props, "router", "tail-chopping-pool"));
    CHECK_OK(motet_props_set(props, "router.instances", "2"));
    CHECK_OK(motet_props_set(props, "router.within", "20ms"));
    CHECK_OK(motet_props_set(props, "router.interval", "5ms"));
    CHECK_OK(motet_system_spawn(system, props, "pool", &pool));
    motet_type_t job = motet_system_type(system, "test.Job");
    CHECK_OK(motet_ref_ask(pool, job, NULL, 0, PATIENCE_MS, NULL, 0, &future));
    CHECK_ERROR(MOTET_E_TIMEOUT, "none of its 2 routees", motet_future_wait(future));
    motet_future_free(future);
    motet_props_free(props);
    motet_ref_free(pool);
    end_system(system);
}

static void what_makes_no_router_is_refused(void) {
    static const struct {
        const char *key, *value, *accepted;
    } bad[] = {
        {"router", "fastest-pool", "round-robin-pool or -group"},
        {"router", "round-robin", "smallest-mailbox-pool"},
        {"router.instances", "0", "from 1 to 1000000"},
        {"router.instances", "-4", "from 1 to 1000000"},
        {"router.instances", "few", "from 1 to 1000000"},
        {"router.paths", "", "paths of actors"},
        {"router.within", "0s", "a duration above 0"},
        {"router.interval", "often", "a duration above 0"},
        {"router.virtual-nodes-factor", "0", "from 1 to 10000"},
        {"router.hash-key", "", "name of a field"},
        {"router.resizer", "on", "off, pressure or optimal-size-exploring"},
        {"router.resizer.lower-bound", "0", "from 1 to 1000000"},
        {"router.resizer.backoff-rate", "2", "from 0 to 1"},
    };
    motet_system_t *system = start_system(NULL);
    motet_props_t *props = motet_props_new(work, NULL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        CHECK_ERROR(MOTET_E_BAD_VALUE, bad[i].accepted, motet_props_set(props, bad[i].key, bad[i].value));
    }
    CHECK_ERROR(MOTET_E_UNKNOWN_KEY, "router.hash-key", motet_props_set(props, "router.colour", "red"));
    CHECK_OK(motet_props_set(props, "router.instances", "2"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "router is not", motet_system_spawn(system, props, "a", NULL));
    CHECK_OK(motet_props_set(props, "router", "random-group"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "for a pool", motet_system_spawn(system, props, "a", NULL));
    motet_props_free(props);

    props = motet_props_new(NULL, NULL);
    CHECK_OK(motet_props_set(props, "router", "random-group"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "router.paths", motet_system_spawn(system, props, "a", NULL));
    CHECK_OK(motet_props_set(props, "router.paths", "/user/a"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "itself", motet_system_spawn(system, props, "a", NULL));
    CHECK_OK(motet_props_set(props, "router.paths", "nowhere"));
    CHECK_ERROR(MOTET_E_BAD_NAME, "nowhere", motet_system_spawn(system, props, "a", NULL));
    motet_props_free(props);

    props = motet_props_new(work, NULL);
    CHECK_ERROR(MOTET_E_BAD_VALUE, "balancing-pool", motet_props_set(props, "router", "balancing-group"));
    CHECK_OK(motet_props_set(props, "router", "balancing-pool"));
    CHECK_OK(motet_props_set(props, "router.resizer.lower-bound", "3"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "with a resizer", motet_system_spawn(system, props, "a", NULL));
    CHECK_OK(motet_props_set(props, "router.resizer", "pressure"));
    CHECK_OK(motet_props_set(props, "router.resizer.upper-bound", "2"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "at least the lower one", motet_system_spawn(system, props, "a", NULL));
    CHECK_OK(motet_props_set(props, "router.resizer.upper-bound", "5"));
    CHECK_OK(motet_props_set(props, "router.instances", "6"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "router.instances = 6", motet_system_spawn(system, props, "a", NULL));
    motet_props_free(props);

    props = motet_props_new(NULL, NULL);
    CHECK_OK(motet_props_set(props, "router", "random-pool"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "no handler", motet_system_spawn(system, props, "a", NULL));
    motet_props_free(props);
    end_system(system);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(a_round_robin_pool_deals_in_turn),
        TEST(every_logic_does_its_work),
        TEST(a_key_stays_with_its_routee),
        TEST(a_balancing_pool_resizes_itself),
        TEST(routers_are_managed_by_messages),
        TEST(a_router_of_another_node_is_managed_too),
        TEST(without_an_answer_in_time_the_ask_fails),
        TEST(what_makes_no_router_is_refused),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
