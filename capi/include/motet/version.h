/* Version of the Motet library: of the headers at compile time, of the library at run time.
 *
 * Thread rule: every function here may be called from any thread, at any time, also in a forked child.
 */
#ifndef MOTET_VERSION_H
#define MOTET_VERSION_H

#include <motet/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of these headers. MOTET_ABI_VERSION changes only when a program built against older headers would break. */
#define MOTET_VERSION_MAJOR 0
#define MOTET_VERSION_MINOR 1
#define MOTET_VERSION_PATCH 0
#define MOTET_VERSION_STRING "0.1.0"
#define MOTET_ABI_VERSION 0

/* Version of the library that is loaded, as "major.minor.patch". Static text. Since 0.1. */
MOTET_API MOTET_BORROWED const char *motet_version_string(void);

/* ABI version of the library that is loaded; a binding refuses to work when it differs from MOTET_ABI_VERSION. Since
 * 0.1. */
MOTET_API int32_t motet_version_abi(void);

#ifdef __cplusplus
}
#endif
#endif
