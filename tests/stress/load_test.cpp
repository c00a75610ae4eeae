// Under load: floods stay within their bounds, whoever blocks delays only his own dispatcher, and a close ends all.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <deque>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <motet/motet.h>
#include <unistd.h>

#include "tests/stress/memory.h"

namespace motet::stress {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);
constexpr int64_t kPatienceMs = 60'000;

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

using Settings = std::vector<std::pair<const char *, const char *>>;

void expect_ok(motet_error_t *error) {
    EXPECT_EQ(error, nullptr) << motet_error_message(error);
    motet_error_free(error);
}

motet_system_t *start(const Settings &settings) {
    motet_config_t *config = motet_config_new();
    expect_ok(motet_config_set(config, "remote.enabled", "off"));
    expect_ok(motet_config_set(config, "log.level", "off"));
    for (const auto &[key, value] : settings) {
        expect_ok(motet_config_set(config, key, value));
    }
    motet_system_t *system = nullptr;
    expect_ok(motet_system_start(config, &system));
    motet_config_free(config);
    return system;
}

motet_ref_t *spawn(motet_system_t *system, motet_receive_fn receive, void *state, const Settings &properties) {
    motet_props_t *props = motet_props_new(receive, state);
    for (const auto &[key, value] : properties) {
        expect_ok(motet_props_set(props, key, value));
    }
    motet_ref_t *ref = nullptr;
    expect_ok(motet_system_spawn(system, props, nullptr, &ref));
    motet_props_free(props);
    return ref;
}

// Stays in its handler until the gate opens.
struct Gate {
    std::atomic<int> inside{0};
    std::atomic<bool> open{false};

    static int32_t receive(motet_context_t *, const motet_message_t *message, void *state) {
        auto &gate = *static_cast<Gate *>(state);
        if (motet_message_type(message) >= MOTET_TYPE_FIRST_USER && !gate.open.load()) {
            ++gate.inside;
            gate.open.wait(false);
        }
        return MOTET_OK;
    }
    void let_go() {
        open.store(true);
        open.notify_all();
    }
};

int64_t resident_bytes() {
    long pages = 0;
    if (std::FILE *file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%*d %ld", &pages) != 1) {
            pages = 0;
        }
        std::fclose(file);
    }
    return static_cast<int64_t>(pages) * sysconf(_SC_PAGESIZE);
}

struct Flood {
    const char *name;
    Settings settings;
    Settings properties;
};

class Floods : public testing::TestWithParam<Flood> {};

// Many times what fits is sent to an actor that takes nothing.
TEST_P(Floods, StayWithinTheBound) {
    constexpr int kThreads = 4;
    constexpr int kMessages = 20'000;
    constexpr int64_t kCapacity = 500;
    constexpr int64_t kSlack = 100;  // what the rest of the engine has in use meanwhile
    Settings settings = GetParam().settings;
    settings.emplace_back("actor.mailbox-capacity", "500");
    motet_system_t *system = start(settings);
    const motet_type_t type = motet_system_type(system, "load.Word");
    Gate gate;
    Settings properties = GetParam().properties;
    properties.emplace_back("dispatcher", "blocking");
    motet_ref_t *ref = spawn(system, Gate::receive, &gate, properties);
    const std::vector<uint8_t> payload(900);
    const auto tell = [&] { return motet_ref_tell(ref, nullptr, type, payload.data(), payload.size(), nullptr, 0); };
    ASSERT_EQ(tell(), MOTET_OK);
    ASSERT_TRUE(soon([&] { return gate.inside == 1; }));
    const int64_t blocks = blocks_in_use();
    const int64_t bytes = resident_bytes();
    std::atomic<int64_t> most{0};
    std::atomic<int64_t> refused{0};
    std::vector<std::thread> senders;
    for (int i = 0; i < kThreads; ++i) {
        senders.emplace_back([&] {
            for (int k = 0; k < kMessages; ++k) {
                const int32_t code = tell();
                refused += code == MOTET_E_MAILBOX_FULL;
                EXPECT_TRUE(code == MOTET_OK || code == MOTET_E_MAILBOX_FULL) << motet_code_name(code);
                if (const int64_t now = blocks_in_use() - blocks; now > most) {
                    most = now;  // about: it is the bound that counts
                }
            }
        });
    }
    for (std::thread &sender : senders) {
        sender.join();
    }
    EXPECT_LE(most, kCapacity + kSlack);
    EXPECT_GE(blocks_in_use() - blocks, kCapacity - kSlack);
    if (std::string(GetParam().name) != "DropOldest") {
        EXPECT_GE(refused, kThreads * kMessages - kCapacity - kSlack);
    }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_LE(resident_bytes() - bytes, 16 << 20) << "it would be 72 MB if all were kept";
#else
    (void)bytes;
#endif
    gate.let_go();
    expect_ok(motet_system_close(system, kPatienceMs));
    motet_ref_free(ref);
    motet_system_free(system);
}

