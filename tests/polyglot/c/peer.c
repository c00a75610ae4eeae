/* The C peer of the polyglot test: answers, and runs as the active side against a peer of any language.
 *
 * Joins through MOTET_CLUSTER__SEED_NODES, spawns /user/peer, prints "ready <address>" when its member is Up.
 */
#define _POSIX_C_SOURCE 200809L
#include "payload.h"
#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 50000

/* The numbers of the types; the same for every actor of this node. */
static struct { motet_type_t echo, fail, stop, spawn, spawned, run, report, asked, too_late; } types;

/* One run against one target. */
typedef struct active {
    motet_system_t *system;
    motet_ref_t *self, *requester, *target, *child;
    msgpack_sbuffer sent; /* the echo that must come back unchanged */
    const char *waiting_for;
} active_t;

static void pack_value(msgpack_packer *packer, const motet_ref_t *self) {
    static const int64_t integers[] = {
        0, 1, -1, 127, 128, -129, 2147483648, -2147483649, 9007199254740992, INT64_MAX, INT64_MIN};
    size_t count = sizeof integers / sizeof *integers;
    msgpack_pack_map(packer, 1);
    pack_text(packer, "value");
    msgpack_pack_array(packer, 7);
    msgpack_pack_nil(packer);
    msgpack_pack_true(packer);
    msgpack_pack_array(packer, count);
    for (size_t i = 0; i < count; i++) {
        msgpack_pack_int64(packer, integers[i]);
    }
    msgpack_pack_double(packer, -1.25);
    pack_text(packer, "Grüße, žluťoučký kůň, 日本語, 𝄞");
    msgpack_pack_bin(packer, 3);
    msgpack_pack_bin_body(packer, "\x00\x80\xff", 3);
    pack_ref(packer, self);
}

/* Whether a message has the same payload as was sent. A map may come back in another order: this one has one key. */
static bool is_what_was_sent(const msgpack_sbuffer *sent, const motet_message_t *message) {
    payload_t got;
    msgpack_unpacked wanted;
    msgpack_unpacked_init(&wanted);
    bool same = payload_read(&got, message) &&
                msgpack_unpack_next(&wanted, sent->data, sent->size, NULL) == MSGPACK_UNPACK_SUCCESS &&
                msgpack_object_equal(got.unpacked.data, wanted.data);
    msgpack_unpacked_destroy(&wanted);
    payload_free(&got);
    return same;
}

static int32_t report(motet_context_t *context, active_t *active, const char *error) {
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    msgpack_packer packer;
    msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
    msgpack_pack_map(&packer, 2);
    pack_text(&packer, "ok");
    *error == '\0' ? msgpack_pack_true(&packer) : msgpack_pack_false(&packer);
    pack_text(&packer, "error");
    pack_text(&packer, error);
    motet_context_tell(context, active->requester, types.report, (const uint8_t *)buffer.data, buffer.size);
    msgpack_sbuffer_destroy(&buffer);
    return motet_ref_stop(active->self);
}

/* An ask under way: who asked, and what. It may end after the actor that asked has stopped. */
typedef struct asking {
    motet_ref_t *self;
    msgpack_sbuffer sent;
} asking_t;

/* Tells the actor itself what its ask came to. Runs on a thread of the engine. */
static void on_answer(int32_t code, const char *message, const motet_message_t *reply, void *argument) {
    asking_t *asking = argument;
    const char *problem = "";
    if (reply == NULL) {
        problem = message != NULL ? message : motet_code_text(code);
    } else if (!is_what_was_sent(&asking->sent, reply)) {
        problem = "the answer to ask is not what was sent";
    }
    motet_ref_tell(asking->self, NULL, types.asked, (const uint8_t *)problem, strlen(problem), NULL, 0);
    motet_ref_free(asking->self);
    msgpack_sbuffer_destroy(&asking->sent);
    free(asking);
}

