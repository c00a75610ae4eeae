/* Two nodes in one process, over the real transport: refs, messages, watch; and nodes that cannot start or be reached.
 */
#include "check.h"

static motet_system_t *start_node(const char *key, const char *value) {
    return start_system("remote.enabled", "on", "cluster.enabled", "off", "remote.gate-time", "200ms", key, value,
                        NULL);
}

static int32_t answer(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    if (motet_message_size(message) == 0) {
        return motet_context_fail(context, MOTET_E_FAILED, "nothing to answer");
    }
    return motet_context_reply(context, motet_message_type(message), motet_message_data(message),
                               motet_message_size(message));
}

/* The ref by which one node knows an actor of another. */
static motet_ref_t *as_seen_by(motet_system_t *system, const motet_ref_t *ref) {
    char path[512];
    CHECK(motet_ref_path(ref, path, sizeof path) > 0);
    motet_ref_t *seen = NULL;
    CHECK_OK(motet_system_ref(system, path, &seen));
    return seen;
}

static void starts_with_all_defaults(void) {
    motet_system_t *system = NULL;
    CHECK_OK(motet_system_start(NULL, &system));
    char address[256];
    int64_t size = motet_system_address(system, address, sizeof address);
    CHECK(size == (int64_t)strlen(address));
    CHECK(strncmp(address, "motet.tcp://motet@127.0.0.1:", 28) == 0);
    CHECK(motet_system_uid(system) != 0);
    end_system(system);
}

static void messages_and_answers_cross_nodes(void) {
    motet_system_t *here = start_node(NULL, NULL);
    motet_system_t *there = start_node(NULL, NULL);
    motet_ref_t *local = spawn(there, "answerer", answer, NULL);
    motet_ref_t *remote = as_seen_by(here, local);
    char path[512];
    char same[512];
    motet_ref_path(local, path, sizeof path);
    motet_ref_path(remote, same, sizeof same);
    CHECK_TEXT(path, same);
    motet_type_t type = motet_system_type(here, "test.Far");
    char *text = ask(remote, type, "over there");
    CHECK_TEXT("over there", text);
    free(text);
    probe_t *probe = probe_new(here);
    for (int32_t i = 0; i < 500; i++) {
        CHECK_CODE(MOTET_OK, motet_ref_tell(remote, probe->ref, type, (const uint8_t *)&i, sizeof i, NULL, 0));
    }
    probe_expect(probe, 499);
    for (int32_t i = 0; i < 500; i++) {
        CHECK(memcmp(probe->records[i].data, &i, sizeof i) == 0);
        CHECK(motet_ref_equal(probe->records[i].sender, remote));
    }
    motet_ref_free(local);
    motet_ref_free(remote);
    end_system(here);
    end_system(there);
    probe_free(probe);
}

static void the_text_of_a_failure_crosses_nodes(void) {
    motet_system_t *here = start_node(NULL, NULL);
    motet_system_t *there = start_node(NULL, NULL);
    motet_ref_t *local = spawn(there, "answerer", answer, NULL);
    motet_ref_t *remote = as_seen_by(here, local);
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(remote, motet_system_type(here, "test.Far"), NULL, 0, PATIENCE_MS, NULL, 0, &future));
    CHECK_ERROR(MOTET_E_FAILED, "nothing to answer", motet_future_wait(future));
    motet_future_free(future);
    motet_ref_free(local);
    motet_ref_free(remote);
    end_system(here);
    end_system(there);
}

