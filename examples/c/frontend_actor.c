#define _POSIX_C_SOURCE 200809L
#include "frontend.h"
#include "journal.h"
#include "membership.h"
#include "payload.h"
#include "program.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RETRY_TIMER 1
#define RETRY_NS 50000000
#define PACE_TIMER 2
#define PACE_NS 10000000

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A new trace; NULL when the system is closing. */
static motet_span_t *start_span(motet_context_t *context, const char *name) {
    motet_span_t *span = NULL;
    motet_error_free(motet_span_start(motet_context_system(context), name, NULL, 0, &span));
    return span;
}

/* Sends a job to a backend. route: the backends that it goes on to after that one. */
static int32_t send_job(motet_context_t *context, frontend_t *frontend, int64_t id, const char *text, int32_t target,
                        const int32_t *route, size_t route_size, motet_span_t *span) {
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    msgpack_packer packer;
    msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
    msgpack_pack_map(&packer, 3);
    pack_text(&packer, "id");
    msgpack_pack_int64(&packer, id);
    pack_text(&packer, "text");
    pack_text(&packer, text);
    pack_text(&packer, "route");
    msgpack_pack_array(&packer, route_size);
    for (size_t i = 0; i < route_size; i++) {
        pack_ref(&packer, frontend->pool.backends[route[i]].ref);
    }
    int32_t code = motet_ref_tell(frontend->pool.backends[target].ref, motet_context_self(context), frontend->job_type,
                                  (const uint8_t *)buffer.data, buffer.size, motet_span_trace(span), MOTET_TRACE_SIZE);
    msgpack_sbuffer_destroy(&buffer);
    return code;
}

/* Hands one job to one backend; false when there was none for it. */
static bool hand_out(motet_context_t *context, frontend_t *frontend, int32_t target) {
    int64_t id = pool_hand_out(&frontend->pool, target);
    if (id < 0) {
        return false;
    }
    job_t *job = &frontend->pool.jobs[id];
    if (job->span == NULL) {
        job->span = start_span(context, "job");
    }
    if (job->span == NULL || send_job(context, frontend, id, job->text, target, NULL, 0, job->span) != MOTET_OK) {
        /* It cannot be reached or is full: others work on, and it is tried again later, or it is reported lost. */
        pool_take_back(&frontend->pool, id);
        frontend->pool.backends[target].refused = true;
        motet_context_timer(context, RETRY_TIMER, RETRY_NS, 0, frontend->retry_type, NULL, 0);
        return false;
    }
    return true;
}

/* Notes which lost jobs of one backend have been sent elsewhere since the last note. */
static void note_resent(frontend_t *frontend, int32_t lost_by) {
    pool_t *pool = &frontend->pool;
    int64_t count = pool->backends[lost_by].lost > 0 ? pool_resent(pool, lost_by, pool->scratch) : 0;
    if (count > 0) {
        journal_event(frontend->events, "resent");
        journal_text(frontend->events, "language", pool->backends[lost_by].language);
        journal_text(frontend->events, "address", pool->backends[lost_by].address);
        journal_numbers(frontend->events, "ids", pool->scratch, count);
        journal_end(frontend->events);
    }
}

/* Hands out jobs, one to each backend in turn, until nobody has room. The next time begins where this one ended. */
static void hand_out_all(motet_context_t *context, frontend_t *frontend) {
    pool_t *pool = &frontend->pool;
    int32_t without_room = 0;
    while (frontend->started && without_room < pool->backend_count) {
        int32_t target = pool->turn;
        pool->turn = (target + 1) % pool->backend_count;
        without_room = hand_out(context, frontend, target) ? 0 : without_room + 1;
    }
    for (int32_t i = 0; i < frontend->pool.backend_count; i++) {
        note_resent(frontend, i);
    }
}

/* Begins when enough backends have registered, and then keeps the pace, if there is one. */
static void begin(motet_context_t *context, frontend_t *frontend) {
    if (frontend->started || frontend->pool.backend_count < frontend->expected) {
        return;
    }
    frontend->started = true;
    frontend->started_ns = now_ns();
    journal_event(frontend->events, "started");
    journal_end(frontend->events);
    if (frontend->rate > 0) {
        motet_context_timer(context, PACE_TIMER, 0, PACE_NS, frontend->pace_type, NULL, 0);
    } else {
        frontend->pool.allowed = frontend->pool.job_count;
    }
}

static void on_pace(motet_context_t *context, frontend_t *frontend) {
    double seconds = (double)(now_ns() - frontend->started_ns) / 1e9;
    double due = seconds * (double)frontend->rate;
    if (due >= (double)frontend->pool.job_count) {
        frontend->pool.allowed = frontend->pool.job_count;
        motet_context_timer_cancel(context, PACE_TIMER);
    } else {
        frontend->pool.allowed = (int64_t)due;
    }
    hand_out_all(context, frontend);
}

