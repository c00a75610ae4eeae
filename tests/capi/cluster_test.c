/* Membership: joining, state, events, leaving; and what is refused. */
#include "check.h"

static motet_system_t *start_member(const char *role) {
    return start_system("remote.enabled", "on", "cluster.roles", role, "cluster.gossip-interval", "50ms",
                        "cluster.leader-interval", "50ms", "cluster.join-retry", "500ms",
                        "cluster.failure-detector.acceptable-pause", "60s", "cluster.downing.stable-after", "60s",
                        NULL);
}

static char *address_of(motet_system_t *system) {
    int64_t size = motet_system_address(system, NULL, 0);
    CHECK(size > 0);
    char *address = calloc((size_t)size + 1, 1);
    motet_system_address(system, address, (size_t)size + 1);
    return address;
}

static motet_system_t *start_first(const char *role) {
    motet_system_t *system = start_member(role);
    char *address = address_of(system);
    CHECK_OK(motet_cluster_join(system, address));
    CHECK_OK(motet_cluster_wait_up(system, PATIENCE_MS));
    free(address);
    return system;
}

static motet_system_t *start_second(motet_system_t *first, const char *role) {
    motet_system_t *system = start_member(role);
    char *address = address_of(first);
    CHECK_OK(motet_cluster_join(system, address));
    CHECK_OK(motet_cluster_wait_up(system, PATIENCE_MS));
    free(address);
    return system;
}

/* How many members of a status a system sees; NULL: of any. */
static int64_t count_members(motet_system_t *system, const char *status) {
    motet_cluster_state_t *state = NULL;
    CHECK_OK(motet_cluster_state(system, &state));
    int64_t count = 0;
    for (int64_t i = 0; i < motet_cluster_state_size(state); i++) {
        count += status == NULL || strcmp(motet_cluster_state_status(state, i), status) == 0;
    }
    motet_cluster_state_free(state);
    return count;
}

static void two_members_agree_on_the_state(void) {
    motet_system_t *first = start_first("seed");
    motet_system_t *second = start_second(first, "backend,alto");
    CHECK_SOON(count_members(first, "up") == 2 && count_members(second, "up") == 2);
    char *address = address_of(second);
    motet_cluster_state_t *state = NULL;
    CHECK_OK(motet_cluster_state(first, &state));
    CHECK(motet_cluster_state_leader(state) != NULL);
    bool found = false;
    for (int64_t i = 0; i < motet_cluster_state_size(state); i++) {
        CHECK(motet_cluster_state_reachable(state, i) == 1);
        if (strcmp(motet_cluster_state_address(state, i), address) == 0) {
            found = true;
            CHECK_TEXT("alto,backend", motet_cluster_state_roles(state, i));
            CHECK(motet_cluster_state_uid(state, i) == motet_system_uid(second));
        }
    }
    CHECK(found);
    CHECK(motet_cluster_state_address(state, 2) == NULL && motet_cluster_state_status(state, -1) == NULL);
    CHECK(motet_cluster_state_roles(state, 2) == NULL && motet_cluster_state_uid(state, 2) == 0);
    CHECK(motet_cluster_state_reachable(state, 2) == 0);
    motet_cluster_state_free(state);
    free(address);
    end_system(second);
    end_system(first);
}

