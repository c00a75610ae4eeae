#include "core/actor/props.h"

#include "core/actor/foreign.h"

namespace motet {

Props::Props() = default;
Props::~Props() = default;

Ptr<Props> Props::copy() const {
    auto result = make_counted<Props>();
    result->make_behavior = make_behavior;
    result->make_routing = make_routing;
    result->dispatcher = dispatcher;
    result->mailbox = mailbox;
    result->mailbox_capacity = mailbox_capacity;
    result->supervision = supervision;
    result->foreign = foreign;
    result->foreign_number = foreign_number;
    return result;
}

}  // namespace motet
