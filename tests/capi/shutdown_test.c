/* The shutdown: tasks in C and of a foreign dispatcher, reasons, SIGTERM in a process of its own. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* What tasks have noted, a letter each. */
typedef struct notes {
    pthread_mutex_t mutex;
    char text[64];
    atomic_int released;
} notes_t;

static notes_t *notes_new(void) {
    notes_t *notes = calloc(1, sizeof *notes);
    pthread_mutex_init(&notes->mutex, NULL);
    return notes;
}

static void note(notes_t *notes, const char *text) {
    pthread_mutex_lock(&notes->mutex);
    strncat(notes->text, text, sizeof notes->text - strlen(notes->text) - 1);
    pthread_mutex_unlock(&notes->mutex);
}

typedef struct letter {
    notes_t *notes;
    const char *text;
} letter_t;

static void release_letter(void *argument) {
    letter_t *letter = argument;
    atomic_fetch_add(&letter->notes->released, 1);
    free(letter);
}

static letter_t *letter_new(notes_t *notes, const char *text) {
    letter_t *letter = malloc(sizeof *letter);
    letter->notes = notes;
    letter->text = text;
    return letter;
}

static void write_letter(motet_system_t *system, uint64_t task, void *argument) {
    letter_t *letter = argument;
    note(letter->notes, letter->text);
    CHECK_CODE(MOTET_OK, motet_shutdown_complete(system, task, MOTET_OK, NULL));
}

static uint64_t add(motet_system_t *system, const char *phase, notes_t *notes, const char *text) {
    uint64_t task = 0;
    CHECK_OK(motet_shutdown_add(system, phase, text, write_letter, letter_new(notes, text), release_letter, &task));
    CHECK(task != 0);
    return task;
}

static void tasks_run_in_the_order_of_their_phases(void) {
    motet_system_t *system = start_system(NULL);
    notes_t *notes = notes_new();
    add(system, "actor-system-terminate", notes, "e");
    add(system, "cluster-leave", notes, "c");
    add(system, "before-service-unbind", notes, "a");
    add(system, "before-actor-system-terminate", notes, "d");
    add(system, "service-stop", notes, "b");
    CHECK_CODE(0, motet_shutdown_reason(system));
    CHECK_OK(motet_system_close(system, PATIENCE_MS));
    CHECK_TEXT("abcde", notes->text);
    CHECK_CODE(MOTET_SHUTDOWN_ACTOR_SYSTEM_TERMINATE, motet_shutdown_reason(system));
    CHECK_SOON(atomic_load(&notes->released) == 5);
    CHECK_ERROR(MOTET_E_CLOSED, "", motet_shutdown_add(system, "service-stop", "x", write_letter, NULL, NULL, NULL));
    motet_system_free(system);
    CHECK_CODE(MOTET_E_CLOSED, motet_shutdown_reason(system));
    free(notes);
}

static void a_shutdown_has_a_reason_and_may_begin_later(void) {
    motet_system_t *system = start_system(NULL);
    notes_t *notes = notes_new();
    add(system, "service-unbind", notes, "a");
    add(system, "service-stop", notes, "b");
    CHECK_ERROR(MOTET_E_NOT_FOUND, "no phase \"nowhere\"",
                motet_shutdown_run(system, MOTET_SHUTDOWN_UNKNOWN, "nowhere", -1));
    CHECK_ERROR(MOTET_E_INVALID, "99", motet_shutdown_run(system, 99, NULL, -1));
    CHECK_OK(motet_shutdown_run(system, MOTET_SHUTDOWN_PROCESS_EXIT, "service-stop", -1));
    CHECK_TEXT("b", notes->text);
    CHECK_OK(motet_shutdown_run(system, MOTET_SHUTDOWN_CLUSTER_LEAVING, NULL, -1));
    CHECK_CODE(MOTET_SHUTDOWN_PROCESS_EXIT, motet_shutdown_reason(system));
    motet_system_free(system);
    CHECK_OK(motet_shutdown_run(system, MOTET_SHUTDOWN_UNKNOWN, NULL, -1));
    CHECK_SOON(atomic_load(&notes->released) == 2);
    free(notes);
}