static void events_start_with_the_state(void) {
    motet_system_t *first = start_first("seed");
    probe_t *probe = probe_new(first);
    CHECK_OK(motet_system_subscribe(first, probe->ref, "cluster"));
    CHECK_CODE(MOTET_TYPE_CLUSTER_STATE, probe_expect(probe, 0)->type);
    motet_system_t *second = start_second(first, "backend");
    char *address = address_of(second);
    CHECK_SOON(probe_count(probe, MOTET_TYPE_MEMBER_UP) == 1);
    for (int i = 0; i < atomic_load(&probe->count); i++) {
        if (probe->records[i].type == MOTET_TYPE_MEMBER_UP) {
            char *up = record_text(&probe->records[i], "address");
            CHECK_TEXT(address, up);
            free(up);
            char *status = record_text(&probe->records[i], "status");
            CHECK_TEXT("up", status);
            free(status);
        }
    }
    CHECK_OK(motet_cluster_leave(second, NULL));
    CHECK_SOON(probe_count(probe, MOTET_TYPE_MEMBER_REMOVED) == 1);
    CHECK(probe_count(probe, MOTET_TYPE_MEMBER_LEFT) == 1 && probe_count(probe, MOTET_TYPE_MEMBER_EXITED) == 1);
    CHECK(probe_count(probe, MOTET_TYPE_MEMBER_UNREACHABLE) == 0);
    CHECK_SOON(count_members(first, NULL) == 1);
    free(address);
    end_system(second);
    end_system(first);
    probe_free(probe);
}

/* A counter of calls, and of releases. */
typedef struct calls {
    atomic_int made, released;
} calls_t;

static void called(void *argument) { atomic_fetch_add(&((calls_t *)argument)->made, 1); }
static void released(void *argument) { atomic_fetch_add(&((calls_t *)argument)->released, 1); }

static void callbacks_come_once_when_up_and_when_removed(void) {
    calls_t up = {0}, gone = {0}, late = {0}, too_late = {0};
    motet_system_t *system = start_member("seed");
    char *address = address_of(system);
    CHECK_OK(motet_cluster_on_up(system, called, &up, released));
    CHECK_OK(motet_cluster_on_removed(system, called, &gone, released));
    CHECK(atomic_load(&up.made) == 0 && atomic_load(&gone.made) == 0);
    CHECK_OK(motet_cluster_join(system, address));
    CHECK_SOON(atomic_load(&up.made) == 1 && atomic_load(&up.released) == 1);
    CHECK_OK(motet_cluster_on_up(system, called, &late, released)); /* is so already */
    CHECK(atomic_load(&late.made) == 1);
    CHECK(atomic_load(&gone.made) == 0);
    CHECK_OK(motet_cluster_leave(system, NULL));
    CHECK_OK(motet_system_wait(system, PATIENCE_MS));
    CHECK(atomic_load(&gone.made) == 1 && atomic_load(&up.made) == 1);
    CHECK_ERROR(MOTET_E_CLOSED, "", motet_cluster_on_removed(system, called, &too_late, released));
    CHECK(atomic_load(&too_late.made) == 0 && atomic_load(&too_late.released) == 1);
    CHECK_ERROR(MOTET_E_INVALID, "call", motet_cluster_on_up(system, NULL, NULL, NULL));
    motet_system_free(system);
    CHECK_SOON(atomic_load(&gone.released) == 1);
    free(address);
    calls_t never = {0};
    system = start_member("seed"); /* ends without having been a member */
    CHECK_OK(motet_cluster_on_up(system, called, &never, released));
    CHECK_OK(motet_cluster_on_removed(system, called, &never, released));
    end_system(system);
    CHECK_SOON(atomic_load(&never.released) == 2);
    CHECK(atomic_load(&never.made) == 1);
}

