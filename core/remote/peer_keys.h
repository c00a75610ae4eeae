// PeerKeys is the list of those who may talk to each other under CURVE, the same on all nodes: whose public key is in
// it is let in, and speaks for the nodes at the places behind the key.
//
//   # comment
//   <public key> <place> [<place>...]
//
// A place is "host:port", "host" (every port of it), or "*" (every node that no other line names). As many keys as one
// likes may stand for a place: whoever connects to it expects the first of them, whoever comes from it may have any.
// Knows: keys, places. Must never know: sockets, files' changes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/address.h"
#include "core/remote/curve_key.h"

namespace motet {

class PeerKeys {
  public:
    // Errors: IO; BAD_VALUE, with the line and what is wrong with it, or when others can write the file.
    static Result<PeerKeys> read(const std::string &path);

    // Errors: BAD_VALUE, with the line.
    static Result<PeerKeys> parse(std::string_view text);

    size_t size() const { return keys_.size(); }
    bool know(const CurveKey &key) const { return keys_.count(key) > 0; }

    // The key that the node at an address is expected to have.
    std::optional<CurveKey> key_of(const Address &address) const;

    // Whether the owner of a key may be the node at an address.
    bool speaks_for(const CurveKey &key, const Address &address) const;

  private:
    const std::vector<CurveKey> *keys_of(const Address &address) const;

    std::set<CurveKey> keys_;
    std::map<std::string, std::vector<CurveKey>> by_place_;
};

}  // namespace motet
