/* The foreign dispatcher, used as a binding uses it: poll, run, complete. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <stddef.h>

typedef struct foreign {
    motet_system_t *system;
    motet_dispatcher_t *dispatcher;
    motet_batch_t *batch;
    motet_type_t type;
} foreign_t;

static foreign_t begin(void) {
    foreign_t foreign = {start_system(NULL), NULL, motet_batch_new(), 0};
    CHECK_OK(motet_dispatcher_new(foreign.system, &foreign.dispatcher));
    foreign.type = motet_system_type(foreign.system, "test.Work");
    return foreign;
}

static void end(foreign_t *foreign) {
    motet_batch_free(foreign->batch);
    motet_dispatcher_close(foreign->dispatcher);
    end_system(foreign->system);
    motet_dispatcher_free(foreign->dispatcher);
}

static motet_ref_t *spawn_foreign(foreign_t *foreign, uint64_t actor, const char *name) {
    motet_props_t *props = motet_props_new_foreign(foreign->dispatcher, actor);
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(foreign->system, props, name, &ref));
    motet_props_free(props);
    return ref;
}

/* The delivery with this number in the batch. */
static const motet_delivery_t *delivery(const foreign_t *foreign, int64_t index) {
    CHECK(index < motet_batch_count(foreign->batch));
    const uint8_t *record = motet_batch_records(foreign->batch) + index * motet_batch_stride(foreign->batch);
    CHECK((uintptr_t)record % 8 == 0);
    return (const motet_delivery_t *)(const void *)record;
}

/* Polls until a delivery comes; it is the first of the batch. */
static const motet_delivery_t *next(foreign_t *foreign) {
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (motet_dispatcher_poll(foreign->dispatcher, foreign->batch, 1, PATIENCE_MS) == 0) {
        CHECK(now_ms() < deadline);
    }
    return delivery(foreign, 0);
}

/* The next delivery is of this type, and goes well. */
static void expect(foreign_t *foreign, uint64_t actor, motet_type_t type) {
    const motet_delivery_t *got = next(foreign);
    CHECK_CODE(MOTET_DELIVERY_MESSAGE, got->kind);
    CHECK_CODE(type, got->type);
    CHECK_CODE((int64_t)actor, got->actor);
    CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign->dispatcher, actor, 1, MOTET_OK, NULL));
}

static void the_record_is_laid_out_as_documented(void) {
    CHECK(sizeof(motet_delivery_t) == 96);
    CHECK(offsetof(motet_delivery_t, kind) == 0 && offsetof(motet_delivery_t, type) == 4);
    CHECK(offsetof(motet_delivery_t, actor) == 8 && offsetof(motet_delivery_t, correlation) == 16);
    CHECK(offsetof(motet_delivery_t, sender) == 24 && offsetof(motet_delivery_t, self) == 32);
    CHECK(offsetof(motet_delivery_t, data_offset) == 40 && offsetof(motet_delivery_t, data_size) == 48);
    CHECK(offsetof(motet_delivery_t, index) == 56 && offsetof(motet_delivery_t, reserved) == 60);
    CHECK(offsetof(motet_delivery_t, trace) == 64 && offsetof(motet_delivery_t, padding) == 90);
}

static void messages_come_in_batches(void) {
    foreign_t foreign = begin();
    probe_t *sender = probe_new(foreign.system);
    motet_ref_t *ref = spawn_foreign(&foreign, 7, "worker");
    expect(&foreign, 7, MOTET_TYPE_PRE_START);
    for (int i = 0; i < 10; i++) {
        char text[2] = {(char)('a' + i), 'z'};
        motet_ref_tell(ref, sender->ref, foreign.type, (const uint8_t *)text, 2, NULL, 0);
    }
    int64_t count = motet_dispatcher_poll(foreign.dispatcher, foreign.batch, 100, PATIENCE_MS);
    CHECK_CODE(10, count);
    CHECK_CODE(10, motet_batch_count(foreign.batch));
    for (int64_t i = 0; i < count; i++) {
        const motet_delivery_t *got = delivery(&foreign, i);
        CHECK(got->kind == MOTET_DELIVERY_MESSAGE && got->type == foreign.type && got->actor == 7);
        CHECK(got->index == i && got->data_size == 2 && got->reserved == 0);
        CHECK((int64_t)(got->data_offset + got->data_size) <= motet_batch_arena_size(foreign.batch));
        CHECK(motet_batch_arena(foreign.batch)[got->data_offset] == 'a' + i);
        CHECK(motet_ref_equal((const motet_ref_t *)(uintptr_t)got->sender, sender->ref));
        CHECK(motet_ref_equal((const motet_ref_t *)(uintptr_t)got->self, ref));
    }
    CHECK_CODE(1, motet_batch_complete(foreign.batch));
    CHECK_CODE(MOTET_E_NOT_FOUND, motet_dispatcher_complete(foreign.dispatcher, 7, 1, MOTET_OK, NULL));
    motet_ref_free(ref);
    end(&foreign);
    probe_free(sender);
}

