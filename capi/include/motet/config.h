/* Configuration: every setting of a system, by key, as text.
 *
 * A configuration starts with the defaults. Values are text in the form the key accepts: numbers ("8"), booleans
 * ("on", "off", "true", "false"), durations with a unit ("500ms", "3s", "5m", "1h"), sizes with a unit ("64KiB"), lists
 * with commas. docs/configuration.md lists every key with default, range and meaning. An unknown key or a bad value is
 * an error that names the key, the value and what would be accepted; the configuration is then unchanged.
 *
 * Thread rule: a configuration is a single-owner value, not to be used from two threads at once.
 */
#ifndef MOTET_CONFIG_H
#define MOTET_CONFIG_H

#include <motet/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_config motet_config_t;

/* Makes a configuration with the defaults. Free with motet_config_free(). NULL only when memory is exhausted. Since
 * 0.1. */
MOTET_API MOTET_OWNED motet_config_t *motet_config_new(void);

/* Sets one value. Errors: UNKNOWN_KEY, BAD_VALUE. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_config_set(motet_config_t *config, const char *key,
                                                                     const char *value);

/* The value of a key as text, its default where it was not set; NULL for an unknown key. Valid until the next call on
 * this configuration. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_config_get(motet_config_t *config, const char *key);

/* The value of a duration, in nanoseconds. Errors: UNKNOWN_KEY, INVALID (its value is no duration). Since 0.1. */
MOTET_API int64_t motet_config_duration(const motet_config_t *config, const char *key);

/* Reads a TOML file over the present values. Errors: IO, TOO_LARGE, MALFORMED (with the line), UNKNOWN_KEY, BAD_VALUE.
 * Since 0.1.
 */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_config_load_file(motet_config_t *config, const char *path);

/* Reads the environment variables MOTET_*: the key "cluster.seed-nodes" is MOTET_CLUSTER__SEED_NODES (dot is two
 * underscores, dash is one). Errors: UNKNOWN_KEY, BAD_VALUE. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_config_load_environment(motet_config_t *config);

/* Frees a configuration. Since 0.1. */
MOTET_API void motet_config_free(MOTET_TAKES MOTET_NULLABLE motet_config_t *config);

#ifdef __cplusplus
}
#endif
#endif
