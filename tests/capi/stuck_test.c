/* A handler that does not end. Closing gives up on it in time; what it stands on is then never freed, so that no leaks
 * are looked for here.
 */
#include "check.h"

typedef struct blocker {
    atomic_int entered;
    atomic_int release;
    atomic_int left;
} blocker_t;

static int32_t block(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    blocker_t *blocker = state;
    if (motet_message_type(message) >= MOTET_TYPE_FIRST_USER) {
        atomic_store(&blocker->entered, 1);
        while (atomic_load(&blocker->release) == 0) {
            pause_ms(1);
        }
        atomic_store(&blocker->left, 1);
    }
    return MOTET_OK;
}

static void close_gives_up_on_a_stuck_actor_in_time(void) {
    motet_system_t *system = start_system(NULL);
    blocker_t *blocker = calloc(1, sizeof *blocker);
    motet_ref_t *ref = spawn(system, "stuck", block, blocker);
    CHECK_CODE(MOTET_OK, tell(ref, motet_system_type(system, "test.Block"), NULL));
    CHECK_SOON(atomic_load(&blocker->entered) == 1);
    int64_t started = now_ms();
    motet_error_t *error = motet_system_close(system, 100);
    CHECK_CODE(MOTET_E_TIMEOUT, motet_error_code(error));
    motet_error_free(error);
    CHECK(now_ms() - started < PATIENCE_MS);
    atomic_store(&blocker->release, 1);
    CHECK_SOON(atomic_load(&blocker->left) == 1);
    motet_ref_free(ref);
    motet_system_free(system);
    free(blocker);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {TEST(close_gives_up_on_a_stuck_actor_in_time)};
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
