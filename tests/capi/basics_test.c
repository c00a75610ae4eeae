/* Version, codes, errors, configuration. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <unistd.h>

static void versions_of_headers_and_library_agree(void) {
    CHECK_TEXT(MOTET_VERSION_STRING, motet_version_string());
    CHECK(motet_version_abi() == MOTET_ABI_VERSION);
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", MOTET_VERSION_MAJOR, MOTET_VERSION_MINOR, MOTET_VERSION_PATCH);
    CHECK_TEXT(MOTET_VERSION_STRING, text);
}

static void every_code_has_name_and_text(void) {
    CHECK_TEXT("OK", motet_code_name(MOTET_OK));
    CHECK_TEXT("TIMEOUT", motet_code_name(MOTET_E_TIMEOUT));
    for (int32_t code = MOTET_E_UNREACHABLE; code <= MOTET_OK; code++) {
        CHECK(code == MOTET_E_INTERNAL || strcmp(motet_code_name(code), "INTERNAL") != 0);
        CHECK(strlen(motet_code_text(code)) > 0);
    }
    CHECK_TEXT("INTERNAL", motet_code_name(4711));
    CHECK_TEXT("INTERNAL", motet_code_name(-4711));
    CHECK(strlen(motet_code_text(4711)) > 0);
}

static void no_error_is_success(void) {
    CHECK_CODE(MOTET_OK, motet_error_code(NULL));
    CHECK_TEXT("success", motet_error_message(NULL));
    CHECK(motet_error_retriable(NULL) == 0);
    motet_error_free(NULL);
}

static void errors_say_whether_to_try_again(void) {
    motet_config_t *config = motet_config_new();
    motet_error_t *error = motet_config_set(config, "no.such.key", "1");
    CHECK(motet_error_retriable(error) == 0);
    motet_error_free(error);
    motet_config_free(config);
}

static void configuration_is_set_and_read(void) {
    motet_config_t *config = motet_config_new();
    CHECK_TEXT("8.0", motet_config_get(config, "cluster.failure-detector.threshold"));
    CHECK(motet_config_duration(config, "cluster.heartbeat-interval") == 1000000000);
    CHECK_CODE(MOTET_E_INVALID, motet_config_duration(config, "system.name"));
    CHECK_CODE(MOTET_E_INVALID, motet_config_duration(NULL, "cluster.heartbeat-interval"));
    CHECK_CODE(MOTET_E_INVALID, motet_config_duration(config, NULL));
    CHECK_CODE(MOTET_E_UNKNOWN_KEY, motet_config_duration(config, "cluster.heartbeat"));
    CHECK_OK(motet_config_set(config, "cluster.failure-detector.threshold", "9.5"));
    CHECK_TEXT("9.5", motet_config_get(config, "cluster.failure-detector.threshold"));
    motet_config_free(config);
}

static void bad_configuration_is_refused_and_changes_nothing(void) {
    motet_config_t *config = motet_config_new();
    CHECK_ERROR(MOTET_E_UNKNOWN_KEY, "no.such.key", motet_config_set(config, "no.such.key", "1"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "70000", motet_config_set(config, "remote.port", "70000"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "remote.port", motet_config_set(config, "remote.port", "-7"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "65535", motet_config_set(config, "remote.port", "many"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "gossip-interval", motet_config_set(config, "cluster.gossip-interval", "1"));
    CHECK_TEXT("0", motet_config_get(config, "remote.port"));
    CHECK(motet_config_get(config, "no.such.key") == NULL);
    motet_config_free(config);
}

static void configuration_refuses_null(void) {
    motet_config_t *config = motet_config_new();
    CHECK_ERROR(MOTET_E_INVALID, "key", motet_config_set(config, NULL, "1"));
    CHECK_ERROR(MOTET_E_INVALID, "value", motet_config_set(config, "remote.port", NULL));
    CHECK_ERROR(MOTET_E_INVALID, "config", motet_config_set(NULL, "remote.port", "1"));
    CHECK_ERROR(MOTET_E_INVALID, "path", motet_config_load_file(config, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "config", motet_config_load_file(NULL, "motet.toml"));
    CHECK_ERROR(MOTET_E_INVALID, "config", motet_config_load_environment(NULL));
    CHECK(motet_config_get(NULL, "remote.port") == NULL);
    CHECK(motet_config_get(config, NULL) == NULL);
    motet_config_free(config);
    motet_config_free(NULL);
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    fputs(text, file);
    fclose(file);
}

static void configuration_comes_from_a_file(void) {
    char path[] = "/tmp/motet-capi-XXXXXX";
    int descriptor = mkstemp(path);
    CHECK(descriptor >= 0);
    close(descriptor);
    motet_config_t *config = motet_config_new();
    write_file(path, "[system]\nname = \"choir\"\n[cluster]\nroles = [\"alto\", \"tenor\"]\n");
    CHECK_OK(motet_config_load_file(config, path));
    CHECK_TEXT("choir", motet_config_get(config, "system.name"));
    CHECK_TEXT("alto,tenor", motet_config_get(config, "cluster.roles"));
    write_file(path, "[system\nname = 1\n");
    CHECK_ERROR(MOTET_E_MALFORMED, ":1:", motet_config_load_file(config, path));
    write_file(path, "[system]\nnam = \"x\"\n");
    CHECK_ERROR(MOTET_E_UNKNOWN_KEY, "system.nam", motet_config_load_file(config, path));
    unlink(path);
    CHECK_ERROR(MOTET_E_IO, path, motet_config_load_file(config, path));
    CHECK_TEXT("choir", motet_config_get(config, "system.name"));
    motet_config_free(config);
}

static void configuration_comes_from_the_environment(void) {
    motet_config_t *config = motet_config_new();
    setenv("MOTET_CLUSTER__SEED_CONTACT_TIMEOUT", "7s", 1);
    CHECK_OK(motet_config_load_environment(config));
    CHECK_TEXT("7s", motet_config_get(config, "cluster.seed-contact-timeout"));
    unsetenv("MOTET_CLUSTER__SEED_CONTACT_TIMEOUT");
    setenv("MOTET_NO__SUCH_KEY", "1", 1);
    CHECK_ERROR(MOTET_E_UNKNOWN_KEY, "MOTET_NO__SUCH_KEY", motet_config_load_environment(config));
    unsetenv("MOTET_NO__SUCH_KEY");
    motet_config_free(config);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(versions_of_headers_and_library_agree),
        TEST(every_code_has_name_and_text),
        TEST(no_error_is_success),
        TEST(errors_say_whether_to_try_again),
        TEST(configuration_is_set_and_read),
        TEST(bad_configuration_is_refused_and_changes_nothing),
        TEST(configuration_refuses_null),
        TEST(configuration_comes_from_a_file),
        TEST(configuration_comes_from_the_environment),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
