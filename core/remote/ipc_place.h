// IpcPlace is the place of one local socket: a name in a directory that nobody but its owner may change. While it is
// held no other process listens there; ZeroMQ alone would take the place away from whoever does.
// Knows: files. Must never know: ZeroMQ, addresses.
#pragma once

#include <string>
#include <utility>

#include "core/base/status.h"

namespace motet {

class IpcPlace {
  public:
    // Errors: BAD_VALUE, when the directory is none or unsafe, or the path is too long; ADDRESS_IN_USE.
    static Result<IpcPlace> take(const std::string &directory, const std::string &name);

    // What ZeroMQ calls it.
    static std::string endpoint(const std::string &directory, const std::string &name);

    IpcPlace(IpcPlace &&other) noexcept : lock_(std::exchange(other.lock_, -1)) {}
    IpcPlace &operator=(IpcPlace &&other) noexcept {
        std::swap(lock_, other.lock_);
        return *this;
    }
    ~IpcPlace();

  private:
    explicit IpcPlace(int lock) : lock_(lock) {}

    int lock_;  // the descriptor of the file beside the socket, locked; -1: none
};

}  // namespace motet
