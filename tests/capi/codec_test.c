/* Payloads by codec: the name in a type's name, and JSON made and read. */
#include "check.h"

static void codec_in_a_name(void) {
    CHECK_TEXT("msgpack", motet_type_codec("demo.Job"));
    CHECK_TEXT("json", motet_type_codec("demo.Job+json"));
    CHECK(motet_type_codec(NULL) == NULL);
    CHECK(motet_utf8_valid((const uint8_t *)"\xc3\xa9", 2) == 1 && motet_utf8_valid(NULL, 0) == 1);
    CHECK(motet_utf8_valid((const uint8_t *)"\xc3", 1) == 0 && motet_utf8_valid(NULL, 1) == 0);
}

static void json_comes_and_goes(void) {
    const char *json = "{\"id\":7,\"who\":{\"$ref\":\"motet://S/user/a\"}}";
    motet_bytes_t *value = NULL;
    CHECK_OK(motet_json_to_msgpack((const uint8_t *)json, strlen(json), &value));
    CHECK(motet_bytes_size(value) > 20 && motet_bytes_data(value)[0] == 0x82);
    motet_bytes_t *again = NULL;
    CHECK_OK(motet_json_from_msgpack(motet_bytes_data(value), motet_bytes_size(value), &again));
    CHECK_TEXT(json, (const char *)motet_bytes_data(again));
    CHECK(motet_bytes_size(again) == strlen(json));
    motet_bytes_free(value);
    motet_bytes_free(again);
}

static void refusals(void) {
    motet_bytes_t *bytes = (motet_bytes_t *)1;
    CHECK_ERROR(MOTET_E_MALFORMED, "column 4", motet_json_to_msgpack((const uint8_t *)"[1,", 3, &bytes));
    CHECK(bytes == NULL);
    CHECK_ERROR(MOTET_E_MALFORMED, "binaries", motet_json_from_msgpack((const uint8_t *)"\xc4\x01x", 3, &bytes));
    CHECK_ERROR(MOTET_E_INVALID, "data", motet_json_from_msgpack(NULL, 1, &bytes));
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_json_from_msgpack(NULL, 0, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "data", motet_json_to_msgpack(NULL, 1, &bytes));
    CHECK(motet_bytes_data(NULL) == NULL && motet_bytes_size(NULL) == 0);
    motet_bytes_free(NULL);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(codec_in_a_name),
        TEST(json_comes_and_goes),
        TEST(refusals),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
