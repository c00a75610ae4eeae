// Dining philosophers: each asks an arbitrator for both forks, again and again until they are free.
#include "bench/savina/savina.h"

#include <latch>
#include <vector>

namespace {

struct Hungry {
    std::size_t seat = 0;
    MOTET_FIELDS(seat)
};
struct Eat {};
struct Denied {};
struct Sated {
    std::size_t seat = 0;
    MOTET_FIELDS(seat)
};

}  // namespace

MOTET_MESSAGE(Hungry, "savina.Hungry");
MOTET_MESSAGE(Eat, "savina.Eat");
MOTET_MESSAGE(Denied, "savina.Denied");
MOTET_MESSAGE(Sated, "savina.Sated");

namespace {

constexpr std::size_t kSeats = 20;
constexpr std::int64_t kMeals = 10'000;  // of each

class Philosopher {
  public:
    using Messages = motet::Messages<Eat, Denied, motet::PostStop>;

    Philosopher(motet::Context &context, std::size_t seat, motet::Ref arbitrator, std::latch *ended)
        : seat_(seat), arbitrator_(std::move(arbitrator)), ended_(ended) {
        context.tell(arbitrator_, Hungry{seat_});
    }

    void receive(motet::Context &context, const Eat &) {
        context.reply(Sated{seat_});
        if (++meals_ < kMeals) {
            context.reply(Hungry{seat_});
        } else {
            context.stop();
        }
    }

    void receive(motet::Context &context, const Denied &) { context.reply(Hungry{seat_}); }

    void receive(motet::Context &, const motet::PostStop &) { ended_->count_down(); }

  private:
    std::size_t seat_;
    motet::Ref arbitrator_;
    std::latch *ended_;
    std::int64_t meals_ = 0;
};

class Arbitrator {
  public:
    using Messages = motet::Messages<Hungry, Sated>;

    void receive(motet::Context &context, const Hungry &hungry) {
        if (left(hungry.seat) || right(hungry.seat)) {
            context.reply(Denied{});
        } else {
            take_or_put(hungry.seat, true);
            context.reply(Eat{});
        }
    }

    void receive(motet::Context &, const Sated &sated) { take_or_put(sated.seat, false); }

  private:
    std::vector<bool>::reference left(std::size_t seat) { return taken_[seat]; }
    std::vector<bool>::reference right(std::size_t seat) { return taken_[(seat + 1) % kSeats]; }
    void take_or_put(std::size_t seat, bool take) { left(seat) = right(seat) = take; }

    std::vector<bool> taken_ = std::vector<bool>(kSeats);
};

}  // namespace

double savina::dining_philosophers() {
    std::latch ended(kSeats);
    motet::System system(config());
    Stopwatch watch;
    motet::Ref arbitrator = system.spawn(motet::actor<Arbitrator>());
    for (std::size_t seat = 0; seat < kSeats; ++seat) {
        system.spawn(motet::actor<Philosopher>(seat, arbitrator, &ended));
    }
    ended.wait();
    return watch.seconds();
}