static void an_actor_is_in_one_batch_at_a_time(void) {
    foreign_t foreign = begin();
    motet_ref_t *ref = spawn_foreign(&foreign, 1, NULL);
    expect(&foreign, 1, MOTET_TYPE_PRE_START);
    tell(ref, foreign.type, "1");
    CHECK_CODE(foreign.type, next(&foreign)->type);
    tell(ref, foreign.type, "2");
    CHECK_CODE(0, motet_dispatcher_poll(foreign.dispatcher, foreign.batch, 10, 20));
    CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign.dispatcher, 1, 1, MOTET_OK, NULL));
    expect(&foreign, 1, foreign.type);
    motet_ref_free(ref);
    end(&foreign);
}

static void a_failure_is_supervised_and_the_rest_goes_back(void) {
    foreign_t foreign = begin();
    motet_ref_t *ref = spawn_foreign(&foreign, 3, NULL);
    expect(&foreign, 3, MOTET_TYPE_PRE_START);
    for (int i = 0; i < 3; i++) {
        char text[2] = {(char)('0' + i), '\0'};
        tell(ref, foreign.type, text);
    }
    CHECK_CODE(3, motet_dispatcher_poll(foreign.dispatcher, foreign.batch, 10, PATIENCE_MS));
    CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign.dispatcher, 3, 1, MOTET_E_FAILED, "Error: sour note"));
    const motet_delivery_t *got = next(&foreign);
    CHECK_CODE(MOTET_TYPE_PRE_RESTART, got->type);
    CHECK(got->data_size > 0);
    CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign.dispatcher, 3, 1, MOTET_OK, NULL));
    expect(&foreign, 3, MOTET_TYPE_POST_RESTART);
    got = next(&foreign);
    CHECK_CODE(foreign.type, got->type);
    CHECK(motet_batch_arena(foreign.batch)[got->data_offset] == '2');
    CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign.dispatcher, 3, 1, MOTET_OK, NULL));
    CHECK_CODE(MOTET_OK, motet_ref_stop(ref));
    expect(&foreign, 3, MOTET_TYPE_POST_STOP);
    motet_ref_free(ref);
    end(&foreign);
}

static void unhandled_deliveries_become_dead_letters(void) {
    foreign_t foreign = begin();
    probe_t *letters = probe_new(foreign.system);
    CHECK_OK(motet_system_subscribe(foreign.system, letters->ref, "dead-letters"));
    motet_ref_t *ref = spawn_foreign(&foreign, 5, "choosy");
    expect(&foreign, 5, MOTET_TYPE_PRE_START);
    tell(ref, foreign.type, "abc");
    CHECK_CODE(0, next(&foreign)->index);
    CHECK_CODE(MOTET_OK, motet_dispatcher_unhandled(foreign.dispatcher, 5, 0));
    CHECK_CODE(MOTET_E_NOT_FOUND, motet_dispatcher_unhandled(foreign.dispatcher, 5, 9));
    CHECK_CODE(MOTET_E_NOT_FOUND, motet_dispatcher_unhandled(foreign.dispatcher, 6, 0));
    CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign.dispatcher, 5, 1, MOTET_OK, NULL));
    const record_t *record = probe_expect(letters, 0);
    CHECK_CODE(MOTET_E_UNHANDLED, record_number(record, "cause"));
    motet_ref_free(ref);
    end(&foreign);
    probe_free(letters);
}

static int32_t answer(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)state;
    return motet_message_size(message) > 0
               ? motet_context_reply(context, motet_message_type(message), (const uint8_t *)"yes", 3)
               : MOTET_OK;
}

