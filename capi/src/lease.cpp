#include <motet/lease.h>

#include "capi/src/objects.h"
#include "core/cluster/cluster.h"

using motet::Cluster;
using motet::Code;
using motet::Lease;
using motet::Ptr;
using motet::Result;
using motet::Status;
using namespace motet::capi;

struct motet_lease_request {
    Lease::Request request;
    Lease::Done done;
};

static_assert(MOTET_LEASE_ACQUIRE == static_cast<int>(Lease::Operation::acquire) + 1 &&
              MOTET_LEASE_CHECK == static_cast<int>(Lease::Operation::check) + 1 &&
              MOTET_LEASE_RELEASE == static_cast<int>(Lease::Operation::release) + 1);

namespace {

// A lease in C. What the caller has given with it is released with the last hold.
class CLease final : public Lease {
  public:
    CLease(motet_lease_fn function, void *argument, motet_release_fn on_release)
        : function_(function), argument_(argument), on_release_(on_release) {}
    ~CLease() override {
        if (on_release_ != nullptr) {
            on_release_(argument_);
        }
    }

    void request(const Request &request, Done done) override {
        function_(new motet_lease_request{request, std::move(done)}, argument_);
    }

  private:
    const motet_lease_fn function_;
    void *const argument_;
    const motet_release_fn on_release_;
};

}  // namespace

motet_error_t *motet_lease_set(motet_system_t *system, motet_lease_fn lease, void *argument, motet_release_fn release) {
    return guard([&]() -> Status {
        auto c_lease = Ptr<Lease>::adopt(new CLease(lease, argument, release));
        if (lease == nullptr) {
            return null_argument("lease");
        }
        Result<Ptr<Cluster>> cluster = find_cluster(system);
        if (!cluster.ok()) {
            return std::move(cluster.status());
        }
        cluster.value()->set_lease(std::move(c_lease));
        return {};
    });
}

int32_t motet_lease_request_operation(const motet_lease_request_t *request) {
    return request == nullptr ? MOTET_E_INVALID : static_cast<int32_t>(request->request.operation) + 1;
}

const char *motet_lease_request_name(const motet_lease_request_t *request) {
    return request == nullptr ? "" : request->request.name.c_str();
}

const char *motet_lease_request_owner(const motet_lease_request_t *request) {
    return request == nullptr ? "" : request->request.owner.c_str();
}

void motet_lease_request_complete(motet_lease_request_t *request, int32_t code, const char *message) {
    if (request == nullptr) {
        return;
    }
    motet_error_free(guard([&]() -> Status {
        const std::unique_ptr<motet_lease_request> held(request);
        const auto outcome = static_cast<Code>(code > 0 ? MOTET_E_INVALID : code);
        held->done(outcome == Code::OK ? Status() : Status(outcome, message != nullptr ? message : code_text(outcome)));
        return {};
    }));
}
