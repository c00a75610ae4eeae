// A directory with the keys of some nodes, and the list of them, as an operator makes them.
#pragma once

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <sys/stat.h>

#include "core/remote/curve_key.h"

namespace motet {

class KeyFiles {
  public:
    KeyFiles() {
        std::string name = (std::filesystem::temp_directory_path() / "motet-keys-XXXXXX").string();
        directory_ = mkdtemp(name.data());
    }
    ~KeyFiles() { std::filesystem::remove_all(directory_); }

    std::string path(const std::string &name) const { return directory_ + "/" + name; }

    // Makes the keys of a node, and returns the public one as it stands in lists.
    std::string make(const std::string &name) const {
        const Result<CurveKeyPair> keys = CurveKeyPair::make();
        const Status written = keys.value().write(path(name));
        EXPECT_TRUE(written.ok()) << written.message();
        return key_text(keys.value().open);
    }

    // Writes a file in one step, as an operator should.
    void write(const std::string &name, const std::string &text, mode_t mode = 0644) const {
        std::ofstream(path(name + ".new")) << text;
        chmod(path(name + ".new").c_str(), mode);
        std::filesystem::rename(path(name + ".new"), path(name));
    }

    // Settings of a node that has these keys.
    std::map<std::string, std::string> settings(const std::string &name, const std::string &peers = "peers") const {
        return {{"remote.curve.enabled", "on"},
                {"remote.curve.key-file", path(name)},
                {"remote.curve.peers-file", path(peers)}};
    }

  private:
    std::string directory_;
};

}  // namespace motet