static void answers_and_failures_come_as_deliveries(void) {
    foreign_t foreign = begin();
    motet_ref_t *ref = spawn(foreign.system, "answerer", answer, NULL);
    CHECK_CODE(MOTET_OK, motet_dispatcher_ask(foreign.dispatcher, ref, 42, foreign.type, (const uint8_t *)"?", 1,
                                              PATIENCE_MS, NULL, 0));
    const motet_delivery_t *got = next(&foreign);
    CHECK_CODE(MOTET_DELIVERY_REPLY, got->kind);
    CHECK(got->correlation == 42 && got->type == foreign.type && got->data_size == 3);
    CHECK(memcmp(motet_batch_arena(foreign.batch) + got->data_offset, "yes", 3) == 0);
    CHECK_CODE(MOTET_OK, motet_dispatcher_ask(foreign.dispatcher, ref, 43, foreign.type, NULL, 0, 20, NULL, 0));
    got = next(&foreign);
    CHECK_CODE(MOTET_DELIVERY_FAILURE, got->kind);
    CHECK_CODE(MOTET_E_TIMEOUT, got->type);
    CHECK(got->correlation == 43 && got->data_size > 0);
    CHECK_CODE(MOTET_E_INVALID, motet_dispatcher_ask(foreign.dispatcher, NULL, 1, foreign.type, NULL, 0, 20, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_dispatcher_ask(foreign.dispatcher, ref, 1, foreign.type, NULL, 0, 0, NULL, 0));
    motet_ref_free(ref);
    end(&foreign);
}

static bool readable(int descriptor, int timeout_ms) {
    struct pollfd poll_for = {descriptor, POLLIN, 0};
    return poll(&poll_for, 1, timeout_ms) == 1 && (poll_for.revents & POLLIN) != 0;
}

static void the_descriptor_tells_that_work_waits(void) {
    foreign_t foreign = begin();
    int descriptor = motet_dispatcher_fd(foreign.dispatcher);
    CHECK(descriptor >= 0);
    CHECK(!readable(descriptor, 0));
    motet_ref_t *ref = spawn_foreign(&foreign, 1, NULL);
    CHECK(readable(descriptor, PATIENCE_MS));
    CHECK(readable(descriptor, PATIENCE_MS)); /* it stays so until the work is taken */
    expect(&foreign, 1, MOTET_TYPE_PRE_START);
    CHECK(!readable(descriptor, 0));
    tell(ref, foreign.type, NULL);
    CHECK(readable(descriptor, PATIENCE_MS));
    motet_dispatcher_close(foreign.dispatcher);
    CHECK(readable(descriptor, PATIENCE_MS));
    motet_ref_free(ref);
    end(&foreign);
}

typedef struct polling {
    foreign_t *foreign;
    atomic_int started;
    int64_t result;
} polling_t;

static void *poll_for_ever(void *argument) {
    polling_t *polling = argument;
    motet_batch_t *batch = motet_batch_new();
    atomic_store(&polling->started, 1);
    polling->result = motet_dispatcher_poll(polling->foreign->dispatcher, batch, 10, -1);
    motet_batch_free(batch);
    return NULL;
}

static int64_t poll_while(foreign_t *foreign, void (*disturb)(foreign_t *)) {
    polling_t polling = {foreign, 0, 4711};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, poll_for_ever, &polling) == 0);
    CHECK_SOON(atomic_load(&polling.started) == 1);
    pause_ms(20); /* most likely it blocks by now; if not, it must end all the same */
    disturb(foreign);
    pthread_join(thread, NULL);
    return polling.result;
}

static void wake_up(foreign_t *foreign) { motet_dispatcher_wakeup(foreign->dispatcher); }

static void close_dispatcher(foreign_t *foreign) { motet_dispatcher_close(foreign->dispatcher); }

static void close_system(foreign_t *foreign) { CHECK_OK(motet_system_close(foreign->system, PATIENCE_MS)); }

static void pollers_are_woken(void) {
    foreign_t foreign = begin();
    CHECK_CODE(0, poll_while(&foreign, wake_up));
    CHECK_CODE(MOTET_E_CLOSED, poll_while(&foreign, close_dispatcher));
    CHECK_CODE(MOTET_E_CLOSED, motet_dispatcher_poll(foreign.dispatcher, foreign.batch, 10, -1));
    end(&foreign);
    foreign = begin();
    CHECK_CODE(MOTET_E_CLOSED, poll_while(&foreign, close_system));
    end(&foreign);
}

static void closing_stops_the_actors(void) {
    foreign_t foreign = begin();
    probe_t *probe = probe_new(foreign.system);
    motet_ref_t *ref = spawn_foreign(&foreign, 1, NULL);
    expect(&foreign, 1, MOTET_TYPE_PRE_START);
    CHECK_CODE(MOTET_OK, motet_ref_watch(probe->ref, ref));
    motet_dispatcher_close(foreign.dispatcher);
    CHECK_CODE(MOTET_TYPE_TERMINATED, probe_expect(probe, 0)->type);
    motet_ref_free(ref);
    end(&foreign);
    probe_free(probe);
}

