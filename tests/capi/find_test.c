/* Finding actors: by path, on this node or another; by their parent. */
#include "world.h"

static int32_t ignore(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    (void)message;
    (void)state;
    return MOTET_OK;
}

static motet_ref_t *spawn_child(const motet_ref_t *parent, const char *name) {
    motet_props_t *props = motet_props_new(ignore, NULL);
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_ref_spawn(parent, props, name, &ref));
    motet_props_free(props);
    return ref;
}

static void a_path_is_resolved(const world_t *world) {
    motet_ref_t *a = spawn(world->system, "a", ignore, NULL);
    motet_ref_t *b = spawn_child(a, "b");
    char full[256];
    CHECK(motet_ref_path(b, full, sizeof full) < (int64_t)sizeof full);
    const char *const paths[] = {"/user/a/b", full, "/user/?/b", "/user/a/b/../b"};
    for (int i = 0; i < 4; ++i) {
        motet_ref_t *found = NULL;
        CHECK_OK(motet_system_resolve(world->system, paths[i], PATIENCE_MS, &found));
        CHECK(motet_ref_equal(found, b));
        char path[256];
        motet_ref_path(found, path, sizeof path);
        CHECK_TEXT(full, path); /* that of the incarnation */
        motet_ref_free(found);
    }
    CHECK_OK(motet_dead_letter_watch_expect_none(world->letters, 5));
    motet_ref_t *found = NULL;
    const char *const nobodies[] = {"/user/a/c", "/user/x*/b", "/user/a/b#1"};
    for (int i = 0; i < 3; ++i) {
        CHECK_ERROR(MOTET_E_NOT_FOUND, nobodies[i],
                    motet_system_resolve(world->system, nobodies[i], PATIENCE_MS, &found));
        CHECK(found == NULL);
    }
    motet_ref_stop(b);
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_graceful_stop(b, MOTET_TYPE_POISON_PILL, NULL, 0, PATIENCE_MS, &future));
    CHECK_OK(motet_future_wait(future));
    motet_future_free(future);
    CHECK_ERROR(MOTET_E_NOT_FOUND, full, motet_system_resolve(world->system, full, PATIENCE_MS, &found));
    motet_ref_free(a);
    motet_ref_free(b);
}

/* From inside a handler: the future of an ask of MOTET_TYPE_IDENTIFY. */
static int32_t report(motet_context_t *context, int32_t code, const char *message, const motet_message_t *reply,
                      void *state) {
    (void)state;
    (void)message;
    CHECK_CODE(MOTET_OK, code);
    CHECK_CODE(MOTET_TYPE_ACTOR_IDENTITY, motet_message_type(reply));
    CHECK(is(reply, "which")); /* the payload of the question */
    char path[256] = "nobody";
    if (motet_message_sender(reply) != NULL) {
        motet_ref_path(motet_message_sender(reply), path, sizeof path);
    }
    return motet_context_reply(context, motet_message_type(motet_context_message(context)), (const uint8_t *)path,
                               strlen(path));
}

static int32_t find(motet_context_t *context, const motet_message_t *message, void *state) {
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    char path[256] = "";
    memcpy(path, motet_message_data(message), motet_message_size(message));
    motet_ref_t *named = NULL;
    CHECK_OK(motet_system_ref(motet_context_system(context), path, &named));
    motet_future_t *future = ask_for(named, MOTET_TYPE_IDENTIFY, "which");
    motet_ref_free(named);
    return motet_context_then(context, future, report, state, NULL);
}

static void a_handler_finds_an_actor(const world_t *world) {
    motet_ref_t *finder = spawn(world->system, "finder", find, NULL);
    char full[256];
    motet_ref_path(finder, full, sizeof full);
    char *found = ask(finder, world->word, "/user/f*");
    CHECK_TEXT(full, found);
    free(found);
    found = ask(finder, world->word, "/user/lost");
    CHECK_TEXT("nobody", found);
    free(found);
    motet_ref_free(finder);
}

static void children_are_found(const world_t *world) {
    motet_ref_t *parent = spawn(world->system, "parent", ignore, NULL);
    motet_ref_t *refs[20] = {NULL};
    motet_ref_t *found = NULL;
    CHECK_CODE(0, motet_ref_children(parent, refs, 20));
    CHECK_ERROR(MOTET_E_NOT_FOUND, "/user/parent has no child \"x\"", motet_ref_child(parent, "x", &found));
    motet_ref_t *children[10];
    for (int i = 0; i < 10; ++i) {
        const char name[] = {(char)('a' + i), '\0'};
        children[i] = spawn_child(parent, i < 9 ? name : NULL);
    }
    CHECK_CODE(10, motet_ref_children(parent, NULL, 0));
    CHECK_CODE(10, motet_ref_children(parent, refs, 3));
    CHECK(refs[2] != NULL && refs[3] == NULL);
    for (int i = 0; i < 3; ++i) {
        motet_ref_free(refs[i]);
    }
    CHECK_CODE(10, motet_ref_children(parent, refs, 20));
    for (int i = 0; i < 10; ++i) {
        int count = 0;
        for (int j = 0; j < 10; ++j) {
            count += motet_ref_equal(children[i], refs[j]);
        }
        CHECK_CODE(1, count);
    }
    for (int i = 0; i < 10; ++i) {
        motet_ref_free(refs[i]);
    }
    CHECK_OK(motet_ref_child(parent, "c", &found));
    CHECK(motet_ref_equal(found, children[2]));
    motet_ref_free(found);
    CHECK_OK(motet_ref_child(parent, "$a", &found)); /* the generated name */
    CHECK(motet_ref_equal(found, children[9]));
    motet_ref_free(found);
    /* One that has stopped is none any more. */
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_graceful_stop(children[2], MOTET_TYPE_POISON_PILL, NULL, 0, PATIENCE_MS, &future));
    CHECK_OK(motet_future_wait(future));
    motet_future_free(future);
    CHECK_ERROR(MOTET_E_NOT_FOUND, "\"c\"", motet_ref_child(parent, "c", &found));
    CHECK_CODE(9, motet_ref_children(parent, NULL, 0));
    CHECK_OK(motet_ref_graceful_stop(parent, MOTET_TYPE_POISON_PILL, NULL, 0, PATIENCE_MS, &future));
    CHECK_OK(motet_future_wait(future));
    motet_future_free(future);
    CHECK_CODE(0, motet_ref_children(parent, refs, 20));
    for (int i = 0; i < 10; ++i) {
        motet_ref_free(children[i]);
    }
    motet_ref_free(parent);
}

