#include "core/actor/props.h"

#include "core/actor/foreign.h"

namespace motet {

Props::Props() = default;
Props::~Props() = default;

}  // namespace motet
