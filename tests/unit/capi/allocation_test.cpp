// What a message costs in memory: between actors that are warm a tell takes one block, and nothing else.
#include "tests/allocations.h"

#include <motet/motet.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

std::atomic<int64_t> blocks{0};
std::atomic<int64_t> block_bytes{0};

}  // namespace

// The linker has calls of motet::allocate_block() come here: see --wrap in CMakeLists.txt.
extern "C" void *__real__ZN5motet14allocate_blockEm(std::size_t size);
extern "C" void *__wrap__ZN5motet14allocate_blockEm(std::size_t size);
void *__wrap__ZN5motet14allocate_blockEm(std::size_t size) {
    blocks.fetch_add(1, std::memory_order_relaxed);
    block_bytes.fetch_add(static_cast<int64_t>(size), std::memory_order_relaxed);
    return __real__ZN5motet14allocate_blockEm(size);
}

namespace {

constexpr int64_t kMessages = 1000;
constexpr size_t kSmall = 16;
constexpr size_t kLarge = 500;

// What some messages took.
struct Cost {
    int64_t blocks = INT64_MAX;
    int64_t bytes = INT64_MAX;      // of those blocks
    int64_t allocated = INT64_MAX;  // allocations of the C library
};

class Allocation : public ::testing::Test {
  public:
    using Act = int32_t (*)(motet_context_t *, const motet_message_t *, Allocation &);

    struct Actor {
        Allocation *test;
        Act act;
        motet_ref_t *ref = nullptr;
    };

    void SetUp() override {
        motet_config_t *config = motet_config_new();
        ASSERT_EQ(motet_config_set(config, "remote.enabled", "off"), nullptr);
        ASSERT_EQ(motet_config_set(config, "actor.threads", "1"), nullptr);
        ASSERT_EQ(motet_system_start(config, &system_), nullptr);
        motet_config_free(config);
        type_ = motet_system_type(system_, "test.Word");
    }