static void the_state_can_be_told_as_events(void) {
    motet_system_t *first = start_first("seed");
    motet_system_t *second = start_second(first, "backend");
    CHECK_SOON(count_members(first, "up") == 2);
    probe_t *probe = probe_new(first);
    CHECK_OK(motet_cluster_subscribe(first, probe->ref, MOTET_INITIAL_STATE_AS_EVENTS));
    CHECK_SOON(probe_count(probe, MOTET_TYPE_ROLE_LEADER_CHANGED) == 2);
    CHECK(probe_count(probe, MOTET_TYPE_MEMBER_UP) == 2 && probe_count(probe, MOTET_TYPE_LEADER_CHANGED) == 1);
    CHECK(probe_count(probe, MOTET_TYPE_CLUSTER_STATE) == 0);
    for (int i = 0; i < 2; i++) {
        CHECK_CODE(MOTET_TYPE_MEMBER_UP, probe->records[i].type);
    }
    char *role = record_text(probe_expect(probe, 3), "role");
    CHECK_TEXT("backend", role);
    free(role);
    CHECK_OK(motet_cluster_leave(second, NULL));
    CHECK_SOON(probe_count(probe, MOTET_TYPE_MEMBER_REMOVED) == 1); /* and then what changes */
    probe_t *other = probe_new(first);
    CHECK_OK(motet_cluster_subscribe(first, other->ref, MOTET_INITIAL_STATE_AS_SNAPSHOT));
    CHECK_CODE(MOTET_TYPE_CLUSTER_STATE, probe_expect(other, 0)->type);
    CHECK_ERROR(MOTET_E_INVALID, "initial 3", motet_cluster_subscribe(first, other->ref, 3));
    CHECK_ERROR(MOTET_E_INVALID, "subscriber", motet_cluster_subscribe(first, NULL, MOTET_INITIAL_STATE_AS_EVENTS));
    end_system(second);
    end_system(first);
    probe_free(probe);
    probe_free(other);
}

static void who_is_downed_and_stays_is_told_that_its_membership_ends(void) {
    motet_system_t *system = start_system("remote.enabled", "on", "shutdown.when-downed", "off", NULL);
    char *address = address_of(system);
    CHECK_OK(motet_cluster_join(system, address));
    CHECK_OK(motet_cluster_wait_up(system, PATIENCE_MS));
    probe_t *probe = probe_new(system);
    CHECK_OK(motet_system_subscribe(system, probe->ref, "cluster"));
    CHECK_OK(motet_cluster_down(system, address));
    CHECK_SOON(probe_count(probe, MOTET_TYPE_MEMBER_REMOVED) == 1);
    CHECK_SOON(probe_count(probe, MOTET_TYPE_CLUSTER_SHUTTING_DOWN) == 1);
    free(address);
    end_system(system);
    probe_free(probe);
}

static void a_state_tells_more_in_fields_and_as_json(void) {
    motet_system_t *first = start_first("seed");
    motet_cluster_state_t *state = NULL;
    CHECK_OK(motet_cluster_state(first, &state));
    char *address = address_of(first);
    CHECK_TEXT("up", motet_cluster_state_own_status(state));
    CHECK(motet_cluster_state_converged(state) == 1);
    CHECK_TEXT("0.0.0", motet_cluster_state_version(state, 0));
    CHECK(motet_cluster_state_up_number(state, 0) == 1 && motet_cluster_state_seen(state, 0) == 1);
    CHECK_TEXT(address, motet_cluster_state_role_leader(state, "seed"));
    CHECK(motet_cluster_state_role_leader(state, "none") == NULL);
    CHECK(motet_cluster_state_suspicions(state) == 0);
    CHECK(motet_cluster_state_suspicion_observer(state, 0) == NULL);
    CHECK(motet_cluster_state_suspicion_subject(state, 0) == NULL);
    CHECK(motet_cluster_state_suspicion_reason(state, 0) == NULL);
    const char *json = motet_cluster_state_json(state);
    CHECK(json[0] == '{' && json[strlen(json) - 1] == '}');
    CHECK(strstr(json, address) != NULL && strstr(json, "\"roles\":[\"seed\"]") != NULL);
    CHECK(strstr(json, "\"converged\":true") != NULL);
    motet_cluster_state_free(state);
    free(address);
    end_system(first);
}

