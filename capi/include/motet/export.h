/* Export and ownership marks of the Motet C interface.
 *
 * Every pointer in these headers carries its ownership as a mark. The marks expand to nothing; they are for the
 * reader, for the binding generators and for the script that checks that no pointer lacks one where it matters.
 *
 *   MOTET_OWNED     the caller owns what it gets and frees it with the function named in the comment
 *   MOTET_BORROWED  valid only as long as the object named in the comment; never freed by the caller
 *   MOTET_TAKES     the callee takes over, always, also when the call fails
 *   MOTET_NULLABLE  NULL is allowed (argument) or possible (result)
 *
 * A pointer argument without a mark is read during the call and not kept.
 */
#ifndef MOTET_EXPORT_H
#define MOTET_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#if defined(SWIG)
#define MOTET_API
#elif defined(__GNUC__)
#define MOTET_API __attribute__((visibility("default")))
#else
#define MOTET_API
#endif

#define MOTET_OWNED
#define MOTET_BORROWED
#define MOTET_TAKES
#define MOTET_NULLABLE

#endif
