#include "etcd/src/client.h"

#include <curl/curl.h>

#include <nlohmann/json.hpp>

namespace motet::etcd {

using nlohmann::json;

namespace {

constexpr size_t kMostAnswer = 64 * 1024;  // bytes

// What the gateway wants bytes to be: RFC 4648, section 4.
std::string to_base64(const std::string &bytes) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (size_t i = 0; i < bytes.size(); i += 3) {
        uint32_t group = 0;
        for (size_t j = i; j < i + 3; ++j) {
            group = group << 8 | (j < bytes.size() ? static_cast<uint8_t>(bytes[j]) : 0);
        }
        for (int shift = 18; shift >= 0; shift -= 6) {
            text += digits[group >> shift & 63];
        }
    }
    const size_t padding = (3 - bytes.size() % 3) % 3;
    return text.replace(text.size() - padding, padding, padding, '=');
}

int value_of(char digit) {
    return digit >= 'A' && digit <= 'Z'   ? digit - 'A'
           : digit >= 'a' && digit <= 'z' ? digit - 'a' + 26
           : digit >= '0' && digit <= '9' ? digit - '0' + 52
           : digit == '+'                 ? 62
           : digit == '/'                 ? 63
                                          : -1;
}

// Up to the first character that is no digit.
std::string from_base64(const std::string &text) {
    std::string bytes;
    uint32_t group = 0;
    int bits = 0;
    for (const char digit : text) {
        const int value = value_of(digit);
        if (value < 0) {
            break;
        }
        group = group << 6 | static_cast<uint32_t>(value);
        if ((bits += 6) >= 8) {
            bits -= 8;
            bytes += static_cast<char>(group >> bits & 0xff);
        }
    }
    return bytes;
}

// What an object has by a key; null where there is none.
const json &part_of(const json &object, const char *key) {
    static const json kNone;
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() ? *found : kNone;
}

// A text of an object; empty where there is none.
std::string text_of(const json &object, const char *key) {
    const json &part = part_of(object, key);
    return part.is_string() ? part.get<std::string>() : std::string();
}

const json &first_of(const json &list) { return list.is_array() && !list.empty() ? list.front() : list; }

std::optional<Entry> entry_of(const json &range) {
    const json &pair = first_of(part_of(range, "kvs"));
    if (!pair.is_object()) {
        return {};
    }
    return Entry{from_base64(text_of(pair, "value")), text_of(pair, "lease")};
}

size_t take_bytes(char *bytes, size_t one, size_t count, void *into) {
    auto &answer = *static_cast<std::string *>(into);
    if (answer.size() + count * one > kMostAnswer) {
        return 0;  // ends the request
    }
    answer.append(bytes, count * one);
    return count * one;
}

int look_whether_stopped(void *stopping, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<std::atomic<bool> *>(stopping)->load() ? 1 : 0;
}

int32_t code_of(CURLcode result) {
    switch (result) {
    case CURLE_OPERATION_TIMEDOUT:
        return MOTET_E_TIMEOUT;
    case CURLE_ABORTED_BY_CALLBACK:
        return MOTET_E_CLOSED;
    case CURLE_WRITE_ERROR:
        return MOTET_E_TOO_LARGE;
    default:
        return MOTET_E_TRANSPORT;
    }
}

}  // namespace

struct Client::Handle {
    CURL *curl = curl_easy_init();
    curl_slist *headers = curl_slist_append(nullptr, "Content-Type: application/json");
    char reason[CURL_ERROR_SIZE] = "";

    ~Handle() {
        curl_easy_cleanup(curl);
        curl_slist_free_all(headers);
    }
};

Client::Client(ClientSettings settings) : settings_(std::move(settings)), handle_(std::make_unique<Handle>()) {}

Client::~Client() = default;