static void a_trace_crosses_nodes(void) {
    motet_system_t *here = start_node(NULL, NULL);
    motet_system_t *there = start_node(NULL, NULL);
    probe_t *probe = probe_new(there);
    motet_ref_t *remote = as_seen_by(here, probe->ref);
    uint8_t trace[MOTET_TRACE_SIZE];
    CHECK_CODE(MOTET_TRACE_SIZE,
               motet_trace_parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", trace, sizeof trace));
    CHECK_CODE(MOTET_OK, motet_ref_tell(remote, NULL, motet_system_type(here, "test.Far"), (const uint8_t *)"x", 1,
                                        trace, sizeof trace));
    CHECK(memcmp(probe_expect(probe, 0)->trace + 1, trace + 1, 16) == 0);
    motet_ref_free(remote);
    end_system(here);
    end_system(there);
    probe_free(probe);
}

static void the_end_of_a_remote_actor_is_told(void) {
    motet_system_t *here = start_node(NULL, NULL);
    motet_system_t *there = start_node(NULL, NULL);
    probe_t *watcher = probe_new(here);
    motet_ref_t *local = spawn(there, "mortal", answer, NULL);
    motet_ref_t *remote = as_seen_by(here, local);
    CHECK_CODE(MOTET_OK, motet_ref_watch(watcher->ref, remote));
    free(ask(remote, motet_system_type(here, "test.Far"), "alive"));
    CHECK_CODE(MOTET_OK, motet_ref_stop(local));
    const record_t *record = probe_expect(watcher, 0);
    CHECK_CODE(MOTET_TYPE_TERMINATED, record->type);
    CHECK(motet_ref_equal(record->sender, remote));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_stop(remote));
    motet_ref_free(local);
    motet_ref_free(remote);
    end_system(here);
    end_system(there);
    probe_free(watcher);
}

static void a_node_that_is_not_there_is_told_by_the_ask(void) {
    motet_system_t *here = start_node("remote.handshake-timeout", "300ms");
    motet_ref_t *nobody = NULL;
    CHECK_OK(motet_system_ref(here, "motet.tcp://motet@127.0.0.1:1/user/a", &nobody));
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(nobody, motet_system_type(here, "test.Far"), NULL, 0, 500, NULL, 0, &future));
    motet_error_t *error = motet_future_wait(future);
    CHECK(motet_error_code(error) == MOTET_E_TIMEOUT || motet_error_code(error) == MOTET_E_GATED ||
          motet_error_code(error) == MOTET_E_UNREACHABLE);
    motet_error_free(error);
    motet_future_free(future);
    motet_ref_free(nobody);
    end_system(here);
}

static void who_is_refused_can_wait_for_room(void) {
    motet_system_t *here = start_system("remote.enabled", "on", "cluster.enabled", "off", "remote.max-message-size",
                                        "4MiB", "remote.large-queue-size", "8MiB", NULL);
    motet_system_t *there = start_node(NULL, NULL);
    probe_t *far = probe_new(there);
    motet_ref_t *remote = as_seen_by(here, far->ref);
    motet_type_t type = motet_system_type(here, "test.Far");
    size_t size = 3u * 1024 * 1024;
    uint8_t *data = calloc(1, size);
    CHECK_CODE(MOTET_OK, motet_ref_await_room(remote, size, PATIENCE_MS));
    int sent = 0;
    while (motet_ref_tell(remote, NULL, type, data, size, NULL, 0) == MOTET_OK) {
        sent++;
    }
    CHECK(sent >= 2);
    CHECK_CODE(MOTET_OK, motet_ref_await_room(remote, size, PATIENCE_MS));
    CHECK_CODE(MOTET_OK, motet_ref_tell(remote, NULL, type, data, size, NULL, 0));
    probe_t *waiter = probe_new(here);
    CHECK_CODE(MOTET_OK, motet_ref_when_room(remote, size, waiter->ref));
    const record_t *room = probe_expect(waiter, 0);
    CHECK(room->type == MOTET_TYPE_ROOM && motet_ref_equal(room->sender, remote));
    CHECK(record_number(room, "code") == 0);
    probe_expect(far, sent);
    CHECK(far->records[sent].size == size);
    free(data);
    CHECK_CODE(MOTET_E_TOO_LARGE, motet_ref_await_room(remote, (size_t)1 << 40, PATIENCE_MS));
    CHECK_CODE(MOTET_OK, motet_ref_await_room(waiter->ref, (size_t)1 << 40, 0));
    CHECK_CODE(MOTET_OK, motet_ref_when_room(waiter->ref, 1, waiter->ref));
    probe_expect(waiter, 1);
    CHECK_CODE(MOTET_E_INVALID, motet_ref_await_room(NULL, 1, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_when_room(remote, 1, remote));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_when_room(NULL, 1, waiter->ref));
    end_system(there);
    CHECK_CODE(MOTET_E_CLOSED, (end_system(here), motet_ref_await_room(remote, 1, PATIENCE_MS)));
    motet_ref_free(remote);
    probe_free(waiter);
    probe_free(far);
}

