// Lease is something that at most one owner holds at a time, kept by a third party that both sides of a split can ask.
// Knows: names and owners. Must never know: what the holder does with it.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "core/base/ref_counted.h"
#include "core/base/status.h"

namespace motet {

class Lease : public RefCounted {
  public:
    enum class Operation { acquire, check, release };
    struct Request {
        Operation operation = Operation::acquire;
        std::string name;
        std::string owner;
    };
    // OK: the owner holds it, or has given it back. REFUSED: it does not, another one does. Others: nobody knows.
    using Done = std::function<void(const Status &outcome)>;

    // Begins a request and returns at once; done is called once, on any thread, also before that.
    virtual void request(const Request &request, Done done) = 0;
};

// A lease for nodes that share one process, which are those of tests.
class InProcessLease final : public Lease {
  public:
    void request(const Request &request, Done done) override;

  private:
    Status take(const Request &request);

    std::mutex mutex_;
    std::map<std::string, std::string> owners_;  // by name; under mutex_
};

}  // namespace motet
