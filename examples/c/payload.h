/* Payloads: MessagePack maps, read and written with msgpack-c. */
#ifndef EXAMPLES_PAYLOAD_H
#define EXAMPLES_PAYLOAD_H

#include <motet/motet.h>

#include <msgpack.h>
#include <stdbool.h>

/* A payload that was read. Free with payload_free(), also after a failure. */
typedef struct payload {
    msgpack_unpacked unpacked;
} payload_t;

/* Reads the payload of a message; false when it is not one MessagePack map. */
bool payload_read(payload_t *payload, const motet_message_t *message);
void payload_free(payload_t *payload);

/* The value of a field; NULL when there is none or it is of another type. */
const msgpack_object *payload_field(const payload_t *payload, const char *name, msgpack_object_type type);

/* Copies a text field; NULL when there is none. The caller frees it. */
char *payload_text(const payload_t *payload, const char *name);

/* Writers, for use with a msgpack_packer. */
void pack_text(msgpack_packer *packer, const char *text);
void pack_ref(msgpack_packer *packer, const motet_ref_t *ref);

#endif
