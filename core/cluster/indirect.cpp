#include "core/cluster/indirect.h"

#include <algorithm>
#include <bit>
#include <map>

#include "core/cluster/reachability.h"

namespace motet {

namespace {

constexpr size_t kMostExact = 20;

std::vector<uint64_t> youngest_first(const std::vector<BadLink> &links, const Members &members) {
    std::set<uint64_t> touched;
    for (const BadLink &link : links) {
        touched.insert({link.one, link.other});
    }
    std::vector<uint64_t> order(touched.begin(), touched.end());
    std::sort(order.begin(), order.end(), [&](uint64_t a, uint64_t b) { return older(members.at(b), members.at(a)); });
    return order;
}

// Tries all sets. Bit 0 is the youngest, so that of sets of one size the smallest number spares the oldest.
std::set<uint64_t> exact_cover(const std::vector<BadLink> &links, const std::vector<uint64_t> &order) {
    std::map<uint64_t, uint32_t> bit;
    for (const uint64_t uid : order) {
        bit[uid] = 1u << bit.size();
    }
    std::vector<uint32_t> ends;
    for (const BadLink &link : links) {
        ends.push_back(bit[link.one] | bit[link.other]);
    }
    uint32_t best = (1u << order.size()) - 1;
    for (uint32_t set = 0; set < 1u << order.size(); ++set) {
        if (std::popcount(set) < std::popcount(best) &&
            std::all_of(ends.begin(), ends.end(), [set](uint32_t link) { return (link & set) != 0; })) {
            best = set;
        }
    }
    std::set<uint64_t> cover;
    for (const uint64_t uid : order) {
        if ((best & bit[uid]) != 0) {
            cover.insert(uid);
        }
    }
    return cover;
}

std::set<uint64_t> greedy_cover(std::vector<BadLink> links, const std::vector<uint64_t> &order) {
    std::set<uint64_t> cover;
    while (!links.empty()) {
        std::map<uint64_t, size_t> degree;
        for (const BadLink &link : links) {
            ++degree[link.one];
            ++degree[link.other];
        }
        const uint64_t most = *std::max_element(order.begin(), order.end(),
                                                [&](uint64_t a, uint64_t b) { return degree[a] < degree[b]; });
        cover.insert(most);
        std::erase_if(links, [most](const BadLink &link) { return link.one == most || link.other == most; });
    }
    return cover;
}

}  // namespace

std::set<uint64_t> indirectly_connected(const Members &members, const std::set<uint64_t> &unreachable,
                                        const std::set<uint64_t> &seen) {
    std::set<uint64_t> connected;
    for (const uint64_t uid : unreachable) {
        const auto found = members.find(uid);
        if (found == members.end() || found->second.gone()) {
            continue;
        }
        const std::vector<Accusation> &word = found->second.accusations;
        const bool speaks = std::any_of(word.begin(), word.end(), [&](const Accusation &accusation) {
            return stands(accusation, members) && unreachable.count(accusation.subject) == 0 &&
                   !members.at(accusation.subject).gone();
        });
        if (speaks || seen.count(uid) != 0) {
            connected.insert(uid);
        }
    }
    return connected;
}

std::vector<BadLink> bad_links(const Members &members, const std::set<uint64_t> &apart) {
    const auto counts = [&](uint64_t uid) { return apart.count(uid) == 0 && !members.at(uid).gone(); };
    std::set<std::pair<uint64_t, uint64_t>> pairs;
    for (const auto &[uid, observer] : members) {
        for (const Accusation &accusation : observer.accusations) {
            if (stands(accusation, members) && counts(uid) && counts(accusation.subject)) {
                pairs.insert(std::minmax(uid, accusation.subject));
            }
        }
    }
    std::vector<BadLink> links;
    for (const auto &[one, other] : pairs) {
        links.push_back({one, other});
    }
    return links;
}

std::set<uint64_t> minimum_cover(const std::vector<BadLink> &links, const Members &members) {
    const std::vector<uint64_t> order = youngest_first(links, members);
    return order.size() <= kMostExact ? exact_cover(links, order) : greedy_cover(links, order);
}

}  // namespace motet