INSTANTIATE_TEST_SUITE_P(
    All, Floods,
    testing::Values(Flood{"Plain", {}, {}},
                    Flood{"DropOldest",
                          {{"actor.mailbox.m.capacity", "500"}, {"actor.mailbox.m.overflow", "drop-oldest"}},
                          {{"mailbox", "m"}}},
                    Flood{"Priority",
                          {{"actor.mailbox.m.capacity", "500"}, {"actor.mailbox.m.priorities", "load.Word=3"}},
                          {{"mailbox", "m"}}},
                    Flood{"FailSender",
                          {{"actor.mailbox.m.capacity", "500"}, {"actor.mailbox.m.overflow", "fail-sender"}},
                          {{"mailbox", "m"}}},
                    Flood{"Balancing", {}, {{"router", "balancing-pool"}}}),
    [](const auto &each) { return each.param.name; });

// What a test of others' progress looks at.
struct Progress {
    std::atomic<int> handled{0};
    std::atomic<int> terminated{0};

    static int32_t receive(motet_context_t *, const motet_message_t *message, void *state) {
        auto &progress = *static_cast<Progress *>(state);
        progress.handled += motet_message_type(message) >= MOTET_TYPE_FIRST_USER;
        progress.terminated += motet_message_type(message) == MOTET_TYPE_TERMINATED;
        return MOTET_OK;
    }
};

class Blocked : public testing::TestWithParam<const char *> {};

