// Frames in words, for people who look at what nodes send each other.
// Knows: the wire grammar. Must never know: connections; a number stays a number.
#pragma once

#include <string>

#include "core/message/wire.h"

namespace motet::wire {

// One line for the frame and one for each record in it, each with its end; what is not well formed is said to be.
std::string describe(Bytes frame);

}  // namespace motet::wire
