#include <motet/discovery.h>

#include "capi/src/objects.h"
#include "core/cluster/cluster.h"
#include "core/config/value.h"

using motet::Address;
using motet::Cluster;
using motet::Code;
using motet::Discovery;
using motet::Ptr;
using motet::Result;
using motet::Status;
using namespace motet::capi;

struct motet_discovery_request {
    Discovery::Found found;
};

namespace {

// A discovery in C. What the caller has given with it is released with the last hold.
class CDiscovery final : public Discovery {
  public:
    CDiscovery(motet_discovery_fn function, void *argument, motet_release_fn on_release)
        : function_(function), argument_(argument), on_release_(on_release) {}
    ~CDiscovery() override {
        if (on_release_ != nullptr) {
            on_release_(argument_);
        }
    }

    void look_up(Found found) override { function_(new motet_discovery_request{std::move(found)}, argument_); }

  private:
    const motet_discovery_fn function_;
    void *const argument_;
    const motet_release_fn on_release_;
};

Result<std::vector<Address>> addresses_of(const char *text) {
    std::vector<Address> addresses;
    for (const std::string &item : motet::parse_list(text)) {
        Result<Address> address = Address::parse(item);
        if (!address.ok()) {
            return std::move(address.status());
        }
        addresses.push_back(std::move(address.value()));
    }
    if (addresses.size() > motet::kMaxDiscovered) {
        addresses.resize(motet::kMaxDiscovered);
    }
    return addresses;
}

}  // namespace

motet_error_t *motet_discovery_set(motet_system_t *system, motet_discovery_fn discovery, void *argument,
                                   motet_release_fn release) {
    return guard([&]() -> Status {
        auto c_discovery = Ptr<Discovery>::adopt(new CDiscovery(discovery, argument, release));
        if (discovery == nullptr) {
            return null_argument("discovery");
        }
        Result<Ptr<Cluster>> cluster = find_cluster(system);
        if (!cluster.ok()) {
            return std::move(cluster.status());
        }
        cluster.value()->set_discovery(std::move(c_discovery));
        return {};
    });
}

void motet_discovery_request_complete(motet_discovery_request_t *request, int32_t code, const char *text) {
    if (request == nullptr) {
        return;
    }
    motet_error_free(guard([&]() -> Status {
        const std::unique_ptr<motet_discovery_request> held(request);
        const auto outcome = static_cast<Code>(code > 0 ? MOTET_E_INVALID : code);
        if (outcome == Code::OK) {
            held->found(addresses_of(text == nullptr ? "" : text));
        } else {
            held->found(Status(outcome, text != nullptr ? text : code_text(outcome)));
        }
        return {};
    }));
}
