// Keys: what two nodes need to encrypt what they say, in a directory that ends with the object.
// Knows: files. Must never know: figures.
#pragma once

#include <filesystem>
#include <fstream>

#include "bench/figure.h"

namespace motet::bench {

class Keys {
  public:
    Keys() {
        std::string name = std::filesystem::temp_directory_path() / "motet-bench-XXXXXX";
        if (mkdtemp(name.data()) == nullptr) {
            std::perror("bench: no directory for keys");
            std::exit(1);
        }
        directory_ = name;
        check(motet_keys_create(key_file(directory_).c_str()));
        std::string key;
        std::ifstream(key_file(directory_) + ".pub") >> key;
        std::ofstream(peers_file(directory_)) << key << " *\n";
        std::filesystem::permissions(peers_file(directory_), std::filesystem::perms(0644));
    }
    ~Keys() { std::filesystem::remove_all(directory_); }

    Keys(const Keys &) = delete;
    Keys &operator=(const Keys &) = delete;

    const std::string &directory() const { return directory_; }

    static std::string key_file(const std::string &directory) { return directory + "/key"; }
    static std::string peers_file(const std::string &directory) { return directory + "/peers"; }

  private:
    std::string directory_;
};

}  // namespace motet::bench