/* The first living backend of each language; returns how many. */
static size_t one_of_each_language(const pool_t *pool, int32_t *chosen) {
    size_t count = 0;
    for (int32_t i = 0; i < pool->backend_count; i++) {
        bool fresh = !pool->backends[i].terminated;
        for (size_t k = 0; k < count; k++) {
            fresh = fresh && strcmp(pool->backends[chosen[k]].language, pool->backends[i].language) != 0;
        }
        if (fresh) {
            chosen[count++] = i;
        }
    }
    return count;
}

/* Whether a backend must still be lost and removed before the end. */
static bool removal_awaited(const frontend_t *frontend) {
    for (int32_t i = 0; i < frontend->pool.backend_count; i++) {
        if (frontend->pool.backends[i].terminated && frontend->pool.backends[i].removed) {
            return false;
        }
    }
    return frontend->await_removal;
}

/* Sends the relay job, once all others are done. Its number is the one after the last. */
static void send_relay(motet_context_t *context, frontend_t *frontend) {
    if (frontend->relay_sent || frontend->pool.done < frontend->pool.job_count || removal_awaited(frontend)) {
        return;
    }
    if (frontend->relay == NULL) {
        frontend->relay = start_span(context, "relay");
    }
    int32_t chosen[POOL_MAX_BACKENDS];
    size_t count = one_of_each_language(&frontend->pool, chosen);
    frontend->relay_sent = count > 0 && frontend->relay != NULL &&
                           send_job(context, frontend, frontend->pool.job_count, frontend->pool.jobs[0].text, chosen[0],
                                    chosen + 1, count - 1, frontend->relay) == MOTET_OK;
    if (!frontend->relay_sent) {
        motet_context_timer(context, RETRY_TIMER, RETRY_NS, 0, frontend->retry_type, NULL, 0);
    }
}

static int32_t on_register(motet_context_t *context, frontend_t *frontend, const motet_message_t *message,
                           const payload_t *payload) {
    const motet_ref_t *sender = motet_message_sender(message);
    char *language = payload_text(payload, "language");
    int32_t added = sender != NULL && language != NULL ? pool_add(&frontend->pool, sender, language) : POOL_NOBODY;
    if (added == POOL_NOBODY) {
        free(language);
        return sender != NULL && language != NULL ? MOTET_OK : MOTET_E_UNHANDLED;
    }
    motet_ref_watch(motet_context_self(context), sender);
    journal_event(frontend->events, "registered");
    journal_text(frontend->events, "language", language);
    journal_text(frontend->events, "address", frontend->pool.backends[added].address);
    journal_end(frontend->events);
    begin(context, frontend);
    hand_out_all(context, frontend);
    return MOTET_OK;
}

static void on_relay_result(frontend_t *frontend, const char *language, const char *text) {
    if (frontend->relayed) {
        return;
    }
    char trace[MOTET_TRACEPARENT_SIZE + 1];
    motet_trace_format(motet_span_trace(frontend->relay), MOTET_TRACE_SIZE, trace, sizeof trace);
    motet_span_end(frontend->relay, MOTET_OK, NULL);
    frontend->relay = NULL;
    frontend->relayed = true;
    program_terminate();
    trace[3 + 32] = '\0'; /* "00-<trace id>-..." */
    journal_event(frontend->events, "relay");
    journal_text(frontend->events, "trace", trace + 3);
    journal_text(frontend->events, "language", language);
    journal_text(frontend->events, "text", text);
    journal_end(frontend->events);
}

static void note_progress(frontend_t *frontend) {
    const pool_t *pool = &frontend->pool;
    const char *event = pool->done == pool->job_count ? "finished" : "half";
    if (pool->done == pool->job_count || pool->done == (pool->job_count + 1) / 2) {
        fflush(frontend->output);
        journal_event(frontend->events, event);
        journal_number(frontend->events, "done", pool->done);
        journal_number(frontend->events, "duplicates", pool->duplicates);
        journal_end(frontend->events);
    }
}

static void on_job_result(motet_context_t *context, frontend_t *frontend, int64_t id, const char *language,
                          const char *text, const motet_ref_t *sender) {
    pool_t *pool = &frontend->pool;
    int32_t backend = pool_find(pool, sender);
    if (!pool_finish(pool, id)) {
        return;
    }
    motet_span_set(pool->jobs[id].span, "language", language);
    motet_span_end(pool->jobs[id].span, MOTET_OK, NULL);
    pool->jobs[id].span = NULL;
    journal_result(frontend->output, id, language, backend != POOL_NOBODY ? pool->backends[backend].address : "", text);
    note_progress(frontend);
    hand_out_all(context, frontend);
}