static void a_cancelled_task_is_not_run(void) {
    motet_system_t *system = start_system(NULL);
    notes_t *notes = notes_new();
    uint64_t task = add(system, "service-stop", notes, "a");
    CHECK_CODE(MOTET_OK, motet_shutdown_cancel(system, task));
    CHECK(atomic_load(&notes->released) == 1);
    CHECK_CODE(MOTET_E_NOT_FOUND, motet_shutdown_cancel(system, task));
    CHECK_CODE(MOTET_E_NOT_FOUND, motet_shutdown_complete(system, task, MOTET_OK, NULL));
    end_system(system);
    CHECK_TEXT("", notes->text);
    free(notes);
}

static void what_is_wrong_is_told_and_released(void) {
    motet_system_t *system = start_system(NULL);
    notes_t *notes = notes_new();
    CHECK_ERROR(MOTET_E_NOT_FOUND, "there are: before-service-unbind",
                motet_shutdown_add(system, "nowhere", "x", write_letter, letter_new(notes, "x"), release_letter, NULL));
    CHECK_ERROR(
        MOTET_E_INVALID, "name",
        motet_shutdown_add(system, "service-stop", "", write_letter, letter_new(notes, "x"), release_letter, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "name",
                motet_shutdown_add(system, "service-stop", NULL, write_letter, NULL, NULL, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "phase", motet_shutdown_add(system, NULL, "x", write_letter, NULL, NULL, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "run", motet_shutdown_add(system, "service-stop", "x", NULL, NULL, NULL, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "system",
                motet_shutdown_add(NULL, "service-stop", "x", write_letter, NULL, NULL, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "system", motet_shutdown_run(NULL, MOTET_SHUTDOWN_UNKNOWN, NULL, -1));
    CHECK_CODE(MOTET_E_INVALID, motet_shutdown_reason(NULL));
    CHECK_CODE(MOTET_E_INVALID, motet_shutdown_cancel(NULL, 1));
    CHECK_CODE(MOTET_E_INVALID, motet_shutdown_complete(system, 1, 7, NULL));
    CHECK(atomic_load(&notes->released) == 2);
    end_system(system);
    free(notes);
}

static void fail_task(motet_system_t *system, uint64_t task, void *argument) {
    (void)argument;
    CHECK_CODE(MOTET_OK, motet_shutdown_complete(system, task, MOTET_E_IO, "the disk is full"));
}

static void a_failure_is_passed_by_unless_its_phase_is_strict(void) {
    for (int strict = 0; strict < 2; strict++) {
        motet_system_t *system = start_system("shutdown.phase.service-unbind.recover", strict ? "off" : "on", NULL);
        notes_t *notes = notes_new();
        CHECK_OK(motet_shutdown_add(system, "service-unbind", "flush", fail_task, NULL, NULL, NULL));
        add(system, "service-stop", notes, "a");
        if (strict) {
            CHECK_ERROR(MOTET_E_IO, "task \"flush\" failed: the disk is full", motet_system_close(system, PATIENCE_MS));
            CHECK_TEXT("", notes->text);
        } else {
            CHECK_OK(motet_system_close(system, PATIENCE_MS));
            CHECK_TEXT("a", notes->text);
        }
        motet_system_free(system);
        CHECK_SOON(atomic_load(&notes->released) == 1);
        free(notes);
    }
}

static void *end_it(void *system) {
    end_system(system);
    return NULL;
}

typedef struct gate {
    atomic_int entered;
    atomic_bool open;
    atomic_int released;
} gate_t;

static void wait_at_gate(motet_system_t *system, uint64_t task, void *argument) {
    gate_t *gate = argument;
    atomic_fetch_add(&gate->entered, 1);
    CHECK_SOON(atomic_load(&gate->open));
    motet_shutdown_complete(system, task, MOTET_OK, NULL);
}

static void release_gate(void *argument) { atomic_fetch_add(&((gate_t *)argument)->released, 1); }

static void tasks_of_a_phase_run_together_and_may_block(void) {
    motet_system_t *system = start_system(NULL);
    gate_t gate = {0};
    for (int i = 0; i < 40; i++) {
        CHECK_OK(motet_shutdown_add(system, "service-stop", "wait", wait_at_gate, &gate, release_gate, NULL));
    }
    CHECK_OK(motet_shutdown_add(system, "service-stop", "slow", wait_at_gate, &gate, release_gate, NULL));
    pthread_t closer;
    CHECK(pthread_create(&closer, NULL, end_it, system) == 0);
    CHECK_SOON(atomic_load(&gate.entered) == 41);
    atomic_store(&gate.open, true);
    pthread_join(closer, NULL);
    CHECK_SOON(atomic_load(&gate.released) == 41);
}

static void what_hangs_is_left_behind(void) {
    motet_system_t *system = start_system("shutdown.phase.service-stop.timeout", "20ms", NULL);
    notes_t *notes = notes_new();
    gate_t *gate = calloc(1, sizeof *gate);
    CHECK_OK(motet_shutdown_add(system, "service-stop", "hang", wait_at_gate, gate, release_gate, NULL));
    add(system, "before-cluster-shutdown", notes, "a");
    CHECK_OK(motet_system_close(system, PATIENCE_MS));
    CHECK_TEXT("a", notes->text);
    CHECK(atomic_load(&gate->released) == 0);
    motet_system_free(system);
    atomic_store(&gate->open, true);
    CHECK_SOON(atomic_load(&gate->released) == 1);
    CHECK_SOON(atomic_load(&notes->released) == 1);
    free(gate);
    free(notes);
}

static void close_again(motet_system_t *system, uint64_t task, void *argument) {
    note(argument, "c");
    CHECK_OK(motet_system_close(system, PATIENCE_MS));
    notes_t *notes = argument;
    uint64_t late = add(system, "service-stop", notes, "d");
    CHECK(late > task);
    CHECK_ERROR(MOTET_E_BAD_STATE, "has begun",
                motet_shutdown_add(system, "service-unbind", "late", close_again, notes, NULL, NULL));
    CHECK_CODE(MOTET_OK, motet_shutdown_complete(system, task, MOTET_OK, NULL));
    CHECK_CODE(MOTET_E_NOT_FOUND, motet_shutdown_complete(system, task, MOTET_OK, NULL));
}

static void a_task_may_close_and_add_others(void) {
    motet_system_t *system = start_system(NULL);
    notes_t *notes = notes_new();
    CHECK_OK(motet_shutdown_add(system, "service-unbind", "again", close_again, notes, NULL, NULL));
    CHECK_OK(motet_system_close(system, PATIENCE_MS));
    CHECK_TEXT("cd", notes->text);
    motet_system_free(system);
    CHECK_SOON(atomic_load(&notes->released) == 1);
    free(notes);
}

static void foreign_dispatchers_get_tasks_as_deliveries(void) {
    motet_system_t *system = start_system(NULL);
    motet_dispatcher_t *dispatcher = NULL;
    CHECK_OK(motet_dispatcher_new(system, &dispatcher));
    uint64_t task = 0;
    CHECK_ERROR(MOTET_E_NOT_FOUND, "nowhere", motet_shutdown_add_foreign(dispatcher, "nowhere", "x", &task));
    CHECK_ERROR(MOTET_E_INVALID, "task", motet_shutdown_add_foreign(dispatcher, "service-stop", "x", NULL));
    CHECK_ERROR(MOTET_E_INVALID, "dispatcher", motet_shutdown_add_foreign(NULL, "service-stop", "x", &task));
    CHECK_OK(motet_shutdown_add_foreign(dispatcher, "service-stop", "flush", &task));
    pthread_t closer;
    CHECK(pthread_create(&closer, NULL, end_it, system) == 0);
    motet_batch_t *batch = motet_batch_new();
    CHECK_CODE(1, motet_dispatcher_poll(dispatcher, batch, 8, PATIENCE_MS));
    const motet_delivery_t *delivery = (const motet_delivery_t *)(const void *)motet_batch_records(batch);
    CHECK_CODE(MOTET_DELIVERY_TASK, delivery->kind);
    CHECK(delivery->correlation == task);
    CHECK_CODE(0, (int64_t)delivery->data_size);
    CHECK_CODE(MOTET_OK, motet_shutdown_complete(system, task, MOTET_OK, NULL));
    pthread_join(closer, NULL);
    CHECK_CODE(MOTET_E_CLOSED, motet_dispatcher_poll(dispatcher, batch, 8, 0));
    CHECK_ERROR(MOTET_E_CLOSED, "", motet_shutdown_add_foreign(dispatcher, "service-stop", "late", &task));
    motet_batch_free(batch);
    motet_dispatcher_free(dispatcher);
    CHECK_ERROR(MOTET_E_CLOSED, "", motet_shutdown_add_foreign(dispatcher, "service-stop", "late", &task));
}

static void a_task_of_a_closed_dispatcher_does_not_hold_it_up(void) {
    motet_system_t *system = start_system("shutdown.phase.service-stop.recover", "off", NULL);
    motet_dispatcher_t *dispatcher = NULL;
    uint64_t task = 0;
    CHECK_OK(motet_dispatcher_new(system, &dispatcher));
    CHECK_OK(motet_shutdown_add_foreign(dispatcher, "service-stop", "flush", &task));
    motet_dispatcher_free(dispatcher);
    CHECK_ERROR(MOTET_E_CLOSED, "its dispatcher is closed", motet_system_close(system, PATIENCE_MS));
    motet_system_free(system);
}

/* What the process that gets SIGTERM does: prints a line when it is ready, and one from a task. */
static void say(motet_system_t *system, uint64_t task, void *argument) {
    (void)argument;
    CHECK(motet_shutdown_reason(system) == MOTET_SHUTDOWN_PROCESS_EXIT);
    printf("flushed\n");
    fflush(stdout);
    motet_shutdown_complete(system, task, MOTET_OK, NULL);
}

static int serve(void) {
    alarm(PATIENCE_MS / 1000);
    motet_system_t *system = start_system("shutdown.on-sigterm", "on", NULL);
    CHECK_OK(motet_shutdown_add(system, "service-stop", "flush", say, NULL, NULL, NULL));
    printf("ready\n");
    fflush(stdout);
    CHECK_OK(motet_system_wait(system, -1));
    motet_system_free(system);
    return 7;
}

static const char *program;

static void sigterm_shuts_a_process_down_that_wants_it(void) {
    int out[2];
    CHECK(pipe(out) == 0);
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        dup2(out[1], STDOUT_FILENO);
        execl(program, program, "serve", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    FILE *lines = fdopen(out[0], "r");
    char line[32] = "";
    CHECK(fgets(line, sizeof line, lines) != NULL);
    CHECK_TEXT("ready\n", line);
    CHECK(kill(child, SIGTERM) == 0);
    CHECK(fgets(line, sizeof line, lines) != NULL);
    CHECK_TEXT("flushed\n", line);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK_CODE(7, WEXITSTATUS(status));
    fclose(lines);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(tasks_run_in_the_order_of_their_phases),
        TEST(a_shutdown_has_a_reason_and_may_begin_later),
        TEST(a_cancelled_task_is_not_run),
        TEST(what_is_wrong_is_told_and_released),
        TEST(a_failure_is_passed_by_unless_its_phase_is_strict),
        TEST(tasks_of_a_phase_run_together_and_may_block),
        TEST(what_hangs_is_left_behind),
        TEST(a_task_may_close_and_add_others),
        TEST(foreign_dispatchers_get_tasks_as_deliveries),
        TEST(a_task_of_a_closed_dispatcher_does_not_hold_it_up),
        TEST(sigterm_shuts_a_process_down_that_wants_it),
    };
    program = argv[0];
    if (argc == 2 && strcmp(argv[1], "serve") == 0) {
        return serve();
    }
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
