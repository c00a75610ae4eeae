/* A program from outside: one actor, one question, one answer. */
#include <motet/motet.h>

#include <stdio.h>
#include <string.h>

static int32_t echo(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_E_UNHANDLED;
    }
    return motet_context_reply(context, motet_message_type(message), motet_message_data(message),
                               motet_message_size(message));
}

static int failed(motet_error_t *error) {
    if (error != NULL) {
        fprintf(stderr, "%s: %s\n", motet_code_name(motet_error_code(error)), motet_error_message(error));
        motet_error_free(error);
    }
    return error != NULL;
}

int main(void) {
    static const uint8_t question[] = "hello from outside";
    motet_config_t *config = motet_config_new();
    motet_system_t *system = NULL;
    motet_ref_t *actor = NULL;
    motet_future_t *future = NULL;
    motet_props_t *props = motet_props_new(echo, NULL);

    if (failed(motet_config_set(config, "remote.enabled", "off")) || failed(motet_system_start(config, &system)) ||
        failed(motet_system_spawn(system, props, "echo", &actor)) ||
        failed(motet_ref_ask(actor, motet_system_type(system, "outside.Question"), question, sizeof question, 10000,
                             NULL, 0, &future)) ||
        failed(motet_future_wait(future))) {
        return 1;
    }
    const motet_message_t *reply = motet_future_reply(future);
    int same = motet_message_size(reply) == sizeof question &&
               memcmp(motet_message_data(reply), question, sizeof question) == 0;
    if (same) {
        printf("motet %s: %s\n", motet_version_string(), (const char *)motet_message_data(reply));
    }
    motet_future_free(future);
    motet_ref_free(actor);
    motet_props_free(props);
    motet_config_free(config);
    int closed = !failed(motet_system_close(system, 10000));
    motet_system_free(system);
    return same && closed ? 0 : 1;
}
