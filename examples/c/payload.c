#define _POSIX_C_SOURCE 200809L
#include "payload.h"

#include <stdlib.h>
#include <string.h>

bool payload_read(payload_t *payload, const motet_message_t *message) {
    msgpack_unpacked_init(&payload->unpacked);
    const char *data = (const char *)motet_message_data(message);
    size_t size = motet_message_size(message);
    return size > 0 && msgpack_unpack_next(&payload->unpacked, data, size, NULL) == MSGPACK_UNPACK_SUCCESS &&
           payload->unpacked.data.type == MSGPACK_OBJECT_MAP;
}

void payload_free(payload_t *payload) { msgpack_unpacked_destroy(&payload->unpacked); }

const msgpack_object *payload_field(const payload_t *payload, const char *name, msgpack_object_type type) {
    const msgpack_object_map *map = &payload->unpacked.data.via.map;
    for (uint32_t i = 0; i < map->size; i++) {
        const msgpack_object *key = &map->ptr[i].key;
        if (key->type == MSGPACK_OBJECT_STR && key->via.str.size == strlen(name) &&
            memcmp(key->via.str.ptr, name, key->via.str.size) == 0) {
            return map->ptr[i].val.type == type ? &map->ptr[i].val : NULL;
        }
    }
    return NULL;
}

char *payload_text(const payload_t *payload, const char *name) {
    const msgpack_object *value = payload_field(payload, name, MSGPACK_OBJECT_STR);
    return value != NULL ? strndup(value->via.str.ptr, value->via.str.size) : NULL;
}

void pack_text(msgpack_packer *packer, const char *text) {
    size_t size = strlen(text);
    msgpack_pack_str(packer, size);
    msgpack_pack_str_body(packer, text, size);
}

void pack_ref(msgpack_packer *packer, const motet_ref_t *ref) {
    char path[1024];
    int64_t size = motet_ref_path(ref, path, sizeof path);
    msgpack_pack_ext(packer, (size_t)size, MOTET_EXTENSION_REF);
    msgpack_pack_ext_body(packer, path, (size_t)size);
}
