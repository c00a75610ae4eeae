/* Nodes that find each other by a function of the program. */
#include "check.h"

#include <motet/discovery.h>

/* What is known of the nodes; the function of all of them. */
typedef struct nodes {
    char addresses[2000];
    atomic_int asked, released, fails;
} nodes_t;

static void look(motet_discovery_request_t *request, void *argument) {
    nodes_t *nodes = argument;
    if (atomic_fetch_add(&nodes->asked, 1) < atomic_load(&nodes->fails)) {
        motet_discovery_request_complete(request, MOTET_E_IO, "the register is not there yet");
        return;
    }
    motet_discovery_request_complete(request, MOTET_OK, nodes->addresses);
}

static void let_go(void *argument) { atomic_fetch_add(&((nodes_t *)argument)->released, 1); }

static motet_system_t *start_node(void) {
    return start_system("remote.enabled", "on", "cluster.discovery.method", "program", "cluster.discovery.interval",
                        "50ms", "cluster.gossip-interval", "50ms", "cluster.leader-interval", "50ms", NULL);
}

static int64_t members_of(motet_system_t *system) {
    motet_cluster_state_t *state = NULL;
    CHECK_OK(motet_cluster_state(system, &state));
    int64_t size = motet_cluster_state_size(state);
    motet_cluster_state_free(state);
    return size;
}

static void nodes_find_each_other_and_one_cluster_begins(void) {
    static nodes_t nodes;
    atomic_store(&nodes.fails, 3);
    motet_system_t *systems[3];
    for (int i = 0; i < 3; i++) {
        systems[i] = start_node();
        size_t length = strlen(nodes.addresses);
        nodes.addresses[length] = ',';
        length += length > 0 ? 1 : 0;
        motet_system_address(systems[i], nodes.addresses + length, sizeof nodes.addresses - length);
    }
    for (int i = 0; i < 3; i++) {
        CHECK_OK(motet_discovery_set(systems[i], look, &nodes, let_go));
    }
    for (int i = 0; i < 3; i++) {
        CHECK_OK(motet_cluster_wait_up(systems[i], PATIENCE_MS));
        CHECK_SOON(members_of(systems[i]) == 3);
    }
    for (int i = 0; i < 3; i++) {
        end_system(systems[i]);
    }
    CHECK_SOON(atomic_load(&nodes.released) == 3);
}

static void who_finds_too_few_starts_no_cluster(void) {
    static nodes_t nodes;
    motet_system_t *system = start_node();
    motet_system_address(system, nodes.addresses, sizeof nodes.addresses);
    CHECK_OK(motet_discovery_set(system, look, &nodes, let_go));
    CHECK_SOON(atomic_load(&nodes.asked) > 3);
    CHECK(members_of(system) == 0);
    end_system(system);
}

static void what_cannot_be_is_refused(void) {
    static nodes_t nodes = {.addresses = "nonsense"};
    motet_system_t *system = start_node();
    CHECK_ERROR(MOTET_E_INVALID, "discovery", motet_discovery_set(system, NULL, &nodes, let_go));
    CHECK(atomic_load(&nodes.released) == 1);
    CHECK_ERROR(MOTET_E_INVALID, "system", motet_discovery_set(NULL, look, &nodes, let_go));
    CHECK_OK(motet_discovery_set(system, look, &nodes, let_go));
    CHECK_SOON(atomic_load(&nodes.asked) > 1); /* what is no address is no answer, and it is asked again */
    end_system(system);
    motet_discovery_request_complete(NULL, MOTET_OK, "");
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(nodes_find_each_other_and_one_cluster_begins),
        TEST(who_finds_too_few_starts_no_cluster),
        TEST(what_cannot_be_is_refused),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
