// Runs a fuzzer where libFuzzer is not at hand: the corpus as it is, and then so many seeded mutations of it, or as
// many as the time allows.
//
//   fuzz_<decoder> <folder of the corpus> [<mutations>] [<seconds>] [<seed>]
//   fuzz_<decoder> <file>                                                  one input, to see a finding again
//
// An input that ends the process is left in the working directory as finding-<decoder>.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mutator.h"

namespace {

using motet::fuzz::Input;

Input read_file(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    return Input(std::istreambuf_iterator<char>(file), {});
}

// Reads inputs. Each is in a file meanwhile, so that it is there when it ends the process, however that ends.
class Runner {
  public:
    explicit Runner(const std::string &finding)
        : finding_(finding), file_(open(finding.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644)) {
        motet::fuzz::require(file_ >= 0, "the working directory can be written");
    }
    ~Runner() {
        close(file_);
        std::filesystem::remove(finding_);
    }
    Runner(const Runner &) = delete;
    Runner &operator=(const Runner &) = delete;

    void run(const Input &input) {
        const auto size = static_cast<ssize_t>(input.size());
        motet::fuzz::require(pwrite(file_, input.data(), input.size(), 0) == size && ftruncate(file_, size) == 0,
                             "an input can be kept");
        const std::unique_ptr<uint8_t[]> exact(new uint8_t[input.size()]);  // so that one byte too far is seen
        std::copy(input.begin(), input.end(), exact.get());
        LLVMFuzzerTestOneInput(exact.get(), input.size());
    }

  private:
    const std::string finding_;
    const int file_;
};

}  // namespace

int main(int count, char **arguments) {
    const auto argument = [&](int index, uint64_t otherwise) {
        return index < count ? std::strtoull(arguments[index], nullptr, 10) : otherwise;
    };
    if (count < 2) {
        std::fprintf(stderr, "usage: %s <folder of the corpus or file> [<mutations>] [<seconds>] [<seed>]\n",
                     arguments[0]);
        return 2;
    }
    const std::filesystem::path place = arguments[1];
    const std::string decoder = std::filesystem::path(arguments[0]).filename().string().substr(sizeof("fuzz_") - 1);
    if (std::filesystem::is_regular_file(place)) {
        const Input input = read_file(place);
        Runner("seen-" + decoder).run(input);
        return 0;
    }
    Runner runner("finding-" + decoder);
    std::vector<std::filesystem::path> files(std::filesystem::directory_iterator(place), {});
    std::sort(files.begin(), files.end());  // the same order everywhere, so that a seed means the same
    std::vector<Input> corpus;
    for (const std::filesystem::path &file : files) {
        corpus.push_back(read_file(file));
    }
    if (corpus.empty()) {
        std::fprintf(stderr, "no corpus in %s\n", arguments[1]);
        return 2;
    }
    for (const Input &input : corpus) {
        runner.run(input);
    }
    const uint64_t seed = argument(4, 20261126);
    motet::fuzz::Mutator mutator(corpus, seed);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(argument(3, 60));
    uint64_t mutations = 0;
    for (; mutations < argument(2, 10'000) && std::chrono::steady_clock::now() < end; ++mutations) {
        runner.run(mutator.next());
    }
    std::printf("%zu inputs of the corpus and %llu mutations of them from seed %llu\n", corpus.size(),
                static_cast<unsigned long long>(mutations), static_cast<unsigned long long>(seed));
    return 0;
}
