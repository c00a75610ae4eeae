#include "etcd/src/plugin.h"

#include <curl/curl.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>

#include "etcd/src/keeper.h"

namespace motet::etcd {
namespace {

constexpr size_t kMostWaiting = 64;
constexpr std::chrono::seconds kRetry(1);

// A keeper with a thread of its own, on which it answers what the cluster asks for.
class Service {
  public:
    explicit Service(const KeeperSettings &settings) : keeper_(settings), thread_([this] { serve(); }) {}

    ~Service() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        keeper_.stop();
        changed_.notify_one();
        thread_.join();
    }

    bool on_own_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

    void request(motet_lease_request_t *request) {
        if (const int32_t refusal = add(request); refusal != MOTET_OK) {
            motet_lease_request_complete(request, refusal, nullptr);
        }
    }

  private:
    int32_t add(motet_lease_request_t *request) {
        const std::lock_guard lock(mutex_);
        if (stopping_ || waiting_.size() >= kMostWaiting) {
            return stopping_ ? MOTET_E_CLOSED : MOTET_E_QUEUE_FULL;
        }
        waiting_.push_back(request);
        changed_.notify_one();
        return MOTET_OK;
    }

    void serve() {
        Keeper::Clock::time_point renew_at = Keeper::Clock::time_point::max();
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            const auto something = [this] { return stopping_ || !waiting_.empty(); };
            if (renew_at == Keeper::Clock::time_point::max()) {
                changed_.wait(lock, something);
            } else {
                changed_.wait_until(lock, renew_at, something);
            }
            motet_lease_request_t *request = nullptr;
            if (!waiting_.empty() && !stopping_) {
                request = waiting_.front();
                waiting_.pop_front();
            }
            lock.unlock();
            if (request != nullptr) {
                answer(request);
            }
            renew_at = renew();
            lock.lock();
        }
        while (!waiting_.empty()) {
            motet_lease_request_complete(waiting_.front(), MOTET_E_CLOSED, nullptr);
            waiting_.pop_front();
        }
    }

    Keeper::Clock::time_point renew() {
        try {
            return keeper_.renew();
        } catch (const std::exception &) {  // no memory for now
            return Keeper::Clock::now() + kRetry;
        }
    }

    void answer(motet_lease_request_t *request) {
        const std::string name = motet_lease_request_name(request);
        const std::string owner = motet_lease_request_owner(request);
        const int32_t operation = motet_lease_request_operation(request);
        Outcome outcome;
        try {
            outcome = operation == MOTET_LEASE_ACQUIRE ? keeper_.acquire(name, owner)
                      : operation == MOTET_LEASE_CHECK ? keeper_.check(name, owner)
                                                       : keeper_.release(name, owner);
        } catch (const std::exception &exception) {
            outcome = {MOTET_E_IO, std::string("etcd has given an answer that is none: ") + exception.what()};
        }
        motet_lease_request_complete(request, outcome.code, outcome.ok() ? nullptr : outcome.message.c_str());
    }

    Keeper keeper_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<motet_lease_request_t *> waiting_;  // under mutex_
    bool stopping_ = false;                        // under mutex_
    std::thread thread_;
};

void begin(motet_lease_request_t *request, void *service) { static_cast<Service *>(service)->request(request); }

// The last hold may be that of a request which the service itself has just answered.
void end(void *argument) {
    auto *service = static_cast<Service *>(argument);
    if (service->on_own_thread()) {
        std::thread([service] { delete service; }).detach();
    } else {
        delete service;
    }
}

std::vector<std::string> list_of(const std::string &text) {
    std::vector<std::string> items;
    for (size_t at = 0; at < text.size();) {
        const size_t comma = std::min(text.find(',', at), text.size());
        const size_t first = text.find_first_not_of(' ', at);
        items.push_back(first < comma ? text.substr(first, text.find_last_not_of(' ', comma - 1) + 1 - first) : "");
        at = comma + 1;
    }
    return items;
}

// Reads the settings; the sentence says what cannot be.
std::string read_settings(motet_config_t *config, KeeperSettings &settings) {
    using std::chrono::duration_cast;
    const auto text = [&](const char *key) {
        const char *value = motet_config_get(config, key);
        return std::string(value == nullptr ? "" : value);
    };
    const auto time = [&](const char *key) { return std::chrono::nanoseconds(motet_config_duration(config, key)); };
    settings.client.endpoints = list_of(text("cluster.etcd.endpoints"));
    settings.client.timeout = duration_cast<std::chrono::milliseconds>(time("cluster.etcd.request-timeout"));
    settings.client.ca_file = text("cluster.etcd.ca-file");
    settings.client.certificate_file = text("cluster.etcd.certificate-file");
    settings.client.key_file = text("cluster.etcd.key-file");
    settings.prefix = text("cluster.etcd.prefix");
    settings.time_to_live = duration_cast<std::chrono::seconds>(time("cluster.etcd.time-to-live"));
    if (settings.client.endpoints.empty()) {
        return "cluster.etcd.endpoints is empty: it lists where etcd is, such as http://10.0.0.9:2379";
    }
    for (const std::string &endpoint : settings.client.endpoints) {
        if (endpoint.rfind("http://", 0) != 0 && endpoint.rfind("https://", 0) != 0) {
            return "cluster.etcd.endpoints: \"" + endpoint +
                   "\" does not begin with http:// or https://, as http://10.0.0.9:2379 does";
        }
    }
    if (settings.client.certificate_file.empty() != settings.client.key_file.empty()) {
        return "cluster.etcd.certificate-file and cluster.etcd.key-file go together: set both or none";
    }
    for (const char *key : {"cluster.etcd.ca-file", "cluster.etcd.certificate-file", "cluster.etcd.key-file"}) {
        if (const std::string file = text(key); !file.empty() && access(file.c_str(), R_OK) != 0) {
            return std::string(key) + ": the file " + file + " cannot be read";
        }
    }
    if (time("cluster.etcd.time-to-live") <= time("cluster.downing.lease-release-after")) {
        return "cluster.etcd.time-to-live (" + text("cluster.etcd.time-to-live") +
               ") must be longer than cluster.downing.lease-release-after (" +
               text("cluster.downing.lease-release-after") + "): else the lease of a node that ends may be granted " +
               "to the other side while this side still counts on it";
    }
    return "";
}

int32_t keep_leases(motet_system_t *system, motet_config_t *config, std::string &problem) {
    KeeperSettings settings;
    problem = read_settings(config, settings);
    if (!problem.empty()) {
        return MOTET_E_BAD_VALUE;
    }
    motet_error_t *error = motet_lease_set(system, begin, new Service(settings), end);
    const int32_t code = motet_error_code(error);
    problem = motet_error_message(error);
    motet_error_free(error);
    return code;
}

}  // namespace
}  // namespace motet::etcd

int32_t motet_etcd_keep_leases(motet_system_t *system, motet_config_t *config, char *problem, size_t capacity) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    std::string sentence = "libcurl cannot be used";
    int32_t code = MOTET_E_INTERNAL;
    try {
        code = ready == CURLE_OK ? motet::etcd::keep_leases(system, config, sentence) : MOTET_E_NO_MEMORY;
    } catch (const std::exception &exception) {
        sentence = exception.what();
        code = MOTET_E_NO_MEMORY;  // of memory and threads
    }
    std::snprintf(problem, capacity, "%s", sentence.c_str());
    return code;
}