static int32_t begin(motet_context_t *context, active_t *active, const motet_message_t *message) {
    payload_t payload;
    const msgpack_object *target =
        payload_read(&payload, message) ? payload_field(&payload, "target", MSGPACK_OBJECT_EXT) : NULL;
    char *path = target != NULL && target->via.ext.type == MOTET_EXTENSION_REF
                     ? strndup(target->via.ext.ptr, target->via.ext.size)
                     : NULL;
    payload_free(&payload);
    if (path == NULL) {
        return MOTET_E_UNHANDLED;
    }
    active->system = motet_context_system(context);
    active->self = motet_ref_retain(motet_context_self(context));
    active->requester = motet_ref_retain(motet_message_sender(message));
    motet_error_t *error = motet_system_ref(active->system, path, &active->target);
    free(path);
    if (error != NULL) {
        int32_t code = motet_context_fail(context, motet_error_code(error), motet_error_message(error));
        motet_error_free(error);
        return code;
    }
    msgpack_packer packer;
    msgpack_packer_init(&packer, &active->sent, msgpack_sbuffer_write);
    pack_value(&packer, active->self);
    motet_context_timer(context, 1, (int64_t)PATIENCE_MS * 1000000, 0, types.too_late, NULL, 0);
    active->waiting_for = "timeout waiting for the reply to tell";
    return motet_context_tell(context, active->target, types.echo, (const uint8_t *)active->sent.data,
                              active->sent.size);
}

static int32_t on_echo(motet_context_t *context, active_t *active, const motet_message_t *message) {
    if (!is_what_was_sent(&active->sent, message)) {
        return report(context, active, "the reply to tell is not what was sent");
    }
    motet_future_t *future = NULL;
    motet_error_t *error =
        motet_ref_ask(active->target, types.echo, (const uint8_t *)active->sent.data, active->sent.size, PATIENCE_MS,
                      motet_context_trace(context), MOTET_TRACE_SIZE, &future);
    if (error != NULL) {
        int32_t code = report(context, active, motet_error_message(error));
        motet_error_free(error);
        return code;
    }
    asking_t *asking = malloc(sizeof *asking);
    asking->self = motet_ref_retain(active->self);
    msgpack_sbuffer_init(&asking->sent);
    msgpack_sbuffer_write(&asking->sent, active->sent.data, active->sent.size);
    active->waiting_for = "timeout waiting for the answer to ask";
    motet_future_then(future, on_answer, asking);
    return MOTET_OK;
}

static int32_t on_asked(motet_context_t *context, active_t *active, const motet_message_t *message) {
    if (motet_message_size(message) > 0) {
        char *problem = strndup((const char *)motet_message_data(message), motet_message_size(message));
        int32_t code = report(context, active, problem);
        free(problem);
        return code;
    }
    active->waiting_for = "timeout waiting for the reply to spawn";
    const uint8_t empty_map = 0x80;
    return motet_context_tell(context, active->target, types.spawn, &empty_map, 1);
}

static int32_t on_spawned(motet_context_t *context, active_t *active, const motet_message_t *message) {
    payload_t payload;
    const msgpack_object *ref =
        payload_read(&payload, message) ? payload_field(&payload, "ref", MSGPACK_OBJECT_EXT) : NULL;
    char *path = ref != NULL ? strndup(ref->via.ext.ptr, ref->via.ext.size) : NULL;
    payload_free(&payload);
    motet_error_t *error = path != NULL ? motet_system_ref(active->system, path, &active->child) : NULL;
    free(path);
    if (active->child == NULL) {
        motet_error_free(error);
        return report(context, active, "the reply to spawn names no actor");
    }
    active->waiting_for = "timeout waiting for the end of the child";
    motet_ref_watch(active->self, active->child);
    const uint8_t empty_map = 0x80;
    return motet_context_tell(context, active->child, types.stop, &empty_map, 1);
}

static void end_run(active_t *active) {
    motet_ref_free(active->self);
    motet_ref_free(active->requester);
    motet_ref_free(active->target);
    motet_ref_free(active->child);
    msgpack_sbuffer_destroy(&active->sent);
    free(active);
}

