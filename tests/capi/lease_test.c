/* A lease decides which side of a split stays. Two nodes, one of which is stopped without leaving: the other one asks.
 */
#include "check.h"

#include <motet/lease.h>

/* What keeps a lease in these tests, and what it was asked. */
typedef struct keeper {
    _Atomic int32_t answer; /* to who wants it; 1: none at all */
    atomic_int acquired, checked, given_back, released;
    char name[100], owner[512];
    _Atomic(motet_lease_request_t *) unanswered;
} keeper_t;

static void keep(motet_lease_request_t *request, void *argument) {
    keeper_t *keeper = argument;
    int32_t operation = motet_lease_request_operation(request);
    int32_t answer = atomic_load(&keeper->answer);
    if (operation == MOTET_LEASE_ACQUIRE) {
        snprintf(keeper->name, sizeof keeper->name, "%s", motet_lease_request_name(request));
        snprintf(keeper->owner, sizeof keeper->owner, "%s", motet_lease_request_owner(request));
        atomic_fetch_add(&keeper->acquired, 1);
    } else {
        atomic_fetch_add(operation == MOTET_LEASE_CHECK ? &keeper->checked : &keeper->given_back, 1);
    }
    if (answer == 1) {
        atomic_store(&keeper->unanswered, request);
        return;
    }
    motet_lease_request_complete(request, answer, answer == MOTET_OK ? NULL : "held by another one");
}

static void let_go(void *argument) { atomic_fetch_add(&((keeper_t *)argument)->released, 1); }

static motet_system_t *start_node(void) {
    return start_system("remote.enabled", "on", "cluster.gossip-interval", "50ms", "cluster.leader-interval", "50ms",
                        "cluster.heartbeat-interval", "100ms", "cluster.failure-detector.acceptable-pause", "3s",
                        "cluster.failure-detector.expected-response", "100ms", "cluster.downing.strategy",
                        "lease-majority", "cluster.downing.stable-after", "3s", "cluster.downing.lease-timeout", "5s",
                        "cluster.downing.lease-delay", "0s", "cluster.downing.lease-release-after", "100ms",
                        "cluster.downing.lease-name", "the-lease", NULL);
}

static void join(motet_system_t *system, motet_system_t *first) {
    char address[512];
    motet_system_address(first, address, sizeof address);
    CHECK_OK(motet_cluster_join(system, address));
    CHECK_OK(motet_cluster_wait_up(system, PATIENCE_MS));
}

static int64_t members_of(motet_system_t *system) {
    motet_cluster_state_t *state = NULL;
    motet_error_t *error = motet_cluster_state(system, &state);
    int64_t size = error == NULL ? motet_cluster_state_size(state) : 0;
    motet_error_free(error);
    motet_cluster_state_free(state);
    return size;
}

/* A node with a lease that has lost another one. */
static motet_system_t *start_survivor(keeper_t *keeper) {
    motet_system_t *first = start_node();
    motet_system_t *second = start_node();
    CHECK_OK(motet_lease_set(first, keep, keeper, let_go));
    join(first, first);
    join(second, first);
    CHECK_SOON(members_of(first) == 2);
    motet_error_free(motet_shutdown_run(second, MOTET_SHUTDOWN_UNKNOWN, "actor-system-terminate", 0)); /* at once */
    motet_system_free(second);
    return first;
}

static void who_is_granted_the_lease_stays(void) {
    keeper_t keeper = {.answer = MOTET_OK};
    motet_system_t *first = start_survivor(&keeper);
    CHECK_SOON(members_of(first) == 1);
    CHECK(atomic_load(&keeper.acquired) == 1);
    CHECK_TEXT("the-lease", keeper.name);
    char address[512];
    motet_system_address(first, address, sizeof address);
    CHECK(strncmp(address, keeper.owner, strlen(address)) == 0);
    CHECK_SOON(atomic_load(&keeper.given_back) == 1); /* after a look whether it still holds it */
    CHECK(atomic_load(&keeper.checked) == 1);
    end_system(first);
    CHECK_SOON(atomic_load(&keeper.released) == 1);
}

static void who_is_refused_it_goes(int32_t answer, int acquired) {
    keeper_t keeper = {.answer = answer};
    motet_system_t *first = start_survivor(&keeper);
    CHECK_OK(motet_system_wait(first, PATIENCE_MS));
    CHECK_CODE(MOTET_SHUTDOWN_CLUSTER_DOWNING, motet_shutdown_reason(first));
    CHECK(atomic_load(&keeper.acquired) == acquired);
    motet_lease_request_complete(atomic_load(&keeper.unanswered), MOTET_OK, NULL); /* nobody waits for it any more */
    motet_system_free(first);
    CHECK_SOON(atomic_load(&keeper.released) == 1);
}

static void a_refusal_counts(void) { who_is_refused_it_goes(MOTET_E_REFUSED, 1); }

static void so_does_a_failure(void) { who_is_refused_it_goes(MOTET_E_IO, 1); }

static void and_so_does_silence(void) { who_is_refused_it_goes(1, 1); }

static void what_cannot_be_is_refused(void) {
    keeper_t keeper = {.answer = MOTET_OK};
    motet_system_t *system = start_node();
    CHECK_ERROR(MOTET_E_INVALID, "lease", motet_lease_set(system, NULL, &keeper, let_go));
    CHECK(atomic_load(&keeper.released) == 1);
    CHECK_ERROR(MOTET_E_INVALID, "system", motet_lease_set(NULL, keep, &keeper, let_go));
    CHECK(atomic_load(&keeper.released) == 2);
    CHECK_OK(motet_lease_set(system, keep, &keeper, let_go));
    CHECK_OK(motet_lease_set(system, keep, &keeper, NULL)); /* in place of the one before */
    CHECK_SOON(atomic_load(&keeper.released) == 3);
    end_system(system);
    CHECK_CODE(MOTET_E_INVALID, motet_lease_request_operation(NULL));
    CHECK_TEXT("", motet_lease_request_name(NULL));
    CHECK_TEXT("", motet_lease_request_owner(NULL));
    motet_lease_request_complete(NULL, MOTET_OK, NULL);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(who_is_granted_the_lease_stays),
        TEST(a_refusal_counts),
        TEST(so_does_a_failure),
        TEST(and_so_does_silence),
        TEST(what_cannot_be_is_refused),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
