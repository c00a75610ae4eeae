/* The smallest whole program: starts a system, spawns an actor, tells it something, asks it something, closes.
 *
 *   cc hello.c $(pkg-config --cflags --libs motet) -o hello
 */
#include <motet/motet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(motet_error_t *error) {
    if (error != NULL) {
        fprintf(stderr, "%s\n", motet_error_message(error));
        motet_error_free(error);
        exit(1);
    }
}

/* Counts the bytes it was told; answers any other message with that number. */
static int32_t receive(motet_context_t *context, const motet_message_t *message, void *state) {
    motet_system_t *system = motet_context_system(context);
    size_t *total = state;
    if (motet_message_type(message) == motet_system_type(system, "hello.Text")) {
        *total += motet_message_size(message);
        return MOTET_OK;
    }
    if (motet_message_type(message) == motet_system_type(system, "hello.HowMany")) {
        char answer[32];
        int size = snprintf(answer, sizeof answer, "%zu", *total);
        return motet_context_reply(context, motet_message_type(message), (const uint8_t *)answer, (size_t)size);
    }
    return MOTET_E_UNHANDLED;
}

int main(void) {
    motet_system_t *system = NULL;
    check(motet_system_start(NULL, &system));

    size_t total = 0;
    motet_props_t *props = motet_props_new(receive, &total);
    motet_ref_t *counter = NULL;
    check(motet_system_spawn(system, props, "counter", &counter));
    motet_props_free(props);

    const char *text = "hello, actors";
    motet_type_t text_type = motet_system_type(system, "hello.Text");
    int32_t code = motet_ref_tell(counter, NULL, text_type, (const uint8_t *)text, strlen(text), NULL, 0);
    if (code != MOTET_OK) {
        fprintf(stderr, "tell: %s\n", motet_code_text(code));
        return 1;
    }

    motet_future_t *future = NULL;
    motet_type_t how_many = motet_system_type(system, "hello.HowMany");
    check(motet_ref_ask(counter, how_many, NULL, 0, 5000, NULL, 0, &future));
    check(motet_future_wait(future));
    const motet_message_t *answer = motet_future_reply(future);
    printf("%.*s bytes\n", (int)motet_message_size(answer), (const char *)motet_message_data(answer));
    motet_future_free(future);

    motet_ref_free(counter);
    check(motet_system_close(system, 5000));
    motet_system_free(system);
    return 0;
}
