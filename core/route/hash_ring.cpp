#include "core/route/hash_ring.h"

#include <algorithm>

#include "core/base/random.h"

namespace motet {

HashRing::HashRing(const std::vector<std::string> &names, int places_for_each) {
    places_.reserve(names.size() * static_cast<size_t>(places_for_each));
    for (size_t name = 0; name < names.size(); ++name) {
        for (int place = 0; place < places_for_each; ++place) {
            places_.push_back({hash(names[name] + ' ' + std::to_string(place)), static_cast<uint32_t>(name)});
        }
    }
    // Where two names have the same hash, the order of the list must not decide.
    std::sort(places_.begin(), places_.end(), [&](const Place &left, const Place &right) {
        return left.hash != right.hash ? left.hash < right.hash : names[left.name] < names[right.name];
    });
}

size_t HashRing::owner(uint64_t hash) const {
    auto place = std::lower_bound(places_.begin(), places_.end(), hash,
                                  [](const Place &candidate, uint64_t wanted) { return candidate.hash < wanted; });
    return place == places_.end() ? places_.front().name : place->name;
}

uint64_t HashRing::hash(std::string_view bytes) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (char byte : bytes) {
        hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3u;
    }
    return Random::mix(hash);
}

}  // namespace motet