static void actors_are_made_by_the_name_of_their_type(void) {
    foreign_t foreign = begin();
    motet_props_t *registered = motet_props_new_foreign(foreign.dispatcher, 0);
    CHECK_OK(motet_system_register_actor(foreign.system, "test.Worker", registered));
    motet_ref_t *refs[2] = {NULL, NULL};
    CHECK_ERROR(MOTET_E_INVALID, "number 0", motet_system_spawn(foreign.system, registered, NULL, refs));
    motet_props_free(registered);
    motet_props_t *of_one = motet_props_new_foreign(foreign.dispatcher, 5);
    CHECK_ERROR(MOTET_E_INVALID, "of one actor", motet_system_register_actor(foreign.system, "test.One", of_one));
    motet_props_free(of_one);

    /* {type: "test.Worker", arguments: two bytes} */
    static const char told[] = "\x82\xa4type\xabtest.Worker\xa9"
                               "arguments\xc4\x02hi";
    motet_props_t *props = motet_props_of_type("test.Worker", (const uint8_t *)"hi", 2);
    uint64_t numbers[2];
    for (int i = 0; i < 2; i++) {
        CHECK_OK(motet_system_spawn(foreign.system, props, NULL, &refs[i]));
        const motet_delivery_t *got = next(&foreign);
        CHECK_CODE(MOTET_TYPE_PRE_START, got->type);
        CHECK(got->data_size == sizeof told - 1);
        CHECK(memcmp(motet_batch_arena(foreign.batch) + got->data_offset, told, sizeof told - 1) == 0);
        numbers[i] = got->actor;
        CHECK(numbers[i] >> 63 == 1);
        CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign.dispatcher, numbers[i], 1, MOTET_OK, NULL));
    }
    CHECK(numbers[0] != numbers[1]);
    tell(refs[1], foreign.type, "work");
    expect(&foreign, numbers[1], foreign.type);
    motet_ref_free(refs[0]);
    motet_ref_free(refs[1]);
    motet_props_free(props);
    end(&foreign);
}

/* A pool whose routees are made of the props with a number. */
static motet_ref_t *spawn_pool(foreign_t *foreign, uint64_t number, const char *logic, const char *instances) {
    motet_props_t *props = motet_props_new_foreign(foreign->dispatcher, number);
    motet_ref_t *pool = NULL;
    CHECK_OK(motet_props_set(props, "router", logic));
    CHECK_OK(motet_props_set(props, "router.instances", instances));
    CHECK_OK(motet_system_spawn(foreign->system, props, NULL, &pool));
    motet_props_free(props);
    return pool;
}

/* The routees of the pool with number 7 begin. */
static void begin_routees(foreign_t *foreign, uint64_t *numbers, int count) {
    static const char told[] = "\x81\xa5props\x07";
    for (int i = 0; i < count; i++) {
        const motet_delivery_t *got = next(foreign);
        CHECK_CODE(MOTET_TYPE_PRE_START, got->type);
        CHECK(got->data_size == sizeof told - 1);
        CHECK(memcmp(motet_batch_arena(foreign->batch) + got->data_offset, told, sizeof told - 1) == 0);
        numbers[i] = got->actor;
        CHECK(numbers[i] >> 63 == 1 && (i == 0 || numbers[i] != numbers[i - 1]));
        CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign->dispatcher, numbers[i], 1, MOTET_OK, NULL));
    }
}

static void the_end_of_a_router_is_told(foreign_t *foreign) {
    const motet_delivery_t *got = next(foreign);
    CHECK(got->kind == MOTET_DELIVERY_MESSAGE && got->type == MOTET_TYPE_POST_STOP && got->actor == 7 &&
          got->self != 0);
    CHECK_CODE(MOTET_E_NOT_FOUND, motet_dispatcher_complete(foreign->dispatcher, 7, 1, MOTET_OK, NULL));
}

