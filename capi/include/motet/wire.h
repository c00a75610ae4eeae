/* Wire: what nodes send each other, in words. The program motet-wire prints it.
 *
 * Thread rule: may be called from any thread.
 */
#ifndef MOTET_WIRE_H
#define MOTET_WIRE_H

#include <motet/export.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes what a frame says (docs/wire-protocol.md), a line for the frame and one for each record, and a NUL into
 * buffer; cuts it off when capacity is too small. What is not well formed is said to be. Returns the full length, or
 * INVALID, NO_MEMORY. Since 0.1. */
MOTET_API int64_t motet_wire_describe(const uint8_t *data, size_t size, char *buffer, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