static int32_t receive_active(motet_context_t *context, const motet_message_t *message, void *state) {
    active_t *active = state;
    motet_type_t type = motet_message_type(message);
    if (type == types.run) {
        return begin(context, active, message);
    } else if (type == types.echo) {
        return on_echo(context, active, message);
    } else if (type == types.asked) {
        return on_asked(context, active, message);
    } else if (type == types.spawned) {
        return on_spawned(context, active, message);
    } else if (type == types.too_late) {
        return report(context, active, active->waiting_for);
    } else if (type == MOTET_TYPE_TERMINATED) {
        bool right = motet_ref_equal(motet_message_sender(message), active->child);
        return report(context, active, right ? "" : "the end of another actor was told");
    }
    return MOTET_E_UNHANDLED;
}

static void destroy_active(void *state) { end_run(state); }

static int32_t create_active(motet_context_t *context, void *argument, void **state) {
    (void)context;
    (void)argument;
    active_t *active = calloc(1, sizeof *active);
    msgpack_sbuffer_init(&active->sent);
    *state = active;
    return MOTET_OK;
}

static int32_t receive_passive(motet_context_t *context, const motet_message_t *message, void *state);

static int32_t run(motet_context_t *context) {
    motet_props_t *props = motet_props_new(receive_active, NULL);
    motet_props_state(props, create_active, destroy_active, NULL, NULL);
    program_check(motet_props_set(props, "supervision.directive", "stop"));
    motet_ref_t *runner = NULL;
    program_check(motet_ref_spawn(motet_context_self(context), props, NULL, &runner));
    motet_props_free(props);
    int32_t code = motet_context_forward(context, runner);
    motet_ref_free(runner);
    return code;
}

static int32_t spawn_child(motet_context_t *context) {
    motet_props_t *props = motet_props_new(receive_passive, NULL);
    motet_ref_t *child = NULL;
    program_check(motet_ref_spawn(motet_context_self(context), props, NULL, &child));
    motet_props_free(props);
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    msgpack_packer packer;
    msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
    msgpack_pack_map(&packer, 1);
    pack_text(&packer, "ref");
    pack_ref(&packer, child);
    int32_t code = motet_context_reply(context, types.spawned, (const uint8_t *)buffer.data, buffer.size);
    msgpack_sbuffer_destroy(&buffer);
    motet_ref_free(child);
    return code;
}

static int32_t receive_passive(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)state;
    motet_type_t type = motet_message_type(message);
    if (type == types.echo) {
        return motet_context_reply(context, type, motet_message_data(message), motet_message_size(message));
    } else if (type == types.fail) {
        return motet_context_fail(context, MOTET_E_FAILED, "boom-c");
    } else if (type == types.stop) {
        return motet_ref_stop(motet_context_self(context));
    } else if (type == types.spawn) {
        return spawn_child(context);
    } else if (type == types.run) {
        return run(context);
    }
    return MOTET_E_UNHANDLED;
}

static void name_types(motet_system_t *system) {
    types.echo = motet_system_type(system, "peer.Echo");
    types.fail = motet_system_type(system, "peer.Fail");
    types.stop = motet_system_type(system, "peer.Stop");
    types.spawn = motet_system_type(system, "peer.Spawn");
    types.spawned = motet_system_type(system, "peer.Spawned");
    types.run = motet_system_type(system, "peer.Run");
    types.report = motet_system_type(system, "peer.Report");
    types.asked = motet_system_type(system, "peer.c.Asked");
    types.too_late = motet_system_type(system, "peer.c.TooLate");
}

int main(int argc, char **argv) {
    motet_config_t *config = program_config(argc, argv, NULL, 0);
    motet_system_t *system = program_start(config);
    motet_config_free(config);
    name_types(system);
    motet_props_t *props = motet_props_new(receive_passive, NULL);
    program_check(motet_system_spawn(system, props, "peer", NULL));
    program_check(motet_system_register_actor(system, "peer.Peer", props));
    motet_props_free(props);
    program_ready(system);
    program_wait(system);
    return 0;
}