static void peers_are_reported(void) {
    motet_system_t *here = start_node(NULL, NULL);
    motet_system_t *there = start_node(NULL, NULL);
    motet_ref_t *local = spawn(there, "answerer", answer, NULL);
    motet_ref_t *remote = as_seen_by(here, local);
    motet_peers_t *peers = NULL;
    free(ask(remote, motet_system_type(here, "test.Far"), "x"));
    CHECK_OK(motet_system_peers(here, &peers));
    CHECK(motet_peers_count(peers) == 1);
    char address[256];
    motet_system_address(there, address, sizeof address);
    CHECK_TEXT(address, motet_peers_address(peers, 0));
    CHECK_TEXT("active", motet_peers_state(peers, 0));
    CHECK(motet_peers_uid(peers, 0) == motet_system_uid(there));
    CHECK(motet_peers_phi(peers, 0) == 0);
    CHECK(motet_peers_queued(peers, 0) == 0);
    CHECK(motet_peers_address(peers, 1) == NULL && motet_peers_state(peers, -1) == NULL);
    CHECK(motet_peers_uid(peers, 1) == 0 && motet_peers_phi(NULL, 0) == 0 && motet_peers_queued(peers, 9) == 0);
    motet_peers_free(peers);
    motet_peers_free(NULL);
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_system_peers(here, NULL));
    motet_ref_free(local);
    motet_ref_free(remote);
    end_system(there);
    end_system(here);
    CHECK_ERROR(MOTET_E_CLOSED, "", motet_system_peers(here, &peers));
    motet_system_t *alone = start_system("remote.enabled", "off", NULL);
    CHECK_ERROR(MOTET_E_BAD_STATE, "remote.enabled", motet_system_peers(alone, &peers));
    end_system(alone);
}

static int32_t work(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    size_t size = 0;
    const uint8_t *arguments = motet_context_arguments(context, &size);
    return motet_context_reply(context, motet_message_type(message), arguments, size);
}

static int32_t answer_with_own_node(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    char address[250];
    int64_t size = motet_system_address(motet_context_system(context), address, sizeof address);
    return motet_context_reply(context, motet_message_type(message), (const uint8_t *)address, (size_t)size);
}

static void actors_are_created_on_other_nodes(void) {
    motet_system_t *here = start_node(NULL, NULL);
    motet_system_t *there = start_node(NULL, NULL);
    motet_props_t *worker = motet_props_new(work, NULL);
    CHECK_OK(motet_system_register_actor(there, "test.Worker", worker));
    CHECK_ERROR(MOTET_E_NAME_TAKEN, "test.Worker", motet_system_register_actor(there, "test.Worker", worker));
    CHECK_ERROR(MOTET_E_BAD_NAME, "motet.", motet_system_register_actor(there, "motet.Worker", worker));
    CHECK_ERROR(MOTET_E_INVALID, "type", motet_system_register_actor(there, NULL, worker));
    CHECK_ERROR(MOTET_E_INVALID, "props", motet_system_register_actor(there, "x", NULL));
    motet_props_free(worker);
    char address[256];
    motet_system_address(there, address, sizeof address);
    motet_props_t *props = motet_props_of_type("test.Worker", (const uint8_t *)"with this", 9);
    CHECK_ERROR(MOTET_E_BAD_VALUE, "the address of a node", motet_props_set(props, "remote", "over there"));
    CHECK_OK(motet_props_set(props, "remote", address));
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(here, props, "worker", &ref));
    char *text = ask(ref, motet_system_type(here, "test.Far"), "x");
    CHECK_TEXT("with this", text);
    free(text);
    motet_ref_free(ref);
    CHECK_OK(motet_props_set(props, "remote", "local"));
    CHECK_ERROR(MOTET_E_INVALID, "test.Worker", motet_system_spawn(here, props, "near", &ref));
    CHECK_OK(motet_system_spawn(there, props, "near", &ref));
    text = ask(ref, motet_system_type(there, "test.Far"), "x");
    CHECK_TEXT("with this", text);
    free(text);
    motet_ref_free(ref);
    motet_props_free(props);
    CHECK(motet_props_of_type(NULL, NULL, 0) == NULL);
    end_system(here);
    end_system(there);
}

