#include "core/remote/name_lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <thread>

#include "core/base/thread.h"

namespace motet {

namespace {

// The first address, which the resolver has put first by its rules of preference.
Result<std::string> first_of(const std::string &host, int error, const addrinfo *found) {
    char text[INET6_ADDRSTRLEN] = {};
    if (error == 0) {
        error = getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text), nullptr, 0, NI_NUMERICHOST);
    }
    if (error != 0) {
        return Status(Code::BAD_ADDRESS, "host \"" + host + "\" does not resolve: " + gai_strerror(error));
    }
    return std::string(text);
}

}  // namespace

bool is_numeric_host(const std::string &host) {
    in6_addr ignored;
    return inet_pton(AF_INET, host.c_str(), &ignored) == 1 || inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

Result<std::string> look_up_host(const std::string &host) {
    addrinfo hints = {};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    Result<std::string> result = first_of(host, error, found);
    if (found != nullptr) {
        freeaddrinfo(found);
    }
    return result;
}

NameLookup::NameLookup(const std::string &host) : query_(std::make_shared<Query>()) {
    Result<std::thread> thread = start_thread("motet-resolver", [query = query_, host] {
        query->answer = look_up_host(host);
        query->done.store(true, std::memory_order_release);
    });
    if (thread.ok()) {
        thread.value().detach();
    } else {
        query_->answer = std::move(thread.status());
        query_->done = true;
    }
}

std::optional<Result<std::string>> NameLookup::answer() {
    if (!query_->done.load(std::memory_order_acquire)) {
        return std::nullopt;
    }
    return std::move(query_->answer);
}

}  // namespace motet