/* What an observer says of a member that has gone without a word. */
static void a_suspicion_has_a_reason(void) {
    motet_system_t *systems[3];
    for (int i = 0; i < 3; i++) {
        systems[i] = start_system(
            "remote.enabled", "on", "cluster.gossip-interval", "50ms", "cluster.leader-interval", "50ms",
            "cluster.heartbeat-interval", "100ms", "cluster.failure-detector.acceptable-pause", "5s",
            "cluster.failure-detector.expected-response", "100ms", "cluster.downing.strategy", "manual", NULL);
        char *address = address_of(systems[0]);
        CHECK_OK(motet_cluster_join(systems[i], address));
        CHECK_OK(motet_cluster_wait_up(systems[i], PATIENCE_MS));
        free(address);
    }
    char *address = address_of(systems[2]);
    motet_error_free(motet_shutdown_run(systems[2], MOTET_SHUTDOWN_UNKNOWN, "actor-system-terminate", 0));
    motet_system_free(systems[2]);
    bool told = false;
    for (int64_t deadline = now_ms() + PATIENCE_MS; !told && now_ms() < deadline; pause_ms(10)) {
        motet_cluster_state_t *state = NULL;
        CHECK_OK(motet_cluster_state(systems[0], &state));
        told = motet_cluster_state_suspicions(state) == 2;
        for (int64_t i = 0; told && i < 2; i++) { /* who was slow for a while may be suspected for a while, too */
            told = strcmp(motet_cluster_state_suspicion_subject(state, i), address) == 0;
        }
        if (told) {
            CHECK(strstr(motet_cluster_state_suspicion_observer(state, 1), "motet.tcp://") != NULL);
            CHECK(strstr(motet_cluster_state_suspicion_reason(state, 1), " ms") != NULL);
            CHECK(motet_cluster_state_converged(state) == 0);
        }
        motet_cluster_state_free(state);
    }
    CHECK(told);
    CHECK_OK(motet_cluster_down(systems[0], address));
    free(address);
    end_system(systems[1]);
    end_system(systems[0]);
}

static void the_whole_cluster_prepares_its_end(void) {
    motet_system_t *first = start_first("seed");
    motet_system_t *second = start_second(first, "backend");
    probe_t *probe = probe_new(first);
    CHECK_OK(motet_system_subscribe(first, probe->ref, "cluster"));
    CHECK_OK(motet_cluster_prepare_for_full_shutdown(second));
    CHECK_SOON(count_members(first, "ready-for-shutdown") == 2);
    CHECK_SOON(probe_count(probe, MOTET_TYPE_MEMBER_READY_FOR_SHUTDOWN) == 2);
    motet_system_t *third = start_member("backend");
    char *address = address_of(first);
    CHECK_OK(motet_cluster_join_seeds(third, address));
    CHECK_ERROR(MOTET_E_JOIN_REFUSED, "shutdown", motet_cluster_wait_up(third, PATIENCE_MS));
    CHECK_ERROR(MOTET_E_BAD_STATE, "", motet_cluster_prepare_for_full_shutdown(third));
    free(address);
    end_system(third);
    end_system(second);
    end_system(first);
    probe_free(probe);
}

static void seeds_can_be_given_by_code(void) {
    motet_system_t *first = start_first("seed");
    motet_system_t *second = start_member("backend");
    char *address = address_of(first);
    char seeds[1200];
    snprintf(seeds, sizeof seeds, "motet.tcp://motet@127.0.0.1:1, %s", address);
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "expected at least one", motet_cluster_join_seeds(second, ""));
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "nonsense", motet_cluster_join_seeds(second, "nonsense"));
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "Other", motet_cluster_join_seeds(second, "motet.tcp://Other@127.0.0.1:1"));
    CHECK_ERROR(MOTET_E_INVALID, "seeds", motet_cluster_join_seeds(second, NULL));
    CHECK_OK(motet_cluster_join_seeds(second, seeds));
    CHECK_OK(motet_cluster_wait_up(second, PATIENCE_MS));
    CHECK_ERROR(MOTET_E_BAD_STATE, "", motet_cluster_join_seeds(second, seeds));
    free(address);
    end_system(second);
    end_system(first);
}

