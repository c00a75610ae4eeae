// Payloads that every language reads and writes alike, tests/vectors/payload.tsv: those of types that a C++ program can
// declare.
#include "support.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

namespace {

struct Inner {
    std::string name;
    std::int64_t count = 0;
    MOTET_FIELDS(name, count)
};

struct Sample {
    bool flag = false;
    std::int32_t small = 0;
    std::uint64_t large = 0;
    double ratio = 0;
    std::string text;
    std::vector<std::int64_t> numbers;
    Inner inner;
    std::optional<Inner> nothing;
    std::map<std::string, std::int64_t> pages;
    motet::Ref who;
    MOTET_FIELDS(flag, small, large, ratio, text, numbers, inner, nothing, pages, who)
};

struct SampleJson : Sample {};

struct Line {
    std::string text;
    MOTET_FIELDS(text)
};

struct Blob {
    std::vector<std::uint8_t> data;
    MOTET_FIELDS(data)
};

}  // namespace

MOTET_MESSAGE(Sample, "vector.Sample");
MOTET_MESSAGE(SampleJson, "vector.Sample+json");
MOTET_MESSAGE(Line, "vector.Line+utf8");
MOTET_MESSAGE(Blob, "vector.Blob+raw");

namespace {

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", byte);
        text += digits;
    }
    return text;
}

std::vector<std::uint8_t> bytes_of(const std::string &hex) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

std::string describe(const std::string &value) { return "'" + value + "'"; }
std::string describe(const Inner &value) {
    return "{'name': " + describe(value.name) + ", 'count': " + std::to_string(value.count) + "}";
}
std::string describe(const Line &value) { return "{'text': " + describe(value.text) + "}"; }
std::string describe(const Blob &value) { return "{'data': x" + hex(value.data) + "}"; }

std::string describe(const Sample &value) {
    char ratio[32];
    std::snprintf(ratio, sizeof ratio, "%.4f", value.ratio);
    std::string numbers, pages;
    for (const std::int64_t number : value.numbers) {
        numbers += (numbers.empty() ? "" : ", ") + std::to_string(number);
    }
    for (const auto &[key, page] : value.pages) {
        pages += (pages.empty() ? "" : ", ") + describe(key) + ": " + std::to_string(page);
    }
    return std::string("{'flag': ") + (value.flag ? "true" : "false") + ", 'small': " + std::to_string(value.small) +
           ", 'large': " + std::to_string(value.large) + ", 'ratio': " + ratio + ", 'text': " + describe(value.text) +
           ", 'numbers': [" + numbers + "], 'inner': " + describe(value.inner) +
           ", 'nothing': " + (value.nothing ? describe(*value.nothing) : "nil") + ", 'pages': {" + pages +
           "}, 'who': <" + value.who.path() + ">}";
}

template <class T> void check(const motet::System &system, const std::string &payload, const std::string &meaning) {
    const T message = motet::detail::decode_message<T>(system.get(), bytes_of(payload));
    EXPECT_EQ(describe(message), meaning);
    motet::detail::encode_message(message, [&](motet::Bytes bytes) {
        EXPECT_EQ(hex(bytes), payload) << meaning;
        return 0;
    });
}

TEST(CppVectors, AreReadAndWrittenAlike) {
    motet::Config config = quiet();
    config.set("system.name", "vectors");
    motet::System system(config);
    std::ifstream file("tests/vectors/payload.tsv");  // tests run in the root of the repository
    std::string line, type, payload, meaning;
    int count = 0;
    while (std::getline(file, line)) {
        std::istringstream parts(line);
        std::getline(parts, type, '\t');
        std::getline(parts, payload, '\t');
        std::getline(parts, meaning);
        ++count;
        if (type == "vector.Sample") {
            check<Sample>(system, payload, meaning);
        } else if (type == "vector.Sample+json") {
            check<SampleJson>(system, payload, meaning);
        } else if (type == "vector.Line+utf8") {
            check<Line>(system, payload, meaning);
        } else if (type == "vector.Blob+raw") {
            check<Blob>(system, payload, meaning);
        } else {
            --count;
        }
    }
    EXPECT_EQ(count, 6);
    system.close(patience);
}

}  // namespace
