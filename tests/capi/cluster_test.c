/* Membership: joining, state, events, leaving; and what is refused. */
#include "check.h"

static motet_system_t *start_member(const char *role) {
    return start_system("remote.enabled", "on", "cluster.roles", role, "cluster.gossip-interval", "50ms",
                        "cluster.leader-interval", "50ms", "cluster.join-retry", "500ms", NULL);
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

static void a_seed_of_another_system_is_refused_at_start(void) {
    motet_config_t *config = motet_config_new();
    CHECK_OK(motet_config_set(config, "cluster.seed-nodes", "motet.tcp://Other@127.0.0.1:4711"));
    motet_system_t *system = NULL;
    motet_error_t *error = motet_system_start(config, &system);
    CHECK(motet_error_code(error) == MOTET_E_BAD_ADDRESS || motet_error_code(error) == MOTET_E_BAD_VALUE);
    CHECK(strstr(motet_error_message(error), "Other") != NULL);
    motet_error_free(error);
    motet_config_free(config);
}

static void check_unusable(motet_system_t *system, int32_t code) {
    motet_cluster_state_t *state = NULL;
    CHECK_ERROR(code, "", motet_cluster_join(system, "motet.tcp://motet@127.0.0.1:1"));
    CHECK_ERROR(code, "", motet_cluster_leave(system, NULL));
    CHECK_ERROR(code, "", motet_cluster_down(system, "motet.tcp://motet@127.0.0.1:1"));
    CHECK_ERROR(code, "", motet_cluster_wait_up(system, 0));
    CHECK_ERROR(code, "", motet_cluster_state(system, &state));
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
    CHECK(motet_cluster_state_leader(NULL) == NULL);
    motet_cluster_state_free(NULL);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(two_members_agree_on_the_state),
        TEST(events_start_with_the_state),
        TEST(a_member_can_be_downed),
        TEST(a_closing_member_leaves),
        TEST(watchers_learn_of_an_actor_whose_node_left),
        TEST(joins_that_cannot_be_are_refused),
        TEST(without_a_cluster_there_is_no_membership),
        TEST(a_seed_of_another_system_is_refused_at_start),
        TEST(closed_and_null_systems_are_told_apart),
        TEST(a_null_state_is_empty),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