    void TearDown() override {
        EXPECT_EQ(motet_system_close(system_, 20'000), nullptr);
        for (Actor *actor : {&left_, &right_}) {
            motet_ref_free(actor->ref);
        }
        motet_system_free(system_);
    }

    void spawn(Actor &actor, Act act) {
        actor = {this, act};
        motet_props_t *props = motet_props_new(
            [](motet_context_t *context, const motet_message_t *message, void *state) -> int32_t {
                auto &self = *static_cast<Actor *>(state);
                return motet_message_type(message) == self.test->type_ ? self.act(context, message, *self.test)
                                                                       : MOTET_E_UNHANDLED;
            },
            &actor);
        ASSERT_EQ(motet_system_spawn(system_, props, nullptr, &actor.ref), nullptr);
        motet_props_free(props);
    }

    // Tells the left actor; returns when the actors between them have had so many messages.
    void play(int64_t messages, const std::vector<uint8_t> &payload) {
        left_to_tell_ = messages - 1;
        over_ = false;
        ASSERT_EQ(motet_ref_tell(left_.ref, right_.ref, type_, payload.data(), payload.size(), nullptr, 0), MOTET_OK);
        over_.wait(false);
    }

    // Whether there is another message to tell; the last one ends the play.
    bool more() {
        if (left_to_tell_-- > 0) {
            return true;
        }
        over_ = true;
        over_.notify_one();
        return false;
    }

    // What so many plays cost. Other threads of a system that has just started may take memory meanwhile, and the first
    // messages warm the pool: so the least of some attempts.
    Cost cost(int64_t plays, int64_t messages, size_t size) {
        std::vector<uint8_t> payload(size);
        Cost least;
        for (int attempt = 0; attempt < 5; ++attempt) {
            blocks = 0;
            block_bytes = 0;
            allocations::start();
            for (int64_t i = 0; i < plays; ++i) {
                play(messages, payload);
            }
            least.allocated = std::min(least.allocated, allocations::stop());
            least.blocks = std::min(least.blocks, blocks.load());
            least.bytes = std::min(least.bytes, block_bytes.load());
        }
        return least;
    }

    motet_system_t *system_ = nullptr;
    motet_type_t type_ = 0;
    motet_ref_t *router_ = nullptr;
    Actor left_{}, right_{};
    std::atomic<bool> over_{false};
    int64_t left_to_tell_ = 0;  // belongs to the actors while they play
};

constexpr int64_t kAllocated = allocations::pooled ? 0 : kMessages;

TEST_F(Allocation, ATellTakesOneBlock) {
    Act reply = [](motet_context_t *context, const motet_message_t *message, Allocation &test) -> int32_t {
        return test.more()
                   ? motet_context_reply(context, test.type_, motet_message_data(message), motet_message_size(message))
                   : MOTET_OK;
    };
    spawn(left_, reply);
    spawn(right_, reply);
    Cost least = cost(1, kMessages, kSmall);
    EXPECT_EQ(least.blocks, kMessages);
    EXPECT_EQ(least.allocated, kAllocated);
}

TEST_F(Allocation, ATellFromOutsideTakesOneBlock) {
    spawn(left_, [](motet_context_t *, const motet_message_t *, Allocation &test) -> int32_t {
        return test.more() ? MOTET_E_INTERNAL : MOTET_OK;
    });
    Cost least = cost(kMessages, 1, kSmall);
    EXPECT_EQ(least.blocks, kMessages);
    EXPECT_EQ(least.allocated, kAllocated);
}

TEST_F(Allocation, ARouterTakesNoMore) {
    Act reply = [](motet_context_t *context, const motet_message_t *message, Allocation &test) -> int32_t {
        return test.more()
                   ? motet_context_reply(context, test.type_, motet_message_data(message), motet_message_size(message))
                   : MOTET_OK;
    };
    Act to_router = [](motet_context_t *context, const motet_message_t *message, Allocation &test) -> int32_t {
        return test.more() ? motet_context_tell(context, test.router_, test.type_, motet_message_data(message),
                                                motet_message_size(message))
                           : MOTET_OK;
    };
    spawn(left_, to_router);
    spawn(right_, reply);
    std::string path(256, '\0');
    path.resize(static_cast<size_t>(motet_ref_path(right_.ref, path.data(), path.size())));
    motet_props_t *props = motet_props_new(nullptr, nullptr);
    ASSERT_EQ(motet_props_set(props, "router", "round-robin-group"), nullptr);
    ASSERT_EQ(motet_props_set(props, "router.paths", path.c_str()), nullptr);
    ASSERT_EQ(motet_system_spawn(system_, props, "router", &router_), nullptr);
    motet_props_free(props);
    Cost least = cost(1, kMessages, kSmall);
    EXPECT_EQ(least.blocks, kMessages);
    EXPECT_EQ(least.allocated, kAllocated);
    motet_ref_free(router_);
}

// Who was the first to pass it on is kept, which takes something for the second of them and a few more.
TEST_F(Allocation, AForwardTakesOneBlockWithoutThePayload) {
    spawn(left_, [](motet_context_t *context, const motet_message_t *, Allocation &test) -> int32_t {
        return test.more() ? motet_context_forward(context, test.right_.ref) : MOTET_OK;
    });
    spawn(right_, [](motet_context_t *context, const motet_message_t *message, Allocation &test) -> int32_t {
        EXPECT_EQ(motet_message_size(message), kLarge);
        return test.more() ? motet_context_forward(context, test.left_.ref) : MOTET_OK;
    });
    constexpr int64_t kHops = 8;
    Cost least = cost(1, kMessages, kLarge);
    EXPECT_GE(least.blocks, kMessages);
    EXPECT_LE(least.blocks, kMessages + kHops);
    EXPECT_LE(least.allocated, kAllocated + 2 * kHops);
    EXPECT_LT(least.bytes, kMessages * static_cast<int64_t>(kLarge) / 4) << "the payload was copied";
}

}  // namespace
