// Lease: something that one owner at most holds at a time, kept by a third party that both sides of a split can ask.
// Knows the C interface's lease.
// Must never know what keeps it.
#pragma once

#include <motet/lease.h>
#include <motet/request.hpp>

#include <string>

namespace motet {

// LeaseRequest is one question to what keeps a lease. It is answered once, on any thread; the first answer counts. When
// its last copy is gone unanswered, that is a failure.
class LeaseRequest {
  public:
    explicit LeaseRequest(motet_lease_request_t *raw)
        : name_(motet_lease_request_name(raw)), owner_(motet_lease_request_owner(raw)), request_(raw) {}

    // Which lease (cluster.downing.lease-name), and for whom: the address and uid of a node.
    [[nodiscard]] const std::string &name() const { return name_; }
    [[nodiscard]] const std::string &owner() const { return owner_; }

    // The owner holds the lease; when it is released: has given it back.
    void done() const { request_.answer(Code::ok, {}); }

    // Code::refused: another one holds it; else what kept that from being known. The message is for the log.
    void fail(Code code, const std::string &message) const { request_.answer(code, message); }

  private:
    friend class Cluster;
    using Request = detail::Request<motet_lease_request_t, motet_lease_request_complete>;
    friend Request;

    std::string name_;
    std::string owner_;
    Request request_;
};

// Lease is what keeps leases for a system, see Cluster::set_lease(). Its functions are called on threads of the engine:
// they begin the request and return at once. What one throws is its failure.
class Lease {
  public:
    Lease() = default;
    Lease(const Lease &) = delete;
    Lease &operator=(const Lease &) = delete;
    virtual ~Lease() = default;

    virtual void acquire(LeaseRequest request) = 0;  // to hold it from now on
    virtual void check(LeaseRequest request) = 0;    // whether the owner holds it
    virtual void release(LeaseRequest request) = 0;  // to give it back
};

}  // namespace motet
