/* A system to test in: one of a test kit, or one with threads. A test that is written for a world runs in both. */
#ifndef TESTS_CAPI_WORLD_H
#define TESTS_CAPI_WORLD_H

#include "check.h"

#include <motet/testkit.h>

typedef struct world {
    motet_testkit_t *kit; /* NULL: with threads */
    motet_system_t *system;
    motet_type_t word, other;
    motet_probe_t *probe; /* an actor to play whoever is asked, or told */
    motet_dead_letter_watch_t *letters;
} world_t;

/* Runs a test in a kit, or in both worlds. The settings are key, value, ..., NULL. */
void in_kit(void (*test)(const world_t *world), const char *const *settings);
void in_both_worlds(void (*test)(const world_t *world), const char *const *settings);

/* Asks without a trace, for PATIENCE_MS. */
motet_future_t *ask_for(const motet_ref_t *target, motet_type_t type, const char *text);

/* The probe's next message has this type and text. */
void expect(const world_t *world, motet_type_t type, const char *text);

/* The probe answers the last message that was taken. */
void answer(const world_t *world, motet_type_t type, const char *text);

/* Whether a message has this text. */
bool is(const motet_message_t *message, const char *text);

#endif
