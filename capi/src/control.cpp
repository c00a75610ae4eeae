#include <motet/control.h>

#include "capi/src/objects.h"
#include "core/manage/control_socket.h"

using motet::Code;
using motet::ControlReply;
using motet::Result;
using motet::Status;
using namespace motet::capi;

struct motet_control_reply {
    ControlReply reply;
};

motet_error_t *motet_control_call(const char *socket, const char *command, int64_t timeout_ms,
                                  motet_control_reply_t **out) {
    return guard([&]() -> Status {
        if (socket == nullptr || command == nullptr || out == nullptr) {
            return null_argument(socket == nullptr ? "socket" : command == nullptr ? "command" : "out");
        }
        *out = nullptr;
        Result<ControlReply> reply =
            motet::control_call(socket, command, std::max<motet::Nanos>(from_milliseconds(timeout_ms), 0));
        if (!reply.ok()) {
            return std::move(reply.status());
        }
        *out = new motet_control_reply{std::move(reply.value())};
        return {};
    });
}

int32_t motet_control_reply_code(const motet_control_reply_t *reply) {
    return reply == nullptr ? MOTET_E_INVALID : to_number(reply->reply.code);
}

const char *motet_control_reply_text(const motet_control_reply_t *reply) {
    return reply == nullptr ? "" : reply->reply.text.c_str();
}

void motet_control_reply_free(motet_control_reply_t *reply) { delete reply; }
