/* Prints what happens to the members of the cluster: a line "cluster <what> <address>" for each event, where what is
 * joined, weakly-up, up, left, exited, downed, removed, unreachable or reachable.
 */
#ifndef EXAMPLES_MEMBERSHIP_H
#define EXAMPLES_MEMBERSHIP_H

#include <motet/motet.h>

/* What a type of message tells of a member, "removed"; NULL when it is no such event. */
const char *membership_event(motet_type_t type);

/* Spawns an actor that prints. */
void membership_print(motet_system_t *system);

#endif