// All threads of one dispatcher are stuck, and work waits there; everything else goes on.
TEST_P(Blocked, DelaysNobodyElse) {
    motet_system_t *system = start({{"actor.threads", "2"},
                                    {"actor.blocking-threads", "2"},
                                    {"actor.dispatcher.first.threads", "2"},
                                    {"actor.dispatcher.second.threads", "1"}});
    const motet_type_t type = motet_system_type(system, "load.Word");
    const auto tell = [&](motet_ref_t *ref) { return motet_ref_tell(ref, nullptr, type, nullptr, 0, nullptr, 0); };
    Gate gate;
    std::vector<motet_ref_t *> refs;
    const bool pinned = std::string(GetParam()) == "pinned";
    for (int i = 0; i < (pinned ? 1 : 5); ++i) {
        refs.push_back(spawn(system, Gate::receive, &gate, {{"dispatcher", GetParam()}}));
        ASSERT_EQ(tell(refs.back()), MOTET_OK);
        ASSERT_EQ(tell(refs.back()), MOTET_OK);
    }
    ASSERT_TRUE(soon([&] { return gate.inside == (pinned ? 1 : 2); }));
    std::deque<Progress> all;  // as long as the actors
    for (const char *other : {"default", "blocking", "first", "second", "pinned"}) {
        if (std::string(other) == GetParam() && !pinned) {
            continue;
        }
        Progress &progress = all.emplace_back();
        motet_ref_t *watcher = spawn(system, Progress::receive, &progress, {{"dispatcher", other}});
        motet_ref_t *watched = spawn(system, Progress::receive, &progress, {{"dispatcher", other}});
        for (int i = 0; i < 100; ++i) {
            ASSERT_EQ(tell(watcher), MOTET_OK);
        }
        EXPECT_TRUE(soon([&] { return progress.handled == 100; })) << other;
        // The guardian, on the internal dispatcher, lets the name go; the timers tell who asks that nobody answers.
        EXPECT_EQ(motet_ref_watch(watcher, watched), MOTET_OK);
        EXPECT_EQ(motet_ref_stop(watched), MOTET_OK);
        EXPECT_TRUE(soon([&] { return progress.terminated == 1; })) << other;
        motet_future_t *future = nullptr;
        expect_ok(motet_ref_ask(refs[0], type, nullptr, 0, 1, nullptr, 0, &future));
        motet_error_t *error = motet_future_wait(future);
        EXPECT_EQ(motet_error_code(error), MOTET_E_TIMEOUT);
        motet_error_free(error);
        motet_future_free(future);
        EXPECT_EQ(motet_ref_stop(watcher), MOTET_OK);
        motet_ref_free(watcher);
        motet_ref_free(watched);
    }
    EXPECT_EQ(gate.inside, pinned ? 1 : 2) << "they were stuck all the time";
    gate.let_go();
    expect_ok(motet_system_close(system, kPatienceMs));
    for (motet_ref_t *ref : refs) {
        motet_ref_free(ref);
    }
    motet_system_free(system);
}

INSTANTIATE_TEST_SUITE_P(All, Blocked, testing::Values("default", "blocking", "first", "pinned"),
                         [](const auto &each) { return std::string(each.param); });

// Actors that keep each other busy, while threads spawn more and tell them things.
class Load {
  public:
    explicit Load(motet_system_t *system) : system_(system), type_(motet_system_type(system, "load.Word")) {
        props_ = motet_props_new(receive, nullptr);
        motet_props_state(
            props_,
            [](motet_context_t *, void *load, void **state) {
                ++static_cast<Load *>(load)->made_;
                *state = load;
                return MOTET_OK;
            },
            [](void *load) { ++static_cast<Load *>(load)->destroyed_; }, this, nullptr);
        for (motet_ref_t *&ref : refs_) {
            expect_ok(motet_system_spawn(system_, props_, nullptr, &ref));
        }
        for (int i = 0; i < 3; ++i) {
            threads_.emplace_back([this, i] { send(static_cast<size_t>(i)); });
        }
        EXPECT_TRUE(soon([&] { return handled_ > 1000; }));
    }

    // After the end of the system: nothing runs, whatever is sent.
    void expect_quiet() {
        const int64_t handled = handled_;
        const int64_t sent = sent_;
        EXPECT_EQ(made_, destroyed_);
        EXPECT_TRUE(soon([&] { return sent_ > sent + 3000; }));
        EXPECT_EQ(handled_, handled);
        go_ = false;
        for (std::thread &thread : threads_) {
            thread.join();
        }
        for (motet_ref_t *ref : refs_) {
            EXPECT_EQ(motet_ref_tell(ref, nullptr, type_, nullptr, 0, nullptr, 0), MOTET_E_STOPPED);
            motet_ref_free(ref);
        }
        motet_props_free(props_);
    }

    std::atomic<bool> close_inside{false};  // the next handler does

  private:
    static int32_t receive(motet_context_t *context, const motet_message_t *message, void *state) {
        auto &load = *static_cast<Load *>(state);
        if (motet_message_type(message) == load.type_) {
            const int64_t number = ++load.handled_;
            motet_ref_t *next = load.refs_[static_cast<size_t>(number) % std::size(load.refs_)];
            (void)motet_context_tell(context, next, load.type_, nullptr, 0);
            if (load.close_inside.exchange(false)) {
                expect_ok(motet_system_close(motet_context_system(context), kPatienceMs));
            }
            if (number % 50 == 0) {
                return MOTET_E_FAILED;
            }
        }
        return MOTET_OK;
    }

