/* The frontend actor: hands jobs to backends as they have room, and notes what happens. */
#ifndef EXAMPLES_FRONTEND_H
#define EXAMPLES_FRONTEND_H

#include "pool.h"

#include <stdio.h>

typedef struct frontend {
    motet_type_t register_type, job_type, result_type, retry_type, pace_type;
    pool_t pool;
    int64_t expected;   /* backends to wait for */
    int64_t rate;       /* jobs a second at most; 0: as many as can be */
    bool await_removal; /* end only after a lost backend has been removed */
    bool started, relay_sent, relayed;
    int64_t started_ns;
    motet_span_t *relay; /* of the relay job, while it is under way */
    FILE *output;
    FILE *events;
} frontend_t;

/* Spawns the actor /user/frontend. It asks the program to terminate when all is done. */
motet_ref_t *frontend_spawn(motet_system_t *system, frontend_t *frontend);

#endif
