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
    return start_system("log.level", "off", "remote.enabled", "on", "cluster.enabled", "off", "remote.curve.enabled",
                        "on", "remote.curve.key-file", in_directory(name), "remote.curve.peers-file",
                        in_directory("peers"), NULL);
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

/* Puts a file in the place of another in one step, as an operator should. */
static void replace(const char *name, const char *text) {
    FILE *out = fopen(in_directory("new"), "w");
    CHECK(out != NULL && fputs(text, out) >= 0);
    fclose(out);
    CHECK(rename(in_directory("new"), in_directory(name)) == 0);
}

static void move(const char *from, const char *to) { CHECK(rename(in_directory(from), in_directory(to)) == 0); }

static int count_text(probe_t *probe, const char *text) {
    int found = 0;
    for (int i = 0; i < atomic_load(&probe->count); i++) {
        found += strcmp(probe->records[i].data, text) == 0;
    }
    return found;
}

/* Two nodes, each with its own key: "here" at 127.0.0.1 has the list "peers", "there" at localhost has "all". */
typedef struct nodes {
    char only_here[128];
    char both[256];
    motet_system_t *here, *there;
    probe_t *heard;  /* by "here" */
    probe_t *events; /* of remoting, at "there" */
    motet_ref_t *remote;
    motet_type_t word;
} nodes_t;

static nodes_t start_nodes(bool listed) {
    nodes_t nodes = {0};
    unlink(in_directory("peers"));
    CHECK_OK(motet_keys_create(in_directory("here")));
    CHECK_OK(motet_keys_create(in_directory("there")));
    for (int i = 0; i < 2; i++) {
        list_key(i == 0 ? "here" : "there", i == 0 ? "127.0.0.1" : "localhost");
        FILE *in = fopen(in_directory("peers"), "r");
        CHECK(in != NULL && fread(i == 0 ? nodes.only_here : nodes.both, 1, i == 0 ? 127 : 255, in) > 0);
        fclose(in);
    }
    replace("all", nodes.both);
    replace("peers", listed ? nodes.both : nodes.only_here);
    nodes.here = start_with_key("here");
    nodes.there = start_system("log.level", "off", "remote.enabled", "on", "cluster.enabled", "off", "remote.host",
                               "localhost", "remote.curve.enabled", "on", "remote.curve.key-file",
                               in_directory("there"), "remote.curve.peers-file", in_directory("all"),
                               "remote.handshake-timeout", "2s", "remote.gate-time", "100ms", NULL);
    nodes.heard = probe_new(nodes.here);
    nodes.events = probe_new(nodes.there);
    CHECK_OK(motet_system_subscribe(nodes.there, nodes.events->ref, "remoting"));
    char path[512];
    CHECK(motet_ref_path(nodes.heard->ref, path, sizeof path) > 0);
    CHECK_OK(motet_system_ref(nodes.there, path, &nodes.remote));
    nodes.word = motet_system_type(nodes.there, "test.Word");
    return nodes;
}

static void end_nodes(nodes_t *nodes) {
    motet_ref_free(nodes->remote);
    end_system(nodes->there);
    end_system(nodes->here);
    probe_free(nodes->events);
    probe_free(nodes->heard);
    for (const char *const *name =
             (const char *const[]){"here", "here.pub", "there", "there.pub", "peers", "all", NULL};
         *name != NULL; name++) {
        CHECK(unlink(in_directory(*name)) == 0);
    }
}

static bool hears(const nodes_t *nodes, const char *text) {
    tell(nodes->remote, nodes->word, text);
    return count_text(nodes->heard, text) > 0;
}

static bool is_turned_away(const nodes_t *nodes) {
    tell(nodes->remote, nodes->word, "out");
    return probe_count(nodes->events, MOTET_TYPE_ASSOCIATION_ERROR) > 0;
}

static void who_is_added_to_the_list_is_heard_once_it_is_reloaded(void) {
    nodes_t nodes = start_nodes(false);
    CHECK_SOON(is_turned_away(&nodes));
    CHECK(count_text(nodes.heard, "out") == 0);
    replace("peers", nodes.both);
    CHECK_OK(motet_system_reload_keys(nodes.here));
    CHECK_SOON(hears(&nodes, "in"));
    end_nodes(&nodes);
}

