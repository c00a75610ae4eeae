#include "core/remote/peer_keys.h"

#include <algorithm>
#include <charconv>

#include "core/base/host.h"

namespace motet {

namespace {

std::string place_of(const std::string &host, uint16_t port) {
    return "[" + plain_host(host) + "]" + (port != 0 ? ":" + std::to_string(port) : "");
}

// The one spelling of a place; nothing when it is none.
std::optional<std::string> parse_place(std::string_view text) {
    if (text == "*") {
        return "*";
    }
    std::string_view host = text;
    std::string_view port;
    const size_t colon = text.rfind(':');
    const bool bracketed = text.front() == '[';
    const bool bare_v6 = !bracketed && text.find(':') != colon;
    if (colon != std::string_view::npos && !bare_v6 && !(bracketed && text.back() == ']')) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        uint16_t number = 0;
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (error != std::errc() || end != port.data() + port.size() || number == 0) {
            return std::nullopt;
        }
    }
    if (bracketed) {
        host = host.size() > 2 && host.back() == ']' ? host.substr(1, host.size() - 2) : std::string_view();
    }
    const bool name = !host.empty() && host.find_first_of("[]:*/@") == std::string_view::npos;
    if (!is_ipv6(std::string(host)) && (bracketed || !name)) {
        return std::nullopt;
    }
    return place_of(std::string(host), port.empty() ? 0 : static_cast<uint16_t>(std::stoi(std::string(port))));
}

std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view kSpace = " \t\r";
    std::vector<std::string_view> words;
    size_t begin = 0;
    while ((begin = line.find_first_not_of(kSpace, begin)) != std::string_view::npos) {
        const size_t end = std::min(line.find_first_of(kSpace, begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = end;
    }
    return words;
}

}  // namespace

Result<PeerKeys> PeerKeys::read(const std::string &path) {
    const Result<std::string> text = read_guarded_file(path, false);
    if (!text.ok()) {
        return Status(text.status().code(), text.status().message());
    }
    Result<PeerKeys> keys = parse(text.value());
    if (!keys.ok()) {
        return Status(keys.status().code(), "\"" + path + "\", " + keys.status().message());
    }
    return keys;
}

Result<PeerKeys> PeerKeys::parse(std::string_view text) {
    PeerKeys keys;
    int number = 0;
    while (!text.empty()) {
        ++number;
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::vector<std::string_view> words = words_of(line);
        if (words.empty() || words[0].front() == '#') {
            continue;
        }
        const auto bad = [&](const std::string &reason) {
            return Status(Code::BAD_VALUE, "line " + std::to_string(number) + ": " + reason);
        };
        const std::optional<CurveKey> key = parse_key(words[0]);
        if (!key) {
            return bad("\"" + std::string(words[0].substr(0, 80)) +
                       "\" is not a public key; expected the 64 digits of a file that motet-keygen has made");
        }
        if (words.size() == 1) {
            return bad("no place follows the key; expected host:port, host, or * for every node");
        }
        for (size_t i = 1; i < words.size(); ++i) {
            const std::optional<std::string> place = parse_place(words[i]);
            if (!place) {
                return bad("\"" + std::string(words[i].substr(0, 80)) +
                           "\" is not a place; expected host:port, host, or * for every node");
            }
            keys.by_place_[*place].push_back(*key);
        }
        keys.keys_.insert(*key);
    }
    return keys;
}

const std::vector<CurveKey> *PeerKeys::keys_of(const Address &address) const {
    for (const std::string &place :
         {place_of(address.host, address.port), place_of(address.host, 0), std::string("*")}) {
        if (const auto found = by_place_.find(place); found != by_place_.end()) {
            return &found->second;
        }
    }
    return nullptr;
}

std::optional<CurveKey> PeerKeys::key_of(const Address &address) const {
    const std::vector<CurveKey> *keys = keys_of(address);
    return keys != nullptr ? std::optional(keys->front()) : std::nullopt;
}

bool PeerKeys::speaks_for(const CurveKey &key, const Address &address) const {
    const std::vector<CurveKey> *keys = keys_of(address);
    return keys != nullptr && std::find(keys->begin(), keys->end(), key) != keys->end();
}

}  // namespace motet
