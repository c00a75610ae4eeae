// Concurrent dictionary: workers read, and now and then write, entries of a dictionary that one actor keeps.
#include "bench/savina/savina.h"

#include <limits>
#include <random>
#include <unordered_map>

namespace {

struct Start {};
struct Read {
    std::int32_t key = 0;
    MOTET_FIELDS(key)
};
struct Write {
    std::int32_t key = 0;
    std::int32_t value = 0;
    MOTET_FIELDS(key, value)
};
struct Result {
    std::int32_t value = 0;
    MOTET_FIELDS(value)
};
struct Done {
    std::int64_t results = 0;
    MOTET_FIELDS(results)
};

}  // namespace

MOTET_MESSAGE(Start, "savina.Start");
MOTET_MESSAGE(Read, "savina.Read");
MOTET_MESSAGE(Write, "savina.Write");
MOTET_MESSAGE(Result, "savina.Result");
MOTET_MESSAGE(Done, "savina.Done");

namespace {

constexpr int kWorkers = 20;
constexpr std::int64_t kMessages = 10'000;  // of each worker
constexpr int kWritePercent = 10;
constexpr std::int32_t kKeys = std::numeric_limits<std::int32_t>::max() / 4096;

using Entries = std::unordered_map<std::int32_t, std::int32_t>;

// What the dictionary starts with; the program copies it.
const Entries &filled() {
    static const Entries entries = [] {
        Entries made;
        for (std::int32_t key = 0; key < kKeys; ++key) {
            made[key] = key;
        }
        return made;
    }();
    return entries;
}

class Dictionary {
  public:
    using Messages = motet::Messages<Read, Write>;

    void receive(motet::Context &context, const Read &read) { context.reply(Result{entries_.at(read.key)}); }

    void receive(motet::Context &context, const Write &write) {
        entries_[write.key] = write.value;
        context.reply(Result{write.value});
    }

  private:
    Entries entries_ = filled();
};

class Worker {
  public:
    using Messages = motet::Messages<Result>;

    Worker(motet::Context &context, motet::Ref dictionary, unsigned seed)
        : dictionary_(std::move(dictionary)), random_(seed) {
        request(context);
    }

    void receive(motet::Context &context, const Result &) {
        if (++results_ < kMessages) {
            request(context);
        } else {
            context.tell(context.parent(), Done{results_});
            context.stop();
        }
    }

  private:
    void request(motet::Context &context) {
        auto key = static_cast<std::int32_t>(random_() % kKeys);
        if (random_() % 100 < kWritePercent) {
            context.tell(dictionary_, Write{key, static_cast<std::int32_t>(random_())});
        } else {
            context.tell(dictionary_, Read{key});
        }
    }

    motet::Ref dictionary_;
    std::minstd_rand random_;
    std::int64_t results_ = 0;
};

// Has the workers work, and answers when all have.
class Master {
  public:
    using Messages = motet::Messages<Start, Done>;

    void receive(motet::Context &context, const Start &) {
        starter_ = context.sender();
        motet::Ref dictionary = context.spawn(motet::actor<Dictionary>());
        for (unsigned i = 0; i < kWorkers; ++i) {
            context.spawn(motet::actor<Worker>(dictionary, i + 1));
        }
    }

    void receive(motet::Context &context, const Done &done) {
        results_ += done.results;
        if (++done_ == kWorkers) {
            context.tell(starter_, Done{results_});
        }
    }

  private:
    motet::Ref starter_;
    int done_ = 0;
    std::int64_t results_ = 0;
};

}  // namespace

double savina::concurrent_dictionary() {
    filled();
    motet::System system(config());
    Stopwatch watch;
    motet::Ref master = system.spawn(motet::actor<Master>());
    expect("results", system.ask<Done>(master, Start{}, patience).get().results, kWorkers * kMessages);
    return watch.seconds();
}
