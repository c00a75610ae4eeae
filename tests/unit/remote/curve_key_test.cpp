#include "core/remote/curve_key.h"

#include <climits>
#include <csignal>
#include <sys/resource.h>

#include "tests/unit/remote/key_files.h"

namespace motet {
namespace {

mode_t mode_of(const std::string &path) {
    struct stat file = {};
    EXPECT_EQ(stat(path.c_str(), &file), 0) << path;
    return file.st_mode & 0777;
}

TEST(CurveKey, IsWrittenAsDigitsAndReadBack) {
    const CurveKeyPair keys = CurveKeyPair::make().value();
    EXPECT_EQ(key_text(keys.open).size(), 64u);
    EXPECT_EQ(parse_key(key_text(keys.open)), keys.open);
    EXPECT_NE(keys.open, CurveKeyPair::make().value().open);
    EXPECT_EQ(CurveKeyPair::of_secret(keys.secret).value().open, keys.open);
    for (const std::string &text :
         {std::string(), std::string(63, '0'), std::string(65, '0'), std::string(64, 'g'), std::string(64, 'A')}) {
        EXPECT_FALSE(parse_key(text)) << text;
    }
}

TEST(CurveKeyPair, IsKeptWhereOnlyItsOwnerCanReadIt) {
    const KeyFiles files;
    const mode_t before = umask(0);
    const CurveKeyPair keys = CurveKeyPair::make().value();
    ASSERT_TRUE(keys.write(files.path("node")).ok());
    umask(before);
    EXPECT_EQ(mode_of(files.path("node")), 0600u);
    EXPECT_EQ(mode_of(files.path("node.pub")), 0644u);
    const Result<CurveKeyPair> read = CurveKeyPair::read(files.path("node"));
    ASSERT_TRUE(read.ok()) << read.status().message();
    EXPECT_EQ(read.value().open, keys.open);
    EXPECT_EQ(read.value().secret, keys.secret);
}

TEST(CurveKeyPair, NeverOverwritesAnother) {
    const KeyFiles files;
    const std::string first = files.make("node");
    const CurveKeyPair second = CurveKeyPair::make().value();
    const Status refused = second.write(files.path("node"));
    EXPECT_EQ(refused.code(), Code::NAME_TAKEN);
    EXPECT_EQ(refused.message(), "\"" + files.path("node.pub") + "\" exists already, and keys are never overwritten");
    std::filesystem::remove(files.path("node.pub"));
    EXPECT_EQ(second.write(files.path("node")).message(),
              "\"" + files.path("node") + "\" exists already, and keys are never overwritten");
    EXPECT_EQ(key_text(CurveKeyPair::read(files.path("node")).value().open), first);
    EXPECT_EQ(second.write(files.path("no/such/directory")).code(), Code::IO);
}

TEST(CurveKeyPair, IsWrittenWholeOrNotAtAll) {
    const KeyFiles files;
    const CurveKeyPair keys = CurveKeyPair::make().value();
    const auto nothing_left = [&] { return std::filesystem::is_empty(files.path("")); };
    const std::string long_name(NAME_MAX - 2, 'k');  // with ".pub" it is no name any more
    EXPECT_EQ(keys.write(files.path(long_name)).code(), Code::IO);
    EXPECT_TRUE(nothing_left());

    // A disk without room.
    const auto before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit none = {0, limit.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);
    const Status full = keys.write(files.path("node"));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    std::signal(SIGXFSZ, before);
    EXPECT_EQ(full.message(), "cannot write \"" + files.path("node") + "\": File too large");
    EXPECT_TRUE(nothing_left());
    EXPECT_TRUE(keys.write(files.path("node")).ok());
}

TEST(CurveKeyPair, IsRefusedWhereOthersCanReadIt) {
    const KeyFiles files;
    files.make("node");
    for (const mode_t mode : {0640u, 0604u, 0620u, 0601u}) {
        chmod(files.path("node").c_str(), mode);
        const Result<CurveKeyPair> read = CurveKeyPair::read(files.path("node"));
        ASSERT_FALSE(read.ok()) << mode;
        EXPECT_EQ(read.status().code(), Code::BAD_VALUE);
        EXPECT_EQ(read.status().message().rfind("\"" + files.path("node") +
                                                    "\" can be read by others than its owner "
                                                    "(its mode is 06",
                                                0),
                  0u)
            << read.status().message();
        EXPECT_NE(read.status().message().find("; run: chmod 600 " + files.path("node")), std::string::npos);
    }
    chmod(files.path("node").c_str(), 0400);
    EXPECT_TRUE(CurveKeyPair::read(files.path("node")).ok());
}

TEST(CurveKeyPair, SaysWhyItCannotBeRead) {
    const KeyFiles files;
    const std::string absent = files.path("absent");
    EXPECT_EQ(CurveKeyPair::read(absent).status().message(),
              "cannot read \"" + absent + "\": No such file or directory");
    EXPECT_EQ(CurveKeyPair::read(files.path("")).status().message(), "\"" + files.path("") + "\" is not a file");
    files.write("empty", "", 0600);
    files.write("public", "not a key\n", 0600);
    for (const char *name : {"empty", "public"}) {
        EXPECT_EQ(CurveKeyPair::read(files.path(name)).status().message(),
                  "\"" + files.path(name) + "\" holds no secret key; make one with: motet-keygen <another file>");
    }
    files.write("large", std::string((1 << 20) + 1, '0'), 0600);
    EXPECT_EQ(CurveKeyPair::read(files.path("large")).status().message(),
              "\"" + files.path("large") + "\" is larger than 1 MiB");
}

}  // namespace
}  // namespace motet
