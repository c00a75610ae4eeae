#include "core/actor/props.h"

#include <algorithm>
#include <cmath>

#include "core/actor/foreign.h"

namespace motet {

Nanos Backoff::delay(int failures, double chance) const {
    double grown = static_cast<double>(least) * std::exp2(std::min(failures, 62));
    double bounded = std::min(grown, static_cast<double>(std::max(least, most)));
    return static_cast<Nanos>(bounded * (1 + random * chance));
}

Props::Props() = default;
Props::~Props() = default;

Ptr<Props> Props::copy() const {
    auto result = make_counted<Props>();
    result->make_behavior = make_behavior;
    result->make_attendant = make_attendant;
    result->make_routing = make_routing;
    result->spawner = spawner;
    result->dispatcher = dispatcher;
    result->mailbox = mailbox;
    result->mailbox_capacity = mailbox_capacity;
    result->supervision = supervision;
    result->stash_capacity = stash_capacity;
    result->type = type;
    result->arguments = arguments;
    result->node = node;
    result->foreign = foreign;
    result->foreign_number = foreign_number;
    result->foreign_props = foreign_props;
    return result;
}

}  // namespace motet