/* Whose configuration does not fit is refused, with the reason on both sides, and ends. */
static void another_configuration_is_refused(void) {
    motet_system_t *first = start_system("remote.enabled", "on", "cluster.compatibility.value.schema", "1", NULL);
    char *address = address_of(first);
    CHECK_OK(motet_cluster_join(first, address));
    CHECK_OK(motet_cluster_wait_up(first, PATIENCE_MS));
    probe_t *probe = probe_new(first);
    CHECK_OK(motet_system_subscribe(first, probe->ref, "cluster"));
    motet_system_t *second = start_system("remote.enabled", "on", "cluster.compatibility.value.schema", "2", NULL);
    CHECK_OK(motet_cluster_join(second, address));
    CHECK_OK(motet_system_wait(second, PATIENCE_MS));
    CHECK_CODE(MOTET_SHUTDOWN_INCOMPATIBLE_CONFIGURATION_DETECTED, motet_shutdown_reason(second));
    motet_system_free(second);
    CHECK_SOON(probe_count(probe, MOTET_TYPE_JOIN_REFUSED) == 1);
    for (int i = 0; i < atomic_load(&probe->count); i++) {
        if (probe->records[i].type == MOTET_TYPE_JOIN_REFUSED) {
            CHECK_CODE(MOTET_E_INCOMPATIBLE, record_number(&probe->records[i], "code"));
            char *error = record_text(&probe->records[i], "error");
            CHECK(strstr(error, "schema is \"2\" there and \"1\" in the cluster") != NULL);
            free(error);
        }
    }
    motet_system_t *third = start_system("remote.enabled", "on", "cluster.compatibility.value.schema", "2",
                                         "cluster.compatibility.enforce", "off", NULL);
    CHECK_OK(motet_cluster_join(third, address));
    CHECK_OK(motet_cluster_wait_up(third, PATIENCE_MS));
    free(address);
    end_system(third);
    end_system(first);
    probe_free(probe);
}

static void a_member_can_be_downed(void) {
    motet_system_t *first = start_first("seed");
    motet_system_t *second = start_second(first, "backend");
    CHECK_SOON(count_members(first, "up") == 2);
    char *address = address_of(second);
    CHECK_OK(motet_cluster_down(first, address));
    CHECK_SOON(count_members(first, NULL) == 1);
    free(address);
    end_system(second);
    end_system(first);
}

static void a_closing_member_leaves(void) {
    motet_system_t *first = start_first("seed");
    probe_t *probe = probe_new(first);
    CHECK_OK(motet_system_subscribe(first, probe->ref, "cluster"));
    motet_system_t *second = start_second(first, "backend");
    CHECK_SOON(probe_count(probe, MOTET_TYPE_MEMBER_UP) == 1);
    end_system(second);
    CHECK_SOON(probe_count(probe, MOTET_TYPE_MEMBER_REMOVED) == 1);
    CHECK(probe_count(probe, MOTET_TYPE_MEMBER_DOWNED) == 0);
    end_system(first);
    probe_free(probe);
}

static void watchers_learn_of_an_actor_whose_node_left(void) {
    motet_system_t *first = start_first("seed");
    motet_system_t *second = start_second(first, "backend");
    probe_t *watcher = probe_new(first);
    probe_t *target = probe_new(second);
    char path[512];
    motet_ref_path(target->ref, path, sizeof path);
    motet_ref_t *remote = NULL;
    CHECK_OK(motet_system_ref(first, path, &remote));
    CHECK_CODE(MOTET_OK, motet_ref_watch(watcher->ref, remote));
    end_system(second);
    CHECK(motet_ref_equal(probe_expect(watcher, 0)->sender, remote));
    CHECK_CODE(MOTET_TYPE_TERMINATED, watcher->records[0].type);
    motet_ref_free(remote);
    end_system(first);
    probe_free(watcher);
    probe_free(target);
}