static void pools_spread_over_nodes(void) {
    motet_system_t *here = start_node(NULL, NULL);
    motet_system_t *nodes[2] = {start_node(NULL, NULL), start_node(NULL, NULL)};
    motet_props_t *worker = motet_props_new(answer_with_own_node, NULL);
    char addresses[512] = "";
    for (int i = 0; i < 2; i++) {
        char address[250];
        motet_system_address(nodes[i], address, sizeof address);
        CHECK_OK(motet_system_register_actor(nodes[i], "test.Worker", worker));
        strcat(strcat(addresses, i > 0 ? "," : ""), address);
    }
    motet_props_free(worker);
    motet_props_t *props = motet_props_of_type("test.Worker", NULL, 0);
    CHECK_OK(motet_props_set(props, "router", "round-robin-pool"));
    CHECK_OK(motet_props_set(props, "router.instances", "4"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "addresses of nodes", motet_props_set(props, "router.target-nodes", "nowhere"));
    CHECK_OK(motet_props_set(props, "router.target-nodes", addresses));
    motet_ref_t *pool = NULL;
    CHECK_OK(motet_system_spawn(here, props, "pool", &pool));
    int seen[2] = {0, 0};
    for (int i = 0; i < 8; i++) {
        char *text = ask(pool, motet_system_type(here, "test.Far"), "x");
        for (int node = 0; node < 2; node++) {
            char address[250];
            motet_system_address(nodes[node], address, sizeof address);
            seen[node] += strcmp(text, address) == 0;
        }
        free(text);
    }
    CHECK(seen[0] == 4 && seen[1] == 4);
    motet_ref_free(pool);
    motet_props_free(props);
    end_system(here);
    end_system(nodes[0]);
    end_system(nodes[1]);
}

static void frames_are_put_into_words(void) {
    char text[100];
    CHECK(motet_wire_describe((const uint8_t *)"rubbish", 7, text, sizeof text) == (int64_t)strlen(text));
    CHECK_TEXT("frame: shorter than a header\n", text);
    CHECK(motet_wire_describe(NULL, 7, text, sizeof text) == MOTET_E_INVALID);
}

static void a_port_in_use_is_named(void) {
    motet_system_t *first = start_node(NULL, NULL);
    char address[256];
    motet_system_address(first, address, sizeof address);
    const char *port = strrchr(address, ':') + 1;
    motet_config_t *config = motet_config_new();
    CHECK_OK(motet_config_set(config, "remote.port", port));
    motet_system_t *second = NULL;
    CHECK_ERROR(MOTET_E_ADDRESS_IN_USE, port, motet_system_start(config, &second));
    CHECK(second == NULL);
    motet_config_free(config);
    end_system(first);
}

static void a_host_that_does_not_resolve_is_named(void) {
    motet_config_t *config = motet_config_new();
    CHECK_OK(motet_config_set(config, "remote.host", "no-such-host.invalid"));
    motet_system_t *system = NULL;
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "no-such-host.invalid", motet_system_start(config, &system));
    motet_config_free(config);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(starts_with_all_defaults),
        TEST(messages_and_answers_cross_nodes),
        TEST(the_text_of_a_failure_crosses_nodes),
        TEST(a_trace_crosses_nodes),
        TEST(the_end_of_a_remote_actor_is_told),
        TEST(a_node_that_is_not_there_is_told_by_the_ask),
        TEST(who_is_refused_can_wait_for_room),
        TEST(peers_are_reported),
        TEST(actors_are_created_on_other_nodes),
        TEST(pools_spread_over_nodes),
        TEST(frames_are_put_into_words),
        TEST(a_port_in_use_is_named),
        TEST(a_host_that_does_not_resolve_is_named),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
