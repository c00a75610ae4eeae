/* What operators ask of a node, from a program. */
#include "check.h"

#include <motet/control.h>

#include <unistd.h>

static char *call(const char *socket, const char *command, int32_t code) {
    motet_control_reply_t *reply = NULL;
    CHECK_OK(motet_control_call(socket, command, PATIENCE_MS, &reply));
    CHECK_CODE(code, motet_control_reply_code(reply));
    char *text = strdup(motet_control_reply_text(reply));
    motet_control_reply_free(reply);
    return text;
}

static void a_node_answers_at_its_socket(void) {
    char folder[] = "/tmp/motet-control-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    char socket[100];
    snprintf(socket, sizeof socket, "%s/socket", folder);
    motet_system_t *system = start_system("remote.enabled", "on", "control.socket", socket, NULL);
    char address[512];
    motet_system_address(system, address, sizeof address);
    char *text = call(socket, "leader", MOTET_OK);
    CHECK_TEXT("none\n", text);
    free(text);
    char command[600];
    snprintf(command, sizeof command, "join %s", address);
    free(call(socket, command, MOTET_OK));
    CHECK_OK(motet_cluster_wait_up(system, PATIENCE_MS));
    text = call(socket, "json leader", MOTET_OK);
    CHECK(strstr(text, address) != NULL);
    free(text);
    text = call(socket, "members", MOTET_OK);
    CHECK(strstr(text, address) != NULL && strstr(text, "\tup\treachable\t") != NULL);
    free(text);
    text = call(socket, "dance", MOTET_E_INVALID);
    CHECK(strstr(text, "\"dance\": expected status") != NULL);
    free(text);
    text = call(socket, "json down", MOTET_E_INVALID);
    CHECK(strstr(text, "{\"error\":{\"code\":-1,\"name\":\"INVALID\"") != NULL);
    free(text);
    free(call(socket, "status x", MOTET_E_INVALID));
    motet_control_reply_t *reply = NULL;
    CHECK_ERROR(MOTET_E_BAD_VALUE, "one line", motet_control_call(socket, "two\nlines", PATIENCE_MS, &reply));
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_control_call(socket, "status", PATIENCE_MS, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "command", motet_control_call(socket, NULL, PATIENCE_MS, &reply));
    CHECK_ERROR(MOTET_E_INVALID, "socket", motet_control_call(NULL, "status", PATIENCE_MS, &reply));
    end_system(system);
    CHECK_ERROR(MOTET_E_NOT_FOUND, "no node listens there", motet_control_call(socket, "status", PATIENCE_MS, &reply));
    CHECK(reply == NULL);
    rmdir(folder);
}

static void a_null_reply_is_empty(void) {
    CHECK_CODE(MOTET_E_INVALID, motet_control_reply_code(NULL));
    CHECK_TEXT("", motet_control_reply_text(NULL));
    motet_control_reply_free(NULL);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {TEST(a_node_answers_at_its_socket), TEST(a_null_reply_is_empty)};
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
