#include "core/remote/name_lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

namespace motet {

namespace {

addrinfo stream_hints() {
    addrinfo hints = {};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    return hints;
}

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
    const addrinfo hints = stream_hints();
    addrinfo *found = nullptr;
    const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    Result<std::string> result = first_of(host, error, found);
    if (found != nullptr) {
        freeaddrinfo(found);
    }
    return result;
}

struct NameLookup::Query {
    std::string host;
    addrinfo hints = stream_hints();
    gaicb request = {};
    int start_error = 0;

    ~Query() {
        if (request.ar_result != nullptr) {
            freeaddrinfo(request.ar_result);
        }
    }
};

NameLookup::NameLookup(const std::string &host) : query_(std::make_unique<Query>()) {
    query_->host = host;
    query_->request.ar_name = query_->host.c_str();
    query_->request.ar_request = &query_->hints;
    gaicb *list[] = {&query_->request};
    query_->start_error = getaddrinfo_a(GAI_NOWAIT, list, 1, nullptr);
}

NameLookup::~NameLookup() {
    if (query_->start_error == 0 && gai_cancel(&query_->request) == EAI_NOTCANCELED) {
        query_.release();  // the resolver still writes to it
    }
}

std::optional<Result<std::string>> NameLookup::answer() const {
    const int error = query_->start_error != 0 ? query_->start_error : gai_error(&query_->request);
    if (error == EAI_INPROGRESS) {
        return std::nullopt;
    }
    return first_of(query_->host, error, query_->request.ar_result);
}

}  // namespace motet
