/* One node of the tests in network namespaces. It does what lines on its standard input say and answers each with a
 * line.
 *
 *   node <host> <port> [<key> <value>]...
 *
 *   send <path> <count> <pause in microseconds> [<bytes>]   tells so many numbered messages, in a thread of its own
 *   watch <path>   the actor that is there now
 *   stats      a JSON object: what was sent, received, lost, and what is known of the other node
 *   slow <microseconds>   how long the receiver takes for each message from now on
 *   quit
 */
#define _DEFAULT_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <motet/motet.h>
#include <motet/remoting.h>

static motet_system_t *system_;
static motet_type_t number_;
static atomic_long accepted, refused, received, disorder, terminated, quarantined, pause_us, sending;
static long last = -1;

static void must(motet_error_t *error) {
    if (error != NULL) {
        fprintf(stderr, "%s\n", motet_error_message(error));
        exit(1);
    }
}

/* Messages are numbered from 0 by each life of the sender, so a smaller number than the last is a new life's 0. */
static int32_t receive(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    (void)state;
    if (motet_message_type(message) != number_) {
        return MOTET_OK;
    }
    long number;
    memcpy(&number, motet_message_data(message), sizeof number);
    if (number <= last && number != 0) {
        disorder++;
    }
    last = number;
    received++;
    if (pause_us > 0) {
        usleep((useconds_t)pause_us);
    }
    return MOTET_OK;
}

static int32_t watch(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    (void)state;
    terminated += motet_message_type(message) == MOTET_TYPE_TERMINATED;
    quarantined += motet_message_type(message) == MOTET_TYPE_THIS_SYSTEM_QUARANTINED;
    return MOTET_OK;
}

struct job {
    motet_ref_t *target;
    long count, pause, size;
};

static void *send_all(void *argument) {
    struct job *job = argument;
    static long next;
    uint8_t *payload = calloc(1, (size_t)job->size);
    for (long i = 0; i < job->count; i++, next++) {
        memcpy(payload, &next, sizeof next);
        int32_t code = motet_ref_tell(job->target, NULL, number_, payload, (size_t)job->size, NULL, 0);
        if (code == MOTET_OK) {
            accepted++;
        } else {
            refused++;
        }
        if (job->pause > 0) {
            usleep((useconds_t)job->pause);
        }
    }
    free(payload);
    motet_ref_free(job->target);
    free(job);
    sending--;
    return NULL;
}

static void print_stats(void) {
    motet_dead_letters_t *letters = NULL;
    motet_peers_t *peers = NULL;
    must(motet_system_dead_letters(system_, &letters));
    must(motet_system_peers(system_, &peers));
    printf("{\"sending\": %ld, \"accepted\": %ld, \"refused\": %ld, \"received\": %ld, \"disorder\": %ld, "
           "\"terminated\": %ld, \"quarantined\": %ld, \"dead\": %" PRIu64
           ", \"state\": \"%s\", \"phi\": %f, \"queued\": %" PRIu64 "}\n",
           (long)sending, (long)accepted, (long)refused, (long)received, (long)disorder, (long)terminated,
           (long)quarantined, motet_dead_letters_total(letters, 0),
           motet_peers_count(peers) > 0 ? motet_peers_state(peers, 0) : "",
           motet_peers_count(peers) > 0 ? motet_peers_phi(peers, 0) : 0.0,
           motet_peers_count(peers) > 0 ? motet_peers_queued(peers, 0) : 0);
    motet_dead_letters_free(letters);
    motet_peers_free(peers);
}

static void start(int argc, char **argv) {
    motet_config_t *config = motet_config_new();
    must(motet_config_set(config, "system.name", "net"));
    must(motet_config_set(config, "cluster.enabled", "off"));
    must(motet_config_set(config, "remote.host", argv[1]));
    must(motet_config_set(config, "remote.port", argv[2]));
    must(motet_config_set(config, "log.level", "error"));
    for (int i = 3; i + 1 < argc; i += 2) {
        must(motet_config_set(config, argv[i], argv[i + 1]));
    }
    must(motet_system_start(config, &system_));
    motet_config_free(config);
    number_ = motet_system_type(system_, "net.Number");
    motet_props_t *sink = motet_props_new(receive, NULL);
    must(motet_system_spawn(system_, sink, "sink", NULL));
    motet_props_free(sink);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    start(argc, argv);
    motet_props_t *watching = motet_props_new(watch, NULL);
    motet_ref_t *watcher = NULL;
    must(motet_system_spawn(system_, watching, "watcher", &watcher));
    motet_props_free(watching);
    must(motet_system_subscribe(system_, watcher, "motet.remote.ThisSystemQuarantined"));
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("ready");
    char line[512], path[256];
    long count, pause, size;
    while (fgets(line, sizeof line, stdin) != NULL && strncmp(line, "quit", 4) != 0) {
        motet_ref_t *ref = NULL;
        size = sizeof(long);
        if (sscanf(line, "send %255s %ld %ld %ld", path, &count, &pause, &size) >= 3 && size >= (long)sizeof(long)) {
            struct job *job = malloc(sizeof *job);
            must(motet_system_ref(system_, path, &ref));
            *job = (struct job){ref, count, pause, size};
            pthread_t thread;
            sending++;
            pthread_create(&thread, NULL, send_all, job);
            pthread_detach(thread);
            puts("sending");
        } else if (sscanf(line, "watch %255s", path) == 1) {
            must(motet_system_resolve(system_, path, 10000, &ref)); /* this very actor, not its successors */
            motet_ref_watch(watcher, ref);
            motet_ref_free(ref);
            puts("watching");
        } else if (sscanf(line, "slow %ld", &pause) == 1) {
            pause_us = pause;
            puts("slow");
        } else if (strncmp(line, "stats", 5) == 0) {
            print_stats();
        } else {
            puts("what?");
        }
    }
    motet_ref_free(watcher);
    must(motet_system_close(system_, 5000));
    motet_system_free(system_);
    return 0;
}
