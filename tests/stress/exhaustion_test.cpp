// Memory and threads that the operating system does not give: whoever asks is told so, nothing aborts, hangs or leaks,
// and what was promised to actors is kept once there is memory again.
#include <atomic>
#include <barrier>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <motet/motet.h>

#include "core/base/block_pool.h"
#include "tests/stress/memory.h"

namespace motet::stress {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

// Takes no memory to wait.
template <typename Condition> bool soon(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

// The codes that calls have returned; without memory of its own.
class Codes {
  public:
    int32_t add(int32_t code) {
        if (code < 0) {
            seen_.fetch_or(uint64_t{1} << -code);
        }
        return code;
    }
    bool add(motet_error_t *error) {
        const int32_t code = add(motet_error_code(error));
        motet_error_free(error);
        return code == MOTET_OK;
    }
    std::set<int32_t> seen() const {
        std::set<int32_t> all;
        for (int32_t code = 1; code < 64; ++code) {
            if (seen_.load() >> code & 1) {
                all.insert(-code);
            }
        }
        return all;
    }

  private:
    std::atomic<uint64_t> seen_{0};
};

struct Life {
    Codes codes;
    motet_type_t word = 0, fall = 0, tick = 0;
    std::atomic<int> told{0};
    std::atomic<int> handled{0};
    std::atomic<int> terminated{0};
    std::atomic<int> started{0}, ended{0};
    motet_ref_t *watcher = nullptr;

    bool watcher_told_or_gone() const {
        return terminated == 1 ||
               motet_ref_tell(watcher, nullptr, word, nullptr, 0, nullptr, 0) == MOTET_E_STOPPED;  // it could not begin
    }

    void tell(const motet_ref_t *target, motet_type_t type) {
        told += codes.add(motet_ref_tell(target, nullptr, type, nullptr, 0, nullptr, 0)) == MOTET_OK;
    }
};

int32_t work(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &life = *static_cast<Life *>(state);
    const motet_type_t type = motet_message_type(message);
    if (type == MOTET_TYPE_PRE_START) {
        ++life.started;
        life.codes.add(motet_context_timer(context, 1, 1000, 0, life.tick, nullptr, 0));
    } else if (type == MOTET_TYPE_POST_STOP) {
        ++life.ended;
    } else if (type == life.word) {
        ++life.handled;
        life.codes.add(motet_context_reply(context, life.word, nullptr, 0));
    } else if (type == life.fall) {
        ++life.handled;
        return motet_context_fail(context, MOTET_E_FAILED, "told to, in more words than fit into a small string");
    }
    return MOTET_OK;
}

int32_t watch(motet_context_t *, const motet_message_t *message, void *state) {
    static_cast<Life *>(state)->terminated += motet_message_type(message) == MOTET_TYPE_TERMINATED;
    return MOTET_OK;
}

motet_ref_t *spawn(Life &life, motet_system_t *system, motet_receive_fn receive, const char *dispatcher,
                   const char *name) {
    motet_props_t *props = motet_props_new(receive, &life);
    motet_ref_t *ref = nullptr;
    if (!props) {
        life.codes.add(MOTET_E_NO_MEMORY);
        return nullptr;
    }
    if (life.codes.add(motet_props_set(props, "dispatcher", dispatcher))) {
        (void)life.codes.add(motet_system_spawn(system, props, name, &ref));
    }
    motet_props_free(props);
    return ref;
}

void ask(Life &life, const motet_ref_t *target) {
    motet_future_t *future = nullptr;
    if (life.codes.add(motet_ref_ask(target, life.word, nullptr, 0, 5, nullptr, 0, &future))) {
        ++life.told;
        (void)life.codes.add(motet_future_wait(future));
        motet_future_free(future);
    }
}

// A whole life. Returns whether the watcher is owed the news of an end.
bool live(Life &life, motet_system_t *system) {
    life.word = life.codes.add(motet_system_type(system, "exhaustion.Word"));
    life.fall = life.codes.add(motet_system_type(system, "exhaustion.Fall"));
    life.tick = life.codes.add(motet_system_type(system, "exhaustion.Tick"));
    if (life.word < 0 || life.fall < 0 || life.tick < 0) {
        return false;
    }
    motet_ref_t *worker = spawn(life, system, work, "default", "a-worker-with-a-name-of-some-length");
    life.watcher = spawn(life, system, watch, "pinned", "watcher");
    motet_ref_t *child = nullptr;
    bool owed = false;
    if (worker) {
        life.tell(worker, life.word);
        life.tell(worker, life.fall);
        ask(life, worker);
        motet_props_t *props = motet_props_new(work, &life);
        if (props && life.codes.add(motet_ref_spawn(worker, props, nullptr, &child))) {
            life.tell(child, life.fall);
            life.tell(child, life.word);
        }
        motet_props_free(props);
        const bool watched = life.watcher && life.codes.add(motet_ref_watch(life.watcher, worker)) == MOTET_OK;
        const bool stopped = life.codes.add(motet_ref_stop(worker)) == MOTET_OK;
        owed = watched && stopped;
        life.tell(worker, life.word);
    }
    motet_ref_free(child);
    motet_ref_free(worker);
    return owed;
}

class Exhaustion : public testing::Test {
  protected:
    void SetUp() override {
        config_ = motet_config_new();
        for (const auto &[key, value] : {std::pair("remote.enabled", "off"), std::pair("log.level", "off"),
                                         std::pair("actor.threads", "2"), std::pair("actor.blocking-threads", "2")}) {
            ASSERT_EQ(motet_config_set(config_, key, value), nullptr);
        }
        for (int i = 0; i < 2; ++i) {  // what is made once for the process
            Life life;
            run(life, Refusals::Of::memory, i, 0, false);
        }
        make_caches();
    }

    // The pool of blocks keeps a cache for each of the most threads that there ever were at once: makes them, for more
    // threads than may overlap when those of one system end late.
    static void make_caches() {
        constexpr int kThreads = 64;
        std::barrier all(kThreads);
        std::vector<std::thread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&all] {
                motet::free_block(motet::allocate_block(1), 1);
                all.arrive_and_wait();
            });
        }
        for (std::thread &thread : threads) {
            thread.join();
        }
    }
    void TearDown() override { motet_config_free(config_); }

    // Returns how many requests were refused.
    int64_t run(Life &life, Refusals::Of what, int64_t first, int64_t count, bool again = true) {
        const int64_t blocks = blocks_in_use();
        const int64_t objects = objects_in_use();
        motet_system_t *system = nullptr;
        bool owed = false;
        int64_t refused = 0;
        {
            Refusals refusals(what, first, count);
            if (life.codes.add(motet_system_start(config_, &system))) {
                owed = live(life, system);
                if (first % 2 == 0) {
                    (void)life.codes.add(motet_system_close(system, 20'000));
                    owed = false;  // the watcher may be stopped first
                }
            }
            refused = refusals.refused();
        }
        EXPECT_TRUE(!owed || soon([&] { return life.watcher_told_or_gone(); })) << "the watcher was not told";
        if (system) {
            motet_error_t *error = motet_system_close(system, 20'000);
            EXPECT_EQ(error, nullptr) << motet_error_message(error);
            motet_error_free(error);
            motet_system_free(system);
        }
        motet_ref_free(life.watcher);
        EXPECT_LE(life.terminated, 1);
        EXPECT_LE(life.ended, life.started);  // an actor that is stopped before its next instance is made has none
        EXPECT_TRUE(soon([&] { return blocks_in_use() == blocks; })) << blocks_in_use() - blocks << " blocks are left";
        EXPECT_TRUE(!again || soon([&] { return objects_in_use() <= objects; }))
            << objects_in_use() - objects << " objects are left";
        return refused;
    }

    // Refuses the first, the second and so on, until there are no more. Returns how many there are.
    int64_t refuse_each(Refusals::Of what, int64_t count, int64_t step, int32_t code) {
        int untouched = 0;
        int64_t first = 1;
        std::set<int32_t> seen;
        for (; untouched < 3 && !HasFailure(); first += step) {
            SCOPED_TRACE("request number " + std::to_string(first) + " is refused, and " + std::to_string(count - 1) +
                         " after it");
            Life life;
            untouched = run(life, what, first, count) > 0 ? 0 : untouched + 1;
            seen.merge(life.codes.seen());
        }
        EXPECT_TRUE(seen.contains(code)) << "nobody was told " << motet_code_name(code);
        seen.erase(code);
        for (int32_t expected : {MOTET_E_TIMEOUT, MOTET_E_STOPPED, MOTET_E_FAILED, MOTET_E_CLOSED}) {
            seen.erase(expected);  // of an ask or a tell to an actor that could not begin, or has stopped
        }
        for (int32_t other : seen) {
            ADD_FAILURE() << "somebody was told " << motet_code_name(other);
        }
        return first - 1;
    }

    motet_config_t *config_ = nullptr;
};

TEST_F(Exhaustion, OfMemoryOnceIsAnErrorOfWhoAsks) {
    EXPECT_GT(refuse_each(Refusals::Of::memory, 1, MOTET_EXHAUSTION_STEP, MOTET_E_NO_MEMORY), 100);
}

TEST_F(Exhaustion, OfMemoryForAWhileIsWaitedFor) {
    EXPECT_GT(refuse_each(Refusals::Of::memory, 7, 5 * MOTET_EXHAUSTION_STEP, MOTET_E_NO_MEMORY), 100);
}

TEST_F(Exhaustion, OfThreadsIsAnErrorOfWhoAsks) {
    EXPECT_GT(refuse_each(Refusals::Of::threads, 1, 1, MOTET_E_NO_THREAD), 3);
}

}  // namespace
}  // namespace motet::stress