static void routees_have_numbers_of_their_own(void) {
    foreign_t foreign = begin();
    motet_ref_t *pool = spawn_pool(&foreign, 7, "round-robin-pool", "3");
    uint64_t numbers[3];
    begin_routees(&foreign, numbers, 3);
    motet_props_t *taken = motet_props_new_foreign(foreign.dispatcher, 7);
    motet_ref_t *none = NULL;
    CHECK_ERROR(MOTET_E_INVALID, "another living actor", motet_system_spawn(foreign.system, taken, NULL, &none));
    for (int i = 0; i < 6; i++) {
        tell(pool, foreign.type, "x");
        expect(&foreign, numbers[i % 3], foreign.type);
    }
    tell(pool, foreign.type, "x");
    CHECK_CODE((int64_t)numbers[0], next(&foreign)->actor);
    CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign.dispatcher, numbers[0], 0, MOTET_E_FAILED, "as told"));
    expect(&foreign, numbers[0], MOTET_TYPE_PRE_RESTART);
    expect(&foreign, numbers[0], MOTET_TYPE_POST_RESTART);
    CHECK_CODE(MOTET_OK, motet_ref_stop(pool));
    for (int i = 0; i < 3; i++) {
        const motet_delivery_t *got = next(&foreign);
        CHECK_CODE(MOTET_TYPE_POST_STOP, got->type);
        CHECK(got->actor >> 63 == 1);
        CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign.dispatcher, got->actor, 1, MOTET_OK, NULL));
    }
    the_end_of_a_router_is_told(&foreign);
    motet_ref_free(pool);
    CHECK_OK(motet_system_spawn(foreign.system, taken, NULL, &none));
    motet_props_free(taken);
    motet_ref_free(none);
    end(&foreign);
}

static void routees_of_a_balancing_pool_take_from_one_mailbox(void) {
    foreign_t foreign = begin();
    motet_ref_t *pool = spawn_pool(&foreign, 7, "balancing-pool", "2");
    uint64_t numbers[2];
    begin_routees(&foreign, numbers, 2);
    tell(pool, foreign.type, "long");
    const uint64_t busy = next(&foreign)->actor;
    const uint64_t other = numbers[busy == numbers[0]];
    for (int i = 0; i < 5; i++) {
        tell(pool, foreign.type, "short");
    }
    for (int i = 0; i < 4; i++) {
        expect(&foreign, other, foreign.type);
    }
    CHECK_CODE((int64_t)other, next(&foreign)->actor);
    CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign.dispatcher, other, 0, MOTET_E_FAILED, "as told"));
    expect(&foreign, other, MOTET_TYPE_PRE_RESTART);
    tell(pool, foreign.type, "short");
    expect(&foreign, other, MOTET_TYPE_POST_RESTART);
    expect(&foreign, other, foreign.type);
    CHECK_CODE(MOTET_OK, motet_dispatcher_complete(foreign.dispatcher, busy, 1, MOTET_OK, NULL));
    tell(pool, foreign.type, "short");
    CHECK(next(&foreign)->actor >> 63 == 1);
    motet_ref_free(pool);
    end(&foreign);
}

static void null_is_refused(void) {
    foreign_t foreign = begin();
    motet_dispatcher_t *out = NULL;
    CHECK_ERROR(MOTET_E_INVALID, "system", motet_dispatcher_new(NULL, &out));
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_dispatcher_new(foreign.system, NULL));
    CHECK_CODE(MOTET_E_INVALID, motet_dispatcher_poll(NULL, foreign.batch, 1, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_dispatcher_poll(foreign.dispatcher, NULL, 1, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_dispatcher_poll(foreign.dispatcher, foreign.batch, 0, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_dispatcher_complete(NULL, 1, 1, MOTET_OK, NULL));
    CHECK_CODE(MOTET_E_INVALID, motet_dispatcher_unhandled(NULL, 1, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_dispatcher_fd(NULL));
    CHECK_CODE(0, motet_batch_count(NULL));
    CHECK_CODE(MOTET_E_INVALID, motet_batch_complete(NULL));
    CHECK_CODE(0, motet_batch_arena_size(NULL));
    CHECK(motet_batch_records(NULL) == NULL && motet_batch_arena(NULL) == NULL);
    CHECK(motet_batch_stride(foreign.batch) >= 96);
    motet_dispatcher_wakeup(NULL);
    motet_dispatcher_close(NULL);
    motet_dispatcher_free(NULL);
    motet_batch_free(NULL);
    end(&foreign);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(the_record_is_laid_out_as_documented),
        TEST(messages_come_in_batches),
        TEST(an_actor_is_in_one_batch_at_a_time),
        TEST(a_failure_is_supervised_and_the_rest_goes_back),
        TEST(unhandled_deliveries_become_dead_letters),
        TEST(answers_and_failures_come_as_deliveries),
        TEST(the_descriptor_tells_that_work_waits),
        TEST(pollers_are_woken),
        TEST(closing_stops_the_actors),
        TEST(actors_are_made_by_the_name_of_their_type),
        TEST(routees_have_numbers_of_their_own),
        TEST(routees_of_a_balancing_pool_take_from_one_mailbox),
        TEST(null_is_refused),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