    void send(size_t which) {
        for (size_t i = which; go_; ++i) {
            (void)motet_ref_tell(refs_[i % std::size(refs_)], refs_[which], type_, nullptr, 0, nullptr, 0);
            ++sent_;
            if (i % 16 == 0) {
                motet_ref_t *more = nullptr;
                motet_error_free(motet_system_spawn(system_, props_, nullptr, &more));
                (void)motet_ref_tell(more, nullptr, type_, nullptr, 0, nullptr, 0);
                (void)motet_ref_stop(more);
                motet_ref_free(more);
            }
        }
    }

    motet_system_t *const system_;
    const motet_type_t type_;
    motet_props_t *props_ = nullptr;
    motet_ref_t *refs_[20] = {};
    std::vector<std::thread> threads_;
    std::atomic<bool> go_{true};
    std::atomic<int64_t> handled_{0}, sent_{0}, made_{0}, destroyed_{0};
};

class CloseUnderLoad : public testing::Test {
  protected:
    void SetUp() override { system_ = start({{"actor.threads", "3"}, {"actor.mailbox-capacity", "200"}}); }
    void TearDown() override { motet_system_free(system_); }
    motet_system_t *system_ = nullptr;
};

TEST_F(CloseUnderLoad, FromOutside) {
    Load load(system_);
    expect_ok(motet_system_close(system_, kPatienceMs));
    load.expect_quiet();
}

TEST_F(CloseUnderLoad, TwiceAndFromManyThreadsAtOnce) {
    Load load(system_);
    std::vector<std::thread> closers;
    for (int i = 0; i < 4; ++i) {
        closers.emplace_back([&] {
            expect_ok(motet_system_close(system_, kPatienceMs));
            expect_ok(motet_system_close(system_, kPatienceMs));
        });
    }
    for (std::thread &closer : closers) {
        closer.join();
    }
    load.expect_quiet();
}

TEST_F(CloseUnderLoad, FromInsideAHandler) {
    Load load(system_);
    load.close_inside = true;
    expect_ok(motet_system_wait(system_, kPatienceMs));
    load.expect_quiet();
}

TEST_F(CloseUnderLoad, FromATask) {
    Load load(system_);
    std::atomic<int> ran{0};
    expect_ok(motet_shutdown_add(
        system_, "service-stop", "close",
        [](motet_system_t *system, uint64_t task, void *argument) {
            ++*static_cast<std::atomic<int> *>(argument);
            expect_ok(motet_system_close(system, kPatienceMs));
            EXPECT_EQ(motet_shutdown_complete(system, task, MOTET_OK, nullptr), MOTET_OK);
        },
        &ran, nullptr, nullptr));
    expect_ok(motet_shutdown_run(system_, MOTET_SHUTDOWN_UNKNOWN, nullptr, kPatienceMs));
    EXPECT_EQ(ran, 1);
    load.expect_quiet();
}

TEST_F(CloseUnderLoad, FromInsideAndOutsideAtOnce) {
    Load load(system_);
    load.close_inside = true;
    expect_ok(motet_system_close(system_, kPatienceMs));
    load.expect_quiet();
}

// No time at all is still time enough for handlers that are short.
TEST_F(CloseUnderLoad, WithoutTime) {
    Load load(system_);
    motet_error_t *error = motet_system_close(system_, 0);
    EXPECT_TRUE(motet_error_code(error) == MOTET_OK || motet_error_code(error) == MOTET_E_TIMEOUT)
        << motet_error_message(error);
    motet_error_free(error);
    expect_ok(motet_system_wait(system_, kPatienceMs));
    load.expect_quiet();
}

}  // namespace
}  // namespace motet::stress
