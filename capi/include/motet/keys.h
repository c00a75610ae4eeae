/* Keys: what a node proves who it is with, and what is said between nodes is encrypted with, when
 * remote.curve.enabled is on. docs/security.md says how they are used; the program motet-keygen makes them too.
 *
 * Thread rule: every function may be called from any thread.
 */
#ifndef MOTET_KEYS_H
#define MOTET_KEYS_H

#include <motet/system.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a pair of keys. Writes the secret one to a new file, which only its owner may read, and the public one to a new
 * file of the same name with ".pub" behind it; each is one line of 64 hexadecimal digits. Nothing is ever overwritten,
 * and on an error nothing is left. Errors: INVALID, NAME_TAKEN (one of the files exists), IO, TRANSPORT (the ZeroMQ
 * library has no CURVE). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_keys_create(const char *secret_file);

/* Reads the keys of a running system again: remote.curve.key-file and remote.curve.peers-file. It does so by itself
 * within two seconds of a change of one of them; after this call it is done. Who was taken out of the list is heard no
 * longer, though his connections may still be open, and who was added may connect. A list that is not good changes
 * nothing. The key of the system itself stays the one it has started with; when its file is not good, or holds another
 * one, that is an error, but a good list is taken all the same: who is taken out must not be heard. An error names the
 * setting, the file and what is wrong with it, and is told to subscribers of "remoting" as well. Waits for the thread
 * of remoting, also in a handler. Errors: IO (a file cannot be read), BAD_VALUE (others can read or change one, or it
 * is not well formed), BAD_STATE (remote.enabled or remote.curve.enabled is off, or key-file holds another key: only a
 * restart gives a system a new one), TIMEOUT (remoting had too much to do to answer within 10 seconds; the keys are
 * read when it comes to that), INVALID, CLOSED, FORKED, NO_MEMORY. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_system_reload_keys(motet_system_t *system);

#ifdef __cplusplus
}
#endif
#endif
