#include <motet/remoting.h>

#include "capi/src/objects.h"
#include "core/remote/remoting.h"

using motet::Association;
using motet::Code;
using motet::Node;
using motet::Ptr;
using motet::Result;
using motet::Status;
using namespace motet::capi;

// The texts are made once, so that what is lent is valid as long as the copy.
struct motet_peers {
    struct Entry {
        std::string address;
        motet::PeerReport report;
    };
    std::vector<Entry> entries;
};

namespace {

const motet_peers::Entry *entry(const motet_peers_t *peers, int64_t index) {
    return index >= 0 && index < motet_peers_count(peers) ? &peers->entries[static_cast<size_t>(index)] : nullptr;
}

}  // namespace

motet_error_t *motet_system_peers(motet_system_t *system, motet_peers_t **out) {
    return guard([&]() -> Status {
        if (out == nullptr) {
            return null_argument("out");
        }
        *out = nullptr;
        Result<Ptr<Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        Result<std::vector<motet::PeerReport>> reports = node.value()->peers();
        if (!reports.ok()) {
            return std::move(reports.status());
        }
        auto peers = std::make_unique<motet_peers_t>();
        for (motet::PeerReport &report : reports.value()) {
            std::string address = report.address.text();
            peers->entries.push_back({std::move(address), std::move(report)});
        }
        *out = peers.release();
        return {};
    });
}

int64_t motet_peers_count(const motet_peers_t *peers) {
    return peers == nullptr ? 0 : static_cast<int64_t>(peers->entries.size());
}

const char *motet_peers_address(const motet_peers_t *peers, int64_t index) {
    const auto *peer = entry(peers, index);
    return peer == nullptr ? nullptr : peer->address.c_str();
}

const char *motet_peers_state(const motet_peers_t *peers, int64_t index) {
    const auto *peer = entry(peers, index);
    return peer == nullptr ? nullptr : Association::name(peer->report.state);
}

uint64_t motet_peers_uid(const motet_peers_t *peers, int64_t index) {
    const auto *peer = entry(peers, index);
    return peer == nullptr ? 0 : peer->report.uid;
}

double motet_peers_phi(const motet_peers_t *peers, int64_t index) {
    const auto *peer = entry(peers, index);
    return peer == nullptr ? 0 : peer->report.phi;
}

uint64_t motet_peers_queued(const motet_peers_t *peers, int64_t index) {
    const auto *peer = entry(peers, index);
    return peer == nullptr ? 0 : peer->report.queued;
}

void motet_peers_free(motet_peers_t *peers) { delete peers; }
