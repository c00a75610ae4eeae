#include "membership.h"

#include "payload.h"
#include "program.h"

#include <stdio.h>
#include <stdlib.h>

const char *membership_event(motet_type_t type) {
    static const char *const names[] = {"joined", "weakly-up", "up",          "left",     "exited",
                                        "downed", "removed",   "unreachable", "reachable"};
    int32_t index = type - MOTET_TYPE_MEMBER_JOINED;
    return index >= 0 && index < (int32_t)(sizeof names / sizeof *names) ? names[index] : NULL;
}

static int32_t receive(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    (void)state;
    const char *event = membership_event(motet_message_type(message));
    if (event == NULL) {
        return MOTET_E_UNHANDLED;
    }
    payload_t payload;
    char *address = payload_read(&payload, message) ? payload_text(&payload, "address") : NULL;
    payload_free(&payload);
    if (address == NULL) {
        return MOTET_E_UNHANDLED;
    }
    printf("cluster %s %s\n", event, address);
    fflush(stdout);
    free(address);
    return MOTET_OK;
}

void membership_print(motet_system_t *system) {
    motet_props_t *props = motet_props_new(receive, NULL);
    motet_ref_t *self = NULL;
    program_check(motet_system_spawn(system, props, "membership", &self));
    motet_props_free(props);
    program_check(motet_system_subscribe(system, self, "cluster"));
    motet_ref_free(self);
}