static void bad_searches_are_refused(const world_t *world) {
    const motet_ref_t *parent = motet_probe_ref(world->probe);
    motet_ref_t *found = NULL;
    CHECK_ERROR(MOTET_E_INVALID, "system", motet_system_resolve(NULL, "/user/a", 1000, &found));
    CHECK_ERROR(MOTET_E_INVALID, "path", motet_system_resolve(world->system, NULL, 1000, &found));
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_system_resolve(world->system, "/user/a", 1000, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "-1", motet_system_resolve(world->system, "/user/a", -1, &found));
    CHECK_ERROR(MOTET_E_INVALID, "above 0", motet_system_resolve(world->system, "/user/a", 0, &found));
    CHECK_ERROR(MOTET_E_INVALID, "146 years", motet_system_resolve(world->system, "/user/a", INT64_MAX, &found));
    CHECK_ERROR(MOTET_E_BAD_NAME, "user", motet_system_resolve(world->system, "user", 1000, &found));
    CHECK_ERROR(MOTET_E_BAD_ADDRESS, "remote.enabled is off",
                motet_system_resolve(world->system, "motet.tcp://else@10.0.0.9:1/user/a", 1000, &found));
    CHECK_ERROR(MOTET_E_INVALID, "parent", motet_ref_child(NULL, "a", &found));
    CHECK_ERROR(MOTET_E_INVALID, "name", motet_ref_child(parent, NULL, &found));
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_ref_child(parent, "a", NULL));
    CHECK_ERROR(MOTET_E_NOT_FOUND, "no child \"\"", motet_ref_child(parent, "", &found));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_children(NULL, &found, 1));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_children(parent, NULL, 1));
    motet_ref_t *selection = NULL;
    CHECK_OK(motet_system_ref(world->system, "/user/x*", &selection));
    CHECK_ERROR(MOTET_E_INVALID, "no actor of this node", motet_ref_child(selection, "a", &found));
    CHECK_CODE(MOTET_E_INVALID, motet_ref_children(selection, &found, 1));
    motet_ref_free(selection);
    CHECK(found == NULL);
    CHECK_OK(motet_system_close(world->system, PATIENCE_MS));
    CHECK_ERROR(MOTET_E_CLOSED, "", motet_system_resolve(world->system, "/user/a", 1000, &found));
}

/* Another node: who is there, who is not, a node that does not answer; and the end of an actor there. */
static void other_nodes_are_asked(void) {
    motet_testkit_t *kit = motet_testkit_new(1);
    motet_system_t *systems[2];
    motet_config_t *config = motet_config_new();
    CHECK_OK(motet_config_set(config, "cluster.enabled", "off"));
    CHECK_OK(motet_config_set(config, "log.level", "off"));
    for (int i = 0; i < 2; ++i) {
        CHECK_OK(motet_testkit_start(kit, i + 1, config, &systems[i]));
    }
    motet_config_free(config);
    motet_ref_t *there = spawn(systems[1], "there", ignore, NULL);
    char path[256];
    motet_ref_path(there, path, sizeof path);
    *strchr(path, '#') = '\0';
    motet_ref_t *found = NULL;
    CHECK_OK(motet_system_resolve(systems[0], path, 1000, &found));
    CHECK(motet_ref_equal(found, there));
    strcat(path, "/x");
    motet_ref_t *nobody = NULL;
    CHECK_ERROR(MOTET_E_NOT_FOUND, "/user/there/x", motet_system_resolve(systems[0], path, 1000, &nobody));
    motet_future_t *future = NULL;
    for (int i = 0; i < 2; ++i) { /* it stops; it has stopped */
        CHECK_OK(motet_ref_graceful_stop(found, MOTET_TYPE_POISON_PILL, NULL, 0, 5000, &future));
        CHECK_OK(motet_future_wait(future));
        CHECK(motet_ref_equal(motet_message_sender(motet_future_reply(future)), there));
        motet_future_free(future);
    }
    CHECK_CODE(MOTET_OK, motet_testkit_cut(kit, 1, 2));
    CHECK_ERROR(MOTET_E_TIMEOUT, "/user/there/x", motet_system_resolve(systems[0], path, 500, &nobody));
    CHECK(nobody == NULL);
    motet_ref_free(found);
    motet_ref_free(there);
    for (int i = 0; i < 2; ++i) {
        motet_system_free(systems[i]);
    }
    motet_testkit_free(kit);
}

#define IN_BOTH(test)                                                                                                  \
    static void test##_in_both(void) { in_both_worlds(test, NULL); }

IN_BOTH(a_path_is_resolved)
IN_BOTH(a_handler_finds_an_actor)
IN_BOTH(children_are_found)
IN_BOTH(bad_searches_are_refused)

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(a_path_is_resolved_in_both), TEST(a_handler_finds_an_actor_in_both),
        TEST(children_are_found_in_both), TEST(bad_searches_are_refused_in_both),
        TEST(other_nodes_are_asked),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
