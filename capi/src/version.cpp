#include <motet/version.h>

const char *motet_version_string(void) { return MOTET_VERSION_STRING; }

int32_t motet_version_abi(void) { return MOTET_ABI_VERSION; }
