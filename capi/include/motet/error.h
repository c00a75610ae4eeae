/* Errors: what went wrong, as a code, a name and a sentence.
 *
 * A control-plane call (start, spawn, join, resolve, ...) returns an owned motet_error_t, NULL on success. A data-plane
 * call (tell, poll) returns a count or a negative code and allocates nothing; motet_code_text() gives its meaning.
 * There is no per-thread last error.
 *
 * Thread rule: an error is a single-owner value. The functions on codes may be called from any thread.
 */
#ifndef MOTET_ERROR_H
#define MOTET_ERROR_H

#include <motet/codes.h>
#include <motet/export.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_error motet_error_t;

/* The code, one of MOTET_E_*; MOTET_OK for NULL. Since 0.1. */
MOTET_API int32_t motet_error_code(MOTET_NULLABLE const motet_error_t *error);

/* The sentence: names the values involved and what would be accepted. Valid until the error is freed; "success" for
 * NULL. Since 0.1. */
MOTET_API MOTET_BORROWED const char *motet_error_message(MOTET_NULLABLE const motet_error_t *error);

/* 1 when trying the same call again later may help, else 0. Since 0.1. */
MOTET_API int32_t motet_error_retriable(MOTET_NULLABLE const motet_error_t *error);

/* Frees an error. Since 0.1. */
MOTET_API void motet_error_free(MOTET_TAKES MOTET_NULLABLE motet_error_t *error);

/* The name of a code without its prefix, "TIMEOUT"; "INTERNAL" for a number that is no code. Static text. Since 0.1. */
MOTET_API MOTET_BORROWED const char *motet_code_name(int32_t code);

/* The meaning of a code in a few words. Static text. Since 0.1. */
MOTET_API MOTET_BORROWED const char *motet_code_text(int32_t code);

#ifdef __cplusplus
}
#endif
#endif
