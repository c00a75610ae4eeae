#define _POSIX_C_SOURCE 200809L
#include "pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add_job(pool_t *pool, int64_t *capacity, char *text) {
    if (pool->job_count == *capacity) {
        *capacity = *capacity == 0 ? 1024 : *capacity * 2;
        job_t *grown = realloc(pool->jobs, (size_t)*capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        pool->jobs = grown;
    }
    job_t job = {text, NULL, POOL_NOBODY, POOL_NOBODY, false};
    pool->jobs[pool->job_count++] = job;
    return true;
}

bool pool_load(pool_t *pool, const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    char *line = NULL;
    size_t line_capacity = 0;
    int64_t capacity = 0;
    bool good = true;
    for (ssize_t size; good && (size = getline(&line, &line_capacity, file)) >= 0;) {
        if (size > 0 && line[size - 1] == '\n') {
            line[size - 1] = '\0';
        }
        char *text = strdup(line);
        good = text != NULL && add_job(pool, &capacity, text);
    }
    free(line);
    good = ferror(file) == 0 && good;
    fclose(file);
    pool->waiting = calloc((size_t)pool->job_count + 1, sizeof *pool->waiting);
    pool->scratch = calloc((size_t)pool->job_count + 1, sizeof *pool->scratch);
    return good && pool->waiting != NULL && pool->scratch != NULL;
}

void pool_free(pool_t *pool) {
    for (int64_t i = 0; i < pool->job_count; i++) {
        free(pool->jobs[i].text);
        motet_span_end(pool->jobs[i].span, MOTET_E_CLOSED, "the program ended first");
    }
    for (int32_t i = 0; i < pool->backend_count; i++) {
        motet_ref_free(pool->backends[i].ref);
        free(pool->backends[i].language);
        free(pool->backends[i].address);
    }
    free(pool->jobs);
    free(pool->waiting);
    free(pool->scratch);
}

/* "motet.tcp://System@host:port" of "motet.tcp://System@host:port/user/a#1". */
static char *address_of(const motet_ref_t *ref) {
    char path[1024];
    motet_ref_path(ref, path, sizeof path);
    char *host = strstr(path, "://");
    char *end = host != NULL ? strchr(host + 3, '/') : NULL;
    return strndup(path, end != NULL ? (size_t)(end - path) : strlen(path));
}

int32_t pool_add(pool_t *pool, const motet_ref_t *ref, char *language) {
    if (pool->backend_count == POOL_MAX_BACKENDS || pool_find(pool, ref) != POOL_NOBODY) {
        return POOL_NOBODY;
    }
    backend_t *backend = &pool->backends[pool->backend_count];
    memset(backend, 0, sizeof *backend);
    backend->ref = motet_ref_retain(ref);
    backend->language = language;
    backend->address = address_of(ref);
    return pool->backend_count++;
}

int32_t pool_find(const pool_t *pool, const motet_ref_t *ref) {
    for (int32_t i = 0; i < pool->backend_count; i++) {
        if (motet_ref_equal(pool->backends[i].ref, ref)) {
            return i;
        }
    }
    return POOL_NOBODY;
}

/* A job to be sent again comes first, unless its result was only late. */
static int64_t next_job(pool_t *pool) {
    while (pool->waiting_count > 0) {
        int64_t job = pool->waiting[--pool->waiting_count];
        if (!pool->jobs[job].done) {
            return job;
        }
    }
    return pool->next < pool->allowed ? pool->next++ : -1;
}

int64_t pool_hand_out(pool_t *pool, int32_t index) {
    backend_t *backend = &pool->backends[index];
    if (backend->terminated || backend->refused || backend->unfinished >= pool->window) {
        return -1;
    }
    int64_t job = next_job(pool);
    if (job < 0) {
        return -1;
    }
    pool->jobs[job].backend = index;
    backend->unfinished++;
    return job;
}

void pool_take_back(pool_t *pool, int64_t job) {
    pool->backends[pool->jobs[job].backend].unfinished--;
    pool->jobs[job].backend = POOL_NOBODY;
    pool->waiting[pool->waiting_count++] = job;
}

int64_t pool_lose(pool_t *pool, int32_t index) {
    int64_t lost = 0;
    for (int64_t job = 0; job < pool->next; job++) {
        if (!pool->jobs[job].done && pool->jobs[job].backend == index) {
            pool_take_back(pool, job);
            pool->jobs[job].lost_by = index;
            lost++;
        }
    }
    pool->backends[index].terminated = true;
    pool->backends[index].lost = lost;
    return lost;
}

int64_t pool_resent(pool_t *pool, int32_t index, int64_t *jobs) {
    int64_t count = 0;
    for (int64_t number = 0; number < pool->next; number++) {
        job_t *job = &pool->jobs[number];
        if (job->lost_by == index && job->backend != POOL_NOBODY) {
            jobs[count++] = number;
            job->lost_by = POOL_NOBODY;
            pool->backends[index].lost--;
        }
    }
    return count;
}

bool pool_finish(pool_t *pool, int64_t number) {
    job_t *job = &pool->jobs[number];
    if (job->done) {
        pool->duplicates++;
        return false;
    }
    job->done = true;
    pool->done++;
    if (job->backend != POOL_NOBODY) {
        pool->backends[job->backend].unfinished--;
    }
    if (job->lost_by != POOL_NOBODY) {
        pool->backends[job->lost_by].lost--; /* its result was only late */
        job->lost_by = POOL_NOBODY;
    }
    return true;
}
