/* Keys, and nodes that know each other by them; what is refused at start. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/motet-capi-keys-XXXXXX";

static const char *in_directory(const char *name) {
    static char paths[8][256];
    static int next = 0;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static void list_key(const char *name, const char *place) {
    char key[80] = "";
    char public_file[64];
    snprintf(public_file, sizeof public_file, "%s.pub", name);
    FILE *in = fopen(in_directory(public_file), "r");
    CHECK(in != NULL && fgets(key, sizeof key, in) != NULL);
    fclose(in);
    key[strcspn(key, "\n")] = '\0';
    FILE *out = fopen(in_directory("peers"), "a");
    CHECK(out != NULL && fprintf(out, "%s %s\n", key, place) > 0);
    fclose(out);
}

static motet_system_t *start_with_key(const char *name) {
    return start_system("remote.enabled", "on", "cluster.enabled", "off", "remote.curve.enabled", "on",
                        "remote.curve.key-file", in_directory(name), "remote.curve.peers-file", in_directory("peers"),
                        NULL);
}

static int32_t answer(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)state;
    return motet_message_type(message) < MOTET_TYPE_FIRST_USER
               ? MOTET_OK
               : motet_context_reply(context, motet_message_type(message), motet_message_data(message),
                                     motet_message_size(message));
}

static void keys_are_made_once(void) {
    CHECK_ERROR(MOTET_E_INVALID, "secret_file", motet_keys_create(NULL));
    CHECK_OK(motet_keys_create(in_directory("once")));
    CHECK_ERROR(MOTET_E_NAME_TAKEN, "once", motet_keys_create(in_directory("once")));
    CHECK_ERROR(MOTET_E_IO, "nowhere", motet_keys_create(in_directory("nowhere/key")));
    struct stat file;
    CHECK(stat(in_directory("once"), &file) == 0 && (file.st_mode & 0777) == 0600);
}

static void nodes_with_keys_talk(void) {
    CHECK_OK(motet_keys_create(in_directory("node")));
    list_key("node", "*");
    motet_system_t *here = start_with_key("node");
    motet_system_t *there = start_with_key("node");
    motet_ref_t *local = spawn(there, "answerer", answer, NULL);
    char path[512];
    CHECK(motet_ref_path(local, path, sizeof path) > 0);
    motet_ref_t *remote = NULL;
    CHECK_OK(motet_system_ref(here, path, &remote));
    char *text = ask(remote, motet_system_type(here, "test.Secret"), "over there");
    CHECK_TEXT("over there", text);
    free(text);
    motet_ref_free(remote);
    motet_ref_free(local);
    end_system(here);
    end_system(there);
}

static void refused(int32_t code, const char *text, const char *key, const char *value, const char *more,
                    const char *more_value) {
    motet_config_t *config = motet_config_new();
    motet_system_t *system = NULL;
    CHECK_OK(motet_config_set(config, "log.level", "off"));
    CHECK_OK(motet_config_set(config, key, value));
    CHECK_OK(motet_config_set(config, more, more_value));
    CHECK_ERROR(code, text, motet_system_start(config, &system));
    CHECK(system == NULL);
    motet_config_free(config);
}

static void what_cannot_work_is_refused_at_start(void) {
    refused(MOTET_E_BAD_VALUE, "remote.curve.key-file", "remote.curve.enabled", "on", "cluster.enabled", "off");
    refused(MOTET_E_BAD_VALUE, "remote.port", "remote.bind-port", "2552", "cluster.enabled", "off");
    refused(MOTET_E_BAD_VALUE, "remote.bind-host", "remote.host", "::", "cluster.enabled", "off");
    refused(MOTET_E_BAD_VALUE, "remote.ipc.directory", "remote.transport", "ipc", "cluster.enabled", "off");
    refused(MOTET_E_BAD_VALUE, "/system/cluster", "remote.untrusted-mode", "on", "cluster.seed-nodes",
            "motet.tcp://motet@127.0.0.1:1");
}

int main(int argc, char **argv) {
    if (mkdtemp(directory) == NULL) {
        return 1;
    }
    static const test_t tests[] = {TEST(keys_are_made_once), TEST(nodes_with_keys_talk),
                                   TEST(what_cannot_work_is_refused_at_start)};
    int result = run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
    for (const char *const *name = (const char *const[]){"once", "once.pub", "node", "node.pub", "peers", NULL};
         *name != NULL; name++) {
        unlink(in_directory(*name));
    }
    rmdir(directory);
    return result;
}