static void joins_that_cannot_be_are_refused(void) {
    motet_system_t *system = start_member("seed");
    char *address = address_of(system);
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "nonsense", motet_cluster_join(system, "nonsense"));
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "Other", motet_cluster_join(system, "motet.tcp://Other@127.0.0.1:4711"));
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "no-such-host.invalid",
                motet_cluster_join(system, "motet.tcp://motet@no-such-host.invalid:4711"));
    CHECK_ERROR(MOTET_E_INVALID, "address", motet_cluster_join(system, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "address", motet_cluster_down(system, NULL));
    CHECK_ERROR(MOTET_E_TIMEOUT, "", motet_cluster_wait_up(system, 20));
    CHECK_OK(motet_cluster_join(system, address));
    CHECK_OK(motet_cluster_wait_up(system, PATIENCE_MS));
    CHECK_ERROR(MOTET_E_BAD_STATE, "", motet_cluster_join(system, address));
    CHECK_ERROR(MOTET_E_NOT_FOUND, "4711", motet_cluster_leave(system, "motet.tcp://motet@127.0.0.1:4711"));
    CHECK_ERROR(MOTET_E_NOT_FOUND, "4711", motet_cluster_down(system, "motet.tcp://motet@127.0.0.1:4711"));
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "nonsense", motet_cluster_leave(system, "nonsense"));
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "nonsense", motet_cluster_down(system, "nonsense"));
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_cluster_state(system, NULL));
    free(address);
    end_system(system);
}

static void without_a_cluster_there_is_no_membership(void) {
    motet_system_t *system = start_system("remote.enabled", "on", "cluster.enabled", "off", NULL);
    motet_cluster_state_t *state = NULL;
    CHECK_ERROR(MOTET_E_BAD_STATE, "cluster.enabled", motet_cluster_join(system, "motet.tcp://motet@127.0.0.1:4711"));
    CHECK_ERROR(MOTET_E_BAD_STATE, "cluster.enabled", motet_cluster_leave(system, NULL));
    CHECK_ERROR(MOTET_E_BAD_STATE, "cluster.enabled", motet_cluster_state(system, &state));
    end_system(system);
}