Outcome Client::call(const char *path, const json &question, json &answer) {
    const std::string text = question.dump();
    Outcome outcome{MOTET_E_CLOSED, "etcd is no longer asked"};
    for (size_t tried = 0; tried < settings_.endpoints.size() && !stopping_; ++tried) {
        outcome = call(settings_.endpoints[endpoint_], path, text, answer);
        if (outcome.code != MOTET_E_TRANSPORT && outcome.code != MOTET_E_TIMEOUT) {
            break;
        }
        endpoint_ = (endpoint_ + 1) % settings_.endpoints.size();
    }
    return outcome;
}

Outcome Client::call(const std::string &endpoint, const char *path, const std::string &question, json &answer) {
    CURL *curl = handle_->curl;
    const std::string where = "etcd at " + endpoint + ": ";
    if (curl == nullptr || handle_->headers == nullptr) {
        return {MOTET_E_NO_MEMORY, where + "libcurl cannot be used"};
    }
    std::string body;
    const auto file = [](const std::string &name) { return name.empty() ? nullptr : name.c_str(); };
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // signals belong to the program
    curl_easy_setopt(curl, CURLOPT_URL, (endpoint + path).c_str());
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_->headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question.c_str());
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.timeout.count()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_whether_stopped);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stopping_);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, handle_->reason);
    if (!settings_.ca_file.empty()) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, settings_.ca_file.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_SSLCERT, file(settings_.certificate_file));
    curl_easy_setopt(curl, CURLOPT_SSLKEY, file(settings_.key_file));
    handle_->reason[0] = '\0';
    if (const CURLcode result = curl_easy_perform(curl); result != CURLE_OK) {
        const std::string reason = handle_->reason[0] != '\0' ? handle_->reason : curl_easy_strerror(result);
        return {code_of(result), where + reason};
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    answer = json::parse(body, nullptr, false);
    if (status != 200 || !answer.is_object()) {
        const std::string error = text_of(answer, "error");
        return {MOTET_E_IO, where + "HTTP status " + std::to_string(status) + ", " +
                                (error.empty() ? "and no answer of an etcd with the API v3" : error)};
    }
    return {};
}

Outcome Client::grant(std::chrono::seconds time_to_live, LeaseId &lease) {
    json answer;
    Outcome outcome = call("/v3/lease/grant", {{"TTL", std::to_string(time_to_live.count())}}, answer);
    lease = text_of(answer, "ID");
    if (outcome.ok() && lease.empty()) {
        return {MOTET_E_IO, "etcd has granted no lease: " + answer.dump()};
    }
    return outcome;
}

Outcome Client::keep_alive(const LeaseId &lease, bool &alive) {
    json answer;
    Outcome outcome = call("/v3/lease/keepalive", {{"ID", lease}}, answer);
    const std::string left = text_of(part_of(answer, "result"), "TTL");
    alive = !left.empty() && left != "0";
    return outcome;
}

Outcome Client::revoke(const LeaseId &lease) {
    json answer;
    return call("/v3/lease/revoke", {{"ID", lease}}, answer);
}

Outcome Client::put_new(const std::string &key, const std::string &value, const LeaseId &lease,
                        std::optional<Entry> &before) {
    const std::string name = to_base64(key);
    const json question = {
        {"compare", {{{"key", name}, {"target", "CREATE"}, {"result", "EQUAL"}, {"create_revision", "0"}}}},
        {"success", {{{"requestPut", {{"key", name}, {"value", to_base64(value)}, {"lease", lease}}}}}},
        {"failure", {{{"requestRange", {{"key", name}}}}}}};
    json answer;
    Outcome outcome = call("/v3/kv/txn", question, answer);
    if (!outcome.ok() || part_of(answer, "succeeded") == true) {
        return outcome;
    }
    before = entry_of(part_of(first_of(part_of(answer, "responses")), "response_range"));
    return before ? outcome
                  : Outcome{MOTET_E_IO, "etcd has neither put a key nor told what is there: " + answer.dump()};
}

Outcome Client::get(const std::string &key, std::optional<Entry> &entry) {
    json answer;
    Outcome outcome = call("/v3/kv/range", {{"key", to_base64(key)}}, answer);
    entry = entry_of(answer);
    return outcome;
}

}  // namespace motet::etcd