static void who_is_taken_out_is_not_heard_once_it_is_reloaded(void) {
    nodes_t nodes = start_nodes(true);
    CHECK_SOON(hears(&nodes, "in"));
    replace("peers", nodes.only_here);
    CHECK_OK(motet_system_reload_keys(nodes.here));
    CHECK_SOON(is_turned_away(&nodes));
    CHECK_CODE(MOTET_OK, tell(nodes.heard->ref, motet_system_type(nodes.here, "test.Word"), "last"));
    CHECK_SOON(count_text(nodes.heard, "last") == 1);
    CHECK(count_text(nodes.heard, "out") == 0);
    end_nodes(&nodes);
}

static void a_list_that_is_not_good_changes_nothing_and_a_good_one_is_always_taken(void) {
    nodes_t nodes = start_nodes(true);
    CHECK_SOON(hears(&nodes, "before"));
    replace("peers", "nonsense\n");
    CHECK_ERROR(MOTET_E_BAD_VALUE, "peers\", line 1: \"nonsense\" is not a public key",
                motet_system_reload_keys(nodes.here));
    CHECK_SOON(hears(&nodes, "malformed"));
    replace("peers", nodes.both);
    CHECK(chmod(in_directory("here"), 0644) == 0);
    CHECK_ERROR(MOTET_E_BAD_VALUE, "remote.curve.key-file: ", motet_system_reload_keys(nodes.here));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "chmod 600", motet_system_reload_keys(nodes.here));
    CHECK_SOON(hears(&nodes, "readable by others"));
    move("here", "aside");
    CHECK_ERROR(MOTET_E_IO, "No such file", motet_system_reload_keys(nodes.here));
    CHECK_SOON(hears(&nodes, "missing"));
    CHECK_OK(motet_keys_create(in_directory("other")));
    move("other", "here");
    CHECK_ERROR(MOTET_E_BAD_STATE, "restart", motet_system_reload_keys(nodes.here));
    CHECK_SOON(hears(&nodes, "another key"));
    replace("peers", nodes.only_here);
    CHECK_ERROR(MOTET_E_BAD_STATE, "restart", motet_system_reload_keys(nodes.here));
    CHECK_SOON(is_turned_away(&nodes));
    CHECK(unlink(in_directory("other.pub")) == 0);
    replace("peers", nodes.both);
    move("aside", "here");
    CHECK(chmod(in_directory("here"), 0600) == 0);
    CHECK_OK(motet_system_reload_keys(nodes.here));
    CHECK_SOON(hears(&nodes, "after"));
    end_nodes(&nodes);
}

static void without_keys_there_is_nothing_to_reload(void) {
    CHECK_ERROR(MOTET_E_INVALID, "system", motet_system_reload_keys(NULL));
    motet_system_t *alone = start_system(NULL);
    CHECK_ERROR(MOTET_E_BAD_STATE, "remote.enabled", motet_system_reload_keys(alone));
    motet_system_t *plain = start_system("remote.enabled", "on", "cluster.enabled", "off", NULL);
    CHECK_ERROR(MOTET_E_BAD_STATE, "remote.curve.enabled", motet_system_reload_keys(plain));
    CHECK_OK(motet_system_close(plain, PATIENCE_MS));
    CHECK_ERROR(MOTET_E_CLOSED, "closed", motet_system_reload_keys(plain));
    end_system(plain);
    end_system(alone);
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
    static const test_t tests[] = {TEST(keys_are_made_once),
                                   TEST(nodes_with_keys_talk),
                                   TEST(who_is_added_to_the_list_is_heard_once_it_is_reloaded),
                                   TEST(who_is_taken_out_is_not_heard_once_it_is_reloaded),
                                   TEST(a_list_that_is_not_good_changes_nothing_and_a_good_one_is_always_taken),
                                   TEST(without_keys_there_is_nothing_to_reload),
                                   TEST(what_cannot_work_is_refused_at_start)};
    int result = run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
    for (const char *const *name = (const char *const[]){"once", "once.pub", "node", "node.pub", "peers", NULL};
         *name != NULL; name++) {
        unlink(in_directory(*name));
    }
    rmdir(directory);
    return result;
}
