// What a motet_config_t is.
// Knows: Config, and the text lent to the caller last. Must never know: systems.
#pragma once

#include <string>

#include <motet/config.h>

#include "core/config/config.h"

struct motet_config {
    motet::Config config;
    std::string lent;
};