static int32_t on_result(motet_context_t *context, frontend_t *frontend, const motet_message_t *message,
                         const payload_t *payload) {
    const msgpack_object *id = payload_field(payload, "id", MSGPACK_OBJECT_POSITIVE_INTEGER);
    char *text = payload_text(payload, "text");
    char *language = payload_text(payload, "language");
    int32_t code = MOTET_E_UNHANDLED;
    if (id != NULL && text != NULL && language != NULL && id->via.u64 <= (uint64_t)frontend->pool.job_count) {
        code = MOTET_OK;
        if ((int64_t)id->via.u64 == frontend->pool.job_count) {
            on_relay_result(frontend, language, text);
        } else {
            on_job_result(context, frontend, (int64_t)id->via.u64, language, text, motet_message_sender(message));
        }
    }
    free(text);
    free(language);
    return code;
}

static void on_terminated(motet_context_t *context, frontend_t *frontend, const motet_ref_t *actor) {
    int32_t index = pool_find(&frontend->pool, actor);
    if (index == POOL_NOBODY) {
        return;
    }
    int64_t lost = pool_lose(&frontend->pool, index);
    journal_event(frontend->events, "terminated");
    journal_text(frontend->events, "language", frontend->pool.backends[index].language);
    journal_text(frontend->events, "address", frontend->pool.backends[index].address);
    journal_number(frontend->events, "unfinished", lost);
    journal_end(frontend->events);
    hand_out_all(context, frontend);
    frontend->relay_sent = frontend->relayed; /* it may have been lost with that backend */
}

static void on_member(frontend_t *frontend, motet_type_t type, const payload_t *payload) {
    char *address = payload_text(payload, "address");
    if (address == NULL) {
        return;
    }
    char event[32];
    snprintf(event, sizeof event, "member-%s", membership_event(type));
    journal_event(frontend->events, event);
    journal_text(frontend->events, "address", address);
    journal_end(frontend->events);
    for (int32_t i = 0; i < frontend->pool.backend_count && type == MOTET_TYPE_MEMBER_REMOVED; i++) {
        backend_t *backend = &frontend->pool.backends[i];
        backend->removed = backend->removed || strcmp(backend->address, address) == 0;
    }
    free(address);
}

static void on_retry(motet_context_t *context, frontend_t *frontend) {
    for (int32_t i = 0; i < frontend->pool.backend_count; i++) {
        frontend->pool.backends[i].refused = false;
    }
    hand_out_all(context, frontend);
}

/* Whatever the payload was, the frontend keeps its state: what it cannot read it does not handle. */
static int32_t dispatch(motet_context_t *context, frontend_t *frontend, const motet_message_t *message,
                        const payload_t *payload) {
    motet_type_t type = motet_message_type(message);
    if (type == frontend->register_type) {
        return on_register(context, frontend, message, payload);
    }
    if (type == frontend->result_type) {
        return on_result(context, frontend, message, payload);
    }
    if (type == MOTET_TYPE_TERMINATED) {
        on_terminated(context, frontend, motet_message_sender(message));
    } else if (membership_event(type) != NULL) {
        on_member(frontend, type, payload);
    } else {
        return MOTET_E_UNHANDLED;
    }
    return MOTET_OK;
}

static int32_t receive(motet_context_t *context, const motet_message_t *message, void *state) {
    frontend_t *frontend = state;
    int32_t code = MOTET_OK;
    if (motet_message_type(message) == frontend->retry_type) {
        on_retry(context, frontend);
    } else if (motet_message_type(message) == frontend->pace_type) {
        on_pace(context, frontend);
    } else {
        payload_t payload;
        code = payload_read(&payload, message) ? dispatch(context, frontend, message, &payload) : MOTET_E_UNHANDLED;
        payload_free(&payload);
    }
    send_relay(context, frontend);
    return code;
}

motet_ref_t *frontend_spawn(motet_system_t *system, frontend_t *frontend) {
    frontend->register_type = motet_system_type(system, "demo.Register");
    frontend->job_type = motet_system_type(system, "demo.Job");
    frontend->result_type = motet_system_type(system, "demo.Result");
    frontend->retry_type = motet_system_type(system, "demo.Retry");
    frontend->pace_type = motet_system_type(system, "demo.Pace");
    motet_props_t *props = motet_props_new(receive, frontend);
    motet_ref_t *self = NULL;
    program_check(motet_system_spawn(system, props, "frontend", &self));
    motet_props_free(props);
    program_check(motet_system_subscribe(system, self, "cluster"));
    return self;
}
