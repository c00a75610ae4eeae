/* Codec: how values become the payloads of messages.
 *
 * To the engine a payload is bytes. The name of a message type says by which codec they were made: what stands behind a
 * '+', as in "demo.Job+json", and MessagePack where there is none. So a type with another codec is another type, and
 * whoever receives a message knows how to read it. In every language the layer over this interface encodes and decodes:
 *
 *   msgpack  a value of MessagePack; extension MOTET_EXTENSION_REF is a ref
 *   json     the same as JSON (RFC 8259)
 *   utf8     a text, in UTF-8
 *   raw      bytes
 *
 * and with codecs that the program registers there by a name of its own. A program in C makes and reads payloads
 * itself, with the functions below where they are JSON.
 *
 * Thread rule: may be called from any thread. What is made is a single-owner value.
 */
#ifndef MOTET_CODEC_H
#define MOTET_CODEC_H

#include <motet/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that were made, and their memory. */
typedef struct motet_bytes motet_bytes_t;

/* The codec in the name of a type: "json" of "demo.Job+json", "msgpack" of "demo.Job". Valid as long as the name. NULL
 * for NULL. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_type_codec(MOTET_NULLABLE const char *type_name);

/* 1 when bytes are well-formed UTF-8, as the codec utf8 wants them, else 0. Since 0.1. */
MOTET_API int32_t motet_utf8_valid(MOTET_NULLABLE const uint8_t *data, size_t size);

/* Makes JSON of one value of MessagePack. A ref becomes {"$ref": path}. What JSON does not have is refused: binaries,
 * extensions but refs, keys that are no texts, infinity and NaN, values nested deeper than 64. Free with
 * motet_bytes_free(). Errors: INVALID, MALFORMED, NO_MEMORY. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_json_from_msgpack(MOTET_NULLABLE const uint8_t *data, size_t size, MOTET_OWNED motet_bytes_t **out);

/* Makes MessagePack of JSON. Whole numbers of 64 bits stay whole, others become floats; {"$ref": path} becomes a ref,
 * and its key is refused elsewhere. Free with motet_bytes_free(). Errors: INVALID, MALFORMED (with the place),
 * NO_MEMORY. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_json_to_msgpack(MOTET_NULLABLE const uint8_t *data,
                                                                          size_t size, MOTET_OWNED motet_bytes_t **out);

/* The bytes; behind them stands a NUL that does not count. Valid until they are freed; NULL for NULL. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const uint8_t *motet_bytes_data(MOTET_NULLABLE const motet_bytes_t *bytes);

/* How many. Since 0.1. */
MOTET_API size_t motet_bytes_size(MOTET_NULLABLE const motet_bytes_t *bytes);

/* Frees them. Since 0.1. */
MOTET_API void motet_bytes_free(MOTET_TAKES MOTET_NULLABLE motet_bytes_t *bytes);

#ifdef __cplusplus
}
#endif
#endif