/* Each refusal names what was wrong and what would be accepted. */
static void bad_settings_are_refused_at_start(void) {
    static const struct {
        const char *settings[6]; /* key, value, ... */
        int32_t code;
        const char *named, *accepted;
    } bad[] = {
        {{"cluster.seed-nodes", "motet.tcp://Other@127.0.0.1:4711"}, MOTET_E_BAD_ADDRESS, "Other", "motet@host:port"},
        {{"cluster.seed-nodes", "motet.tcp://motet@localhost:4719", "remote.port", "4719"},
         MOTET_E_BAD_ADDRESS,
         "localhost:4719 is this node itself",
         "motet.tcp://motet@127.0.0.1:4719"},
        {{"cluster.downing.stable-after", "1s"}, MOTET_E_BAD_VALUE, "stable-after of 1000 ms", "at least 3000 ms"},
        {{"cluster.downing.strategy", "static-quorum"}, MOTET_E_BAD_VALUE, "static-quorum", "at least 1"},
        {{"cluster.downing.quorum-size", "2"}, MOTET_E_BAD_VALUE, "quorum-size of 2", "expected 0"},
        {{"cluster.downing.strategy", "static-quorum", "cluster.downing.quorum-size", "2", "cluster.min-members", "9"},
         MOTET_E_BAD_VALUE,
         "cluster.min-members of 9",
         "at least 5"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        motet_config_t *config = motet_config_new();
        for (size_t at = 0; at < 6 && bad[i].settings[at] != NULL; at += 2) {
            CHECK_OK(motet_config_set(config, bad[i].settings[at], bad[i].settings[at + 1]));
        }
        motet_system_t *system = NULL;
        motet_error_t *error = motet_system_start(config, &system);
        CHECK_CODE(bad[i].code, motet_error_code(error));
        CHECK(strstr(motet_error_message(error), bad[i].named) != NULL);
        CHECK(strstr(motet_error_message(error), bad[i].accepted) != NULL);
        CHECK(system == NULL);
        motet_error_free(error);
        motet_config_free(config);
    }
    motet_config_t *config = motet_config_new();
    CHECK_ERROR(MOTET_E_BAD_VALUE, "motet.tcp://System@host:port", motet_config_set(config, "cluster.seed-nodes", "x"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "nothing twice", motet_config_set(config, "cluster.roles", "a,a"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "1.2.3", motet_config_set(config, "cluster.version", "newest"));
    motet_config_free(config);
}

static void check_unusable(motet_system_t *system, int32_t code) {
    motet_cluster_state_t *state = NULL;
    CHECK_ERROR(code, "", motet_cluster_join(system, "motet.tcp://motet@127.0.0.1:1"));
    CHECK_ERROR(code, "", motet_cluster_leave(system, NULL));
    CHECK_ERROR(code, "", motet_cluster_down(system, "motet.tcp://motet@127.0.0.1:1"));
    CHECK_ERROR(code, "", motet_cluster_wait_up(system, 0));
    CHECK_ERROR(code, "", motet_cluster_state(system, &state));
    CHECK_ERROR(code, "", motet_cluster_join_seeds(system, "motet.tcp://motet@127.0.0.1:1"));
    CHECK_ERROR(code, "", motet_cluster_prepare_for_full_shutdown(system));
}

static void closed_and_null_systems_are_told_apart(void) {
    motet_system_t *system = start_system(NULL);
    CHECK_OK(motet_system_close(system, PATIENCE_MS));
    check_unusable(system, MOTET_E_CLOSED);
    motet_system_free(system);
    check_unusable(system, MOTET_E_CLOSED);
    check_unusable(NULL, MOTET_E_INVALID);
}

static void a_null_state_is_empty(void) {
    CHECK(motet_cluster_state_size(NULL) == 0 && motet_cluster_state_address(NULL, 0) == NULL);
    CHECK(motet_cluster_state_status(NULL, 0) == NULL && motet_cluster_state_roles(NULL, 0) == NULL);
    CHECK(motet_cluster_state_uid(NULL, 0) == 0 && motet_cluster_state_reachable(NULL, 0) == 0);
    CHECK(motet_cluster_state_leader(NULL) == NULL && motet_cluster_state_role_leader(NULL, "a") == NULL);
    CHECK(motet_cluster_state_version(NULL, 0) == NULL && motet_cluster_state_up_number(NULL, 0) == 0);
    CHECK(motet_cluster_state_seen(NULL, 0) == 0 && motet_cluster_state_converged(NULL) == 0);
    CHECK(motet_cluster_state_suspicions(NULL) == 0);
    CHECK_TEXT("removed", motet_cluster_state_own_status(NULL));
    CHECK_TEXT("{}", motet_cluster_state_json(NULL));
    motet_cluster_state_free(NULL);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(two_members_agree_on_the_state),
        TEST(events_start_with_the_state),
        TEST(callbacks_come_once_when_up_and_when_removed),
        TEST(the_state_can_be_told_as_events),
        TEST(who_is_downed_and_stays_is_told_that_its_membership_ends),
        TEST(a_state_tells_more_in_fields_and_as_json),
        TEST(a_suspicion_has_a_reason),
        TEST(the_whole_cluster_prepares_its_end),
        TEST(seeds_can_be_given_by_code),
        TEST(another_configuration_is_refused),
        TEST(a_member_can_be_downed),
        TEST(a_closing_member_leaves),
        TEST(watchers_learn_of_an_actor_whose_node_left),
        TEST(joins_that_cannot_be_are_refused),
        TEST(without_a_cluster_there_is_no_membership),
        TEST(bad_settings_are_refused_at_start),
        TEST(closed_and_null_systems_are_told_apart),
        TEST(a_null_state_is_empty),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
