/* The pool of backends and the jobs they work on: who has which job, what is still to be sent, what came back.
 * It decides nothing about messages; the frontend sends what the pool hands out.
 */
#ifndef EXAMPLES_POOL_H
#define EXAMPLES_POOL_H

#include <motet/motet.h>

#include <stdbool.h>
#include <stddef.h>

#define POOL_MAX_BACKENDS 64
#define POOL_NOBODY (-1)

typedef struct job {
    char *text;
    motet_span_t *span; /* from the first sending to the result */
    int32_t backend;    /* index of who has it, or POOL_NOBODY */
    int32_t lost_by;    /* index of who had it and stopped, until that was told by pool_resent(); or POOL_NOBODY */
    bool done;
} job_t;

typedef struct backend {
    motet_ref_t *ref;
    char *language;
    char *address; /* of its node */
    int64_t unfinished;
    int64_t lost; /* of those it lost when it stopped, how many nobody else has yet */
    bool terminated;
    bool removed; /* its node is no member any more */
    bool refused; /* it could take nothing just now */
} backend_t;

typedef struct pool {
    job_t *jobs;
    int64_t job_count;
    int64_t next;     /* the first job that was never handed out */
    int64_t allowed;  /* how many jobs may be handed out by now, those not done yet included */
    int64_t *waiting; /* jobs to hand out again */
    int64_t *scratch; /* room for the numbers of all jobs */
    int64_t waiting_count;
    int64_t done;
    int64_t duplicates;
    int64_t window; /* the most unfinished jobs of one backend */
    backend_t backends[POOL_MAX_BACKENDS];
    int32_t backend_count;
    int32_t turn; /* the backend that is next to get a job */
} pool_t;

/* Makes the jobs of the lines of a file; false when it cannot be read. */
bool pool_load(pool_t *pool, const char *path);
void pool_free(pool_t *pool);

/* Adds a backend, at whose place in the pool it then stands; POOL_NOBODY when it is there already or there is no room.
 */
int32_t pool_add(pool_t *pool, const motet_ref_t *ref, char *language);

/* The backend with this ref; POOL_NOBODY when there is none. */
int32_t pool_find(const pool_t *pool, const motet_ref_t *ref);

/* Hands a job to a backend that has room; returns the job's number, or -1 when there is none left to hand out or the
 * backend can take none. */
int64_t pool_hand_out(pool_t *pool, int32_t backend);

/* Takes a job back that could not be sent. */
void pool_take_back(pool_t *pool, int64_t job);

/* Takes back all unfinished jobs of a backend that stopped; returns how many. */
int64_t pool_lose(pool_t *pool, int32_t backend);

/* Writes the numbers of the jobs that this backend lost and that others have by now; tells each once. Returns how many.
 */
int64_t pool_resent(pool_t *pool, int32_t backend, int64_t *jobs);

/* Notes a result; false when the job was done before. */
bool pool_finish(pool_t *pool, int64_t job);

#endif
