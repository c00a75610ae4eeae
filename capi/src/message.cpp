#include <motet/message.h>

#include "capi/src/objects.h"
#include "core/message/type_table.h"

using namespace motet::capi;

static_assert(MOTET_TYPE_PRE_START == motet::types::pre_start && MOTET_TYPE_TERMINATED == motet::types::terminated);
static_assert(MOTET_TYPE_POISON_PILL == motet::types::poison_pill && MOTET_TYPE_FAILURE == motet::types::failure);
static_assert(MOTET_TYPE_DEAD_LETTER == motet::types::dead_letter &&
              MOTET_TYPE_CLUSTER_STATE == motet::types::cluster_state);
static_assert(MOTET_TYPE_MEMBER_UP == motet::types::member_up && MOTET_TYPE_JOIN_REFUSED == motet::types::join_refused);
static_assert(MOTET_TYPE_ASSOCIATED == motet::types::associated &&
              MOTET_TYPE_REMOTING_SHUT_DOWN == motet::types::remoting_shut_down);
static_assert(MOTET_TYPE_FIRST_USER == motet::types::first_user);

motet_type_t motet_message_type(const motet_message_t *message) { return message->envelope->type(); }

const uint8_t *motet_message_data(const motet_message_t *message) {
    motet::Bytes payload = message->envelope->payload();
    return payload.empty() ? nullptr : payload.data();
}

size_t motet_message_size(const motet_message_t *message) { return message->envelope->payload().size(); }

const motet_ref_t *motet_message_sender(const motet_message_t *message) {
    return to_handle(message->envelope->sender());
}

const uint8_t *motet_message_trace(const motet_message_t *message) { return message->trace.bytes(); }
