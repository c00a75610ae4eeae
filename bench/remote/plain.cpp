#include "bench/remote/plain.h"

#include <thread>
#include <zmq.h>

#include "bench/figure.h"

namespace motet::bench {
namespace {

// The first byte of a message says what is to be done with it.
constexpr char kIgnore = 'i';
constexpr char kAnswer = 'a';

void require(bool well) {
    if (!well) {
        std::fprintf(stderr, "bench: libzmq: %s\n", zmq_strerror(zmq_errno()));
        std::exit(1);
    }
}

void answer_for_ever(void *router) {
    char identity[256];
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (true) {
        int identity_size = zmq_recv(router, identity, sizeof identity, 0);
        require(identity_size > 0 && zmq_msg_recv(&message, router, 0) > 0);
        if (*static_cast<char *>(zmq_msg_data(&message)) == kAnswer) {
            require(zmq_send(router, identity, static_cast<size_t>(identity_size), ZMQ_SNDMORE) >= 0);
            require(zmq_send(router, zmq_msg_data(&message), zmq_msg_size(&message), 0) >= 0);
        }
    }
}

}  // namespace

std::string serve_plain() {
    void *context = zmq_ctx_new();
    void *router = zmq_socket(context, ZMQ_ROUTER);
    require(zmq_bind(router, "tcp://127.0.0.1:*") == 0);
    char endpoint[256];
    size_t size = sizeof endpoint;
    require(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
    std::thread(answer_for_ever, router).detach();
    return endpoint;
}

PlainClient::PlainClient(const std::string &endpoint)
    : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_DEALER)) {
    require(zmq_connect(socket_, endpoint.c_str()) == 0);
    round_trips(100, 1);
}

PlainClient::~PlainClient() {
    zmq_close(socket_);
    zmq_ctx_term(context_);
}

double PlainClient::rate(int64_t messages, size_t size) {
    std::string text(size, kIgnore), answer(size, '\0');
    auto start = std::chrono::steady_clock::now();
    for (int64_t sent = 1; sent <= messages; ++sent) {
        text[0] = sent == messages ? kAnswer : kIgnore;
        require(zmq_send(socket_, text.data(), text.size(), 0) >= 0);
    }
    require(zmq_recv(socket_, answer.data(), answer.size(), 0) >= 0);
    return static_cast<double>(messages) / seconds_since(start);
}

std::vector<double> PlainClient::round_trips(int64_t count, size_t size) {
    std::string text(size, kAnswer), answer(size, '\0');
    std::vector<double> times;
    for (int64_t i = 0; i < count; ++i) {
        auto start = std::chrono::steady_clock::now();
        require(zmq_send(socket_, text.data(), text.size(), 0) >= 0);
        require(zmq_recv(socket_, answer.data(), answer.size(), 0) >= 0);
        times.push_back(seconds_since(start));
    }
    return times;
}

}  // namespace motet::bench
