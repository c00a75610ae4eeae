// Client talks to etcd: leases, and keys that live as long as one.
//
// It speaks JSON to the gateway that every etcd serves beside gRPC, since a shared library that others load is no place
// for gRPC. Not for several threads at a time, but for stop().
//
// Knows: HTTP, the API of etcd v3. Must never know: what the keys are for.
// Source: https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway
#pragma once

#include <motet/codes.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace motet::etcd {

// Whether something was done, MOTET_OK, or why not.
struct Outcome {
    int32_t code = MOTET_OK;
    std::string message;

    bool ok() const { return code == MOTET_OK; }
};

struct ClientSettings {
    std::vector<std::string> endpoints;       // "http://host:port"; the next is tried when one does not answer
    std::chrono::milliseconds timeout{2000};  // of each attempt
    std::string ca_file;           // of who has signed the certificate of etcd; empty: whom the system trusts
    std::string certificate_file;  // that this node shows; empty: none
    std::string key_file;
};

// The number of a lease, as JSON has it; empty: none.
using LeaseId = std::string;

struct Entry {
    std::string value;
    LeaseId lease;
};

class Client {
  public:
    explicit Client(ClientSettings settings);
    ~Client();
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    Outcome grant(std::chrono::seconds time_to_live, LeaseId &lease);

    // alive: false when it has run out.
    Outcome keep_alive(const LeaseId &lease, bool &alive);

    Outcome revoke(const LeaseId &lease);

    // Puts a key that lives as long as the lease, unless it is there already; then before is what is there.
    Outcome put_new(const std::string &key, const std::string &value, const LeaseId &lease,
                    std::optional<Entry> &before);

    Outcome get(const std::string &key, std::optional<Entry> &entry);

    // Ends the request under way, and all that follow, soon. From any thread.
    void stop() { stopping_ = true; }

  private:
    Outcome call(const char *path, const nlohmann::json &question, nlohmann::json &answer);
    Outcome call(const std::string &endpoint, const char *path, const std::string &question, nlohmann::json &answer);

    struct Handle;
    const ClientSettings settings_;
    const std::unique_ptr<Handle> handle_;
    size_t endpoint_ = 0;  // that answered last
    std::atomic<bool> stopping_{false};
};

}  // namespace motet::etcd
