#include "world.h"

static void run_in(motet_testkit_t *kit, void (*test)(const world_t *world), const char *const *settings) {
    world_t world = {.kit = kit};
    motet_config_t *config = motet_config_new();
    CHECK_OK(motet_config_set(config, "remote.enabled", "off"));
    CHECK_OK(motet_config_set(config, "log.level", "off"));
    for (const char *const *next = settings; next != NULL && *next != NULL; next += 2) {
        CHECK_OK(motet_config_set(config, next[0], next[1]));
    }
    CHECK_OK(kit != NULL ? motet_testkit_start(kit, 1, config, &world.system)
                         : motet_system_start(config, &world.system));
    motet_config_free(config);
    world.word = motet_system_type(world.system, "test.Word");
    world.other = motet_system_type(world.system, "test.Other");
    CHECK_OK(motet_probe_new(world.system, "probe", &world.probe));
    CHECK_OK(motet_dead_letter_watch_new(world.system, &world.letters));
    test(&world);
    motet_dead_letter_watch_free(world.letters);
    motet_probe_free(world.probe);
    end_system(world.system);
    motet_testkit_free(kit);
}

void in_kit(void (*test)(const world_t *world), const char *const *settings) {
    run_in(motet_testkit_new(1), test, settings);
}

void in_both_worlds(void (*test)(const world_t *world), const char *const *settings) {
    in_kit(test, settings);
    run_in(NULL, test, settings);
}

motet_future_t *ask_for(const motet_ref_t *target, motet_type_t type, const char *text) {
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(target, type, (const uint8_t *)text, text != NULL ? strlen(text) : 0, PATIENCE_MS, NULL, 0,
                           &future));
    return future;
}

void expect(const world_t *world, motet_type_t type, const char *text) {
    CHECK_OK(motet_probe_expect_data(world->probe, type, (const uint8_t *)text, strlen(text), PATIENCE_MS));
}

void answer(const world_t *world, motet_type_t type, const char *text) {
    CHECK_CODE(MOTET_OK, motet_probe_reply(world->probe, type, (const uint8_t *)text, strlen(text)));
}

bool is(const motet_message_t *message, const char *text) {
    return motet_message_size(message) == strlen(text) && memcmp(motet_message_data(message), text, strlen(text)) == 0;
}
