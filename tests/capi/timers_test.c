/* Timers and the receive timeout of an actor. */
#include "check.h"

#define MS INT64_C(1000000)
#define LONG (INT64_C(3600) * 1000 * MS)

enum { TICK = MOTET_TYPE_FIRST_USER, DO };

/* What the actor under test does when it is told DO; it passes all else that it handles on to the probe. */
typedef struct keeper {
    int32_t (*act)(motet_context_t *context);
    probe_t *probe;
    atomic_int ticks;
} keeper_t;

static int32_t keep_time(motet_context_t *context, const motet_message_t *message, void *state) {
    keeper_t *keeper = state;
    motet_type_t type = motet_message_type(message);
    if (type == DO) {
        int32_t code = keeper->act(context);
        return code == MOTET_OK ? motet_context_reply(context, DO, NULL, 0) : code;
    }
    if (type == TICK) {
        CHECK(motet_message_size(message) == 4 && memcmp(motet_message_data(message), "tick", 4) == 0);
        atomic_fetch_add(&keeper->ticks, 1);
    }
    if (type == TICK || type == MOTET_TYPE_RECEIVE_TIMEOUT || type == MOTET_TYPE_POST_RESTART) {
        return motet_context_tell(context, keeper->probe->ref, type == TICK ? TICK : DO, motet_message_data(message),
                                  motet_message_size(message));
    }
    return MOTET_OK;
}

typedef struct stage {
    motet_system_t *system;
    keeper_t keeper;
    motet_ref_t *ref;
} stage_t;

static void begin(stage_t *stage) {
    stage->system = start_system(NULL);
    stage->keeper = (keeper_t){.probe = probe_new(stage->system)};
    stage->ref = spawn(stage->system, "keeper", keep_time, &stage->keeper);
}

static void end(stage_t *stage) {
    motet_ref_free(stage->ref);
    end_system(stage->system);
    probe_free(stage->keeper.probe);
}

/* Has the actor do something, and waits until it has. */
static void act(stage_t *stage, int32_t (*what)(motet_context_t *context)) {
    stage->keeper.act = what;
    free(ask(stage->ref, DO, NULL));
}

static int32_t start(motet_context_t *context, int64_t key, int64_t delay_ns, int64_t interval_ns) {
    return motet_context_timer(context, key, delay_ns, interval_ns, TICK, (const uint8_t *)"tick", 4);
}

static int32_t start_at_rate(motet_context_t *context, int64_t key, int64_t delay_ns, int64_t interval_ns) {
    return motet_context_timer_fixed_rate(context, key, delay_ns, interval_ns, TICK, (const uint8_t *)"tick", 4);
}

static int32_t start_once(motet_context_t *context) {
    CHECK_CODE(0, motet_context_timer_active(context, 1));
    CHECK_CODE(MOTET_OK, start(context, 1, LONG, 0));
    CHECK_CODE(1, motet_context_timer_active(context, 1));
    return start(context, 1, MS, 0); /* instead */
}

static int32_t expect_none(motet_context_t *context) {
    CHECK_CODE(0, motet_context_timer_active(context, 1));
    return MOTET_OK;
}

static void a_timer_sends_its_message_once(void) {
    stage_t stage;
    begin(&stage);
    act(&stage, start_once);
    probe_expect(stage.keeper.probe, 0);
    act(&stage, expect_none);
    CHECK(atomic_load(&stage.keeper.ticks) == 1);
    end(&stage);
}

static int32_t start_often(motet_context_t *context) {
    CHECK_CODE(MOTET_OK, start(context, 2, 0, MS));
    return start_at_rate(context, 3, 0, MS);
}

static int32_t cancel_all(motet_context_t *context) {
    CHECK_CODE(1, motet_context_timer_active(context, 2));
    for (int64_t key = 1; key <= 3; ++key) {
        CHECK_CODE(MOTET_OK, motet_context_timer_cancel(context, key));
        CHECK_CODE(0, motet_context_timer_active(context, key));
    }
    return MOTET_OK;
}

static void timers_repeat_until_they_are_cancelled(void) {
    stage_t stage;
    begin(&stage);
    act(&stage, start_often);
    probe_expect(stage.keeper.probe, 7);
    act(&stage, cancel_all);
    int seen = atomic_load(&stage.keeper.ticks);
    pause_ms(50); /* long enough for many ticks, if there were any */
    CHECK(atomic_load(&stage.keeper.ticks) == seen);
    end(&stage);
}

