#include "core/cluster/lease.h"

namespace motet {

void InProcessLease::request(const Request &request, Done done) { done(take(request)); }

Status InProcessLease::take(const Request &request) {
    const std::lock_guard lock(mutex_);
    const auto held = owners_.find(request.name);
    const bool own = held != owners_.end() && held->second == request.owner;
    if (request.operation == Operation::acquire && held == owners_.end()) {
        owners_[request.name] = request.owner;
        return {};
    }
    if (own) {
        if (request.operation == Operation::release) {
            owners_.erase(held);
        }
        return {};
    }
    return Status(Code::REFUSED, "lease \"" + request.name + "\" is held by " +
                                     (held == owners_.end() ? std::string("nobody") : held->second));
}

}  // namespace motet
