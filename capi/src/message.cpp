#include <motet/message.h>
#include <motet/router.h>

#include "capi/src/objects.h"
#include "core/message/fields.h"
#include "core/message/type_table.h"

using namespace motet::capi;

static_assert(MOTET_TYPE_PRE_START == motet::types::pre_start && MOTET_TYPE_TERMINATED == motet::types::terminated);
static_assert(MOTET_TYPE_POISON_PILL == motet::types::poison_pill && MOTET_TYPE_FAILURE == motet::types::failure);
static_assert(MOTET_TYPE_REMOTING_ERROR == motet::types::remoting_error);
static_assert(MOTET_TYPE_ROOM == motet::types::room);
static_assert(MOTET_TYPE_MAILBOX_HIGH_WATER == motet::types::mailbox_high_water);
static_assert(MOTET_TYPE_DEAD_LETTER == motet::types::dead_letter &&
              MOTET_TYPE_CLUSTER_STATE == motet::types::cluster_state);
static_assert(MOTET_TYPE_RECEIVE_TIMEOUT == motet::types::receive_timeout);
static_assert(MOTET_TYPE_MEMBER_UP == motet::types::member_up &&
              MOTET_TYPE_JOIN_REFUSED == motet::types::join_refused &&
              MOTET_TYPE_CLUSTER_SHUTTING_DOWN == motet::types::cluster_shutting_down);
static_assert(MOTET_TYPE_ASSOCIATED == motet::types::associated &&
              MOTET_TYPE_REMOTING_SHUT_DOWN == motet::types::remoting_shut_down);
static_assert(MOTET_TYPE_GET_ROUTEES == motet::types::get_routees && MOTET_TYPE_ROUTEES == motet::types::routees &&
              MOTET_TYPE_ADD_ROUTEE == motet::types::add_routee &&
              MOTET_TYPE_REMOVE_ROUTEE == motet::types::remove_routee &&
              MOTET_TYPE_ADJUST_POOL_SIZE == motet::types::adjust_pool_size &&
              MOTET_TYPE_BROADCAST == motet::types::broadcast &&
              MOTET_TYPE_CONSISTENT_HASHABLE_ENVELOPE == motet::types::consistent_hashable_envelope);
static_assert(MOTET_EXTENSION_REF == motet::kRefExtension);
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
