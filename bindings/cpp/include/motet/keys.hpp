// Keys: what a node proves who it is with, when remote.curve.enabled is on.
// Knows the C interface's keys.
// Must never know how they are used: docs/security.md says that.
#pragma once

#include <motet/error.hpp>
#include <motet/keys.h>

#include <string>

namespace motet {

// Makes a pair of keys: the secret one in a new file that only its owner may read, the public one in a new file beside
// it, with ".pub" behind the name. Nothing is ever overwritten: an Error with Code::name_taken.
inline void create_keys(const std::string &secret_file) { detail::check(motet_keys_create(secret_file.c_str())); }

// Reads the keys of a running system again, remote.curve.key-file and remote.curve.peers-file: who was taken out of the
// list is heard no longer, who was added may connect. An Error names the file that is not good; a good list is
// taken even when the key file is not good. With Code::bad_state the system has no keys, or its own key is another one,
// which takes a restart.
inline void reload_keys(motet_system_t *system) { detail::check(motet_system_reload_keys(system)); }

}  // namespace motet
