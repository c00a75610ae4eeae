/* Keys: what a node proves who it is with, and what is said between nodes is encrypted with, when
 * remote.curve.enabled is on. docs/security.md says how they are used; the program motet-keygen makes them too.
 *
 * Thread rule: every function may be called from any thread.
 */
#ifndef MOTET_KEYS_H
#define MOTET_KEYS_H

#include <motet/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a pair of keys. Writes the secret one to a new file, which only its owner may read, and the public one to a new
 * file of the same name with ".pub" behind it; each is one line of 64 hexadecimal digits. Nothing is ever overwritten,
 * and on an error nothing is left. Errors: INVALID, NAME_TAKEN (one of the files exists), IO, TRANSPORT (the ZeroMQ
 * library has no CURVE). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_keys_create(const char *secret_file);

#ifdef __cplusplus
}
#endif
#endif