/* Behind this message there is a pause in which a rate of one a millisecond misses many. */
static int32_t start_and_sleep(motet_context_t *context) {
    CHECK_CODE(MOTET_OK, start(context, 1, LONG, 0));
    CHECK_CODE(MOTET_OK, start_at_rate(context, 2, 0, MS));
    pause_ms(30);
    return MOTET_OK;
}

static void a_fixed_rate_makes_up_for_what_was_missed(void) {
    stage_t stage;
    begin(&stage);
    int64_t before = now_ms();
    act(&stage, start_and_sleep);
    probe_expect(stage.keeper.probe, 29);
    CHECK(now_ms() - before >= 28);
    act(&stage, cancel_all);
    int64_t after = now_ms();
    CHECK(atomic_load(&stage.keeper.ticks) <= after - before + 2);
    end(&stage);
}

static int32_t be_refused(motet_context_t *context) {
    CHECK_CODE(MOTET_E_INVALID, start(context, 3, -1, 0));
    CHECK_CODE(MOTET_E_INVALID, start(context, 3, 0, -1));
    CHECK_CODE(MOTET_E_INVALID, start(context, 3, INT64_MAX, 0));
    CHECK_CODE(MOTET_E_INVALID, start(context, 3, 0, INT64_MAX));
    CHECK_CODE(MOTET_E_INVALID, start_at_rate(context, 3, 0, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_context_timer(context, 3, 0, 0, MOTET_TYPE_RECEIVE_TIMEOUT, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_context_timer_fixed_rate(context, 3, 0, MS, TICK, NULL, 1));
    CHECK_CODE(MOTET_E_INVALID, motet_context_receive_timeout(context, -1));
    CHECK_CODE(MOTET_E_INVALID, motet_context_receive_timeout(context, INT64_MAX));
    CHECK_CODE(0, motet_context_timer_active(context, 3));
    return start(context, 3, -7, 0);
}

static void times_that_cannot_be_are_refused_with_a_sentence(void) {
    stage_t stage;
    begin(&stage);
    stage.keeper.act = be_refused;
    CHECK_CODE(MOTET_OK, tell(stage.ref, DO, NULL));
    const record_t *restart = probe_expect(stage.keeper.probe, 0);
    CHECK(record_number(restart, "code") == MOTET_E_INVALID);
    char *error = record_text(restart, "error");
    CHECK_TEXT("the delay of timer 3 is from 0 to 4611686018427387903 ns (146 years), not -7 ns", error);
    free(error);
    motet_future_t *future = NULL;
    CHECK_ERROR(MOTET_E_INVALID, "timeout_ms -1", motet_ref_ask(stage.ref, DO, NULL, 0, -1, NULL, 0, &future));
    CHECK_ERROR(MOTET_E_INVALID, "at most 146 years",
                motet_ref_ask(stage.ref, DO, NULL, 0, INT64_MAX, NULL, 0, &future));
    end(&stage);
}

static int32_t set_timeout(motet_context_t *context) { return motet_context_receive_timeout(context, 20 * MS); }

static int32_t end_timeout(motet_context_t *context) { return motet_context_receive_timeout(context, 0); }

static void an_idle_actor_is_told_again_and_again(void) {
    stage_t stage;
    begin(&stage);
    int64_t before = now_ms();
    act(&stage, set_timeout);
    CHECK(record_number(probe_expect(stage.keeper.probe, 0), "timeout_ns") == 20 * MS);
    CHECK(now_ms() - before >= 20);
    probe_expect(stage.keeper.probe, 1);
    CHECK(now_ms() - before >= 40);
    act(&stage, end_timeout);
    tell(stage.keeper.probe->ref, TICK, NULL); /* behind all that the actor had sent */
    CHECK_SOON(probe_count(stage.keeper.probe, TICK) == 1);
    int seen = atomic_load(&stage.keeper.probe->count);
    pause_ms(60);
    CHECK(atomic_load(&stage.keeper.probe->count) == seen);
    end(&stage);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(a_timer_sends_its_message_once),
        TEST(timers_repeat_until_they_are_cancelled),
        TEST(a_fixed_rate_makes_up_for_what_was_missed),
        TEST(times_that_cannot_be_are_refused_with_a_sentence),
        TEST(an_idle_actor_is_told_again_and_again),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
