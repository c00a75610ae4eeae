// What a message costs in memory: between actors that are warm nothing beyond the engine's one block, also with fields.
#include "support.h"

#include "tests/allocations.h"

#include <algorithm>
#include <atomic>

namespace {

struct Ball {
    std::int64_t left = 0;
    double speed = 0;
    std::string by;
    MOTET_FIELDS(left, speed, by)
};

}  // namespace

MOTET_MESSAGE(Ball, "test.Ball");

namespace {

// Player returns the ball until nothing is left.
class Player {
  public:
    using Messages = motet::Messages<Ball>;

    explicit Player(std::shared_ptr<std::atomic<bool>> over) : over_(std::move(over)) {}

    void receive(motet::Context &context, const Ball &ball) {
        if (ball.left == 0) {
            *over_ = true;
            over_->notify_one();
            return;
        }
        context.reply(Ball{ball.left - 1, ball.speed / 2, "someone"});
    }

  private:
    std::shared_ptr<std::atomic<bool>> over_;
};

TEST(CppAllocation, AMessageWithFieldsTakesNothingBeyondItsBlock) {
    constexpr std::int64_t balls = 1000;
    motet::System system(quiet().set("actor.threads", "1"));
    auto over = std::make_shared<std::atomic<bool>>(false);
    motet::Ref left = system.spawn(motet::actor<Player>(over));
    motet::Ref right = system.spawn(motet::actor<Player>(over));
    std::int64_t least = INT64_MAX;
    for (int attempt = 0; attempt < 5; ++attempt) {
        *over = false;
        allocations::start();
        system.tell(left, Ball{balls - 1, 1, "nobody"}, right);
        over->wait(false);
        least = std::min(least, allocations::stop());
    }
    EXPECT_EQ(least, allocations::pooled ? 0 : balls);
    system.close(patience);
}

}  // namespace
