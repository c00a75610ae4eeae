// Ping-pong: two actors send each other a message, one under way.
#include "bench/savina/savina.h"

namespace {

struct Start {};
struct Ping {};
struct Pong {};
struct Done {
    std::int64_t pings = 0;
    MOTET_FIELDS(pings)
};

}  // namespace

MOTET_MESSAGE(Start, "savina.Start");
MOTET_MESSAGE(Ping, "savina.Ping");
MOTET_MESSAGE(Pong, "savina.Pong");
MOTET_MESSAGE(Done, "savina.Done");

namespace {

constexpr std::int64_t kPings = 40'000;

class Pinger {
  public:
    using Messages = motet::Messages<Start, Pong>;

    explicit Pinger(motet::Ref ponger) : ponger_(std::move(ponger)) {}

    void receive(motet::Context &context, const Start &) {
        starter_ = context.sender();
        context.tell(ponger_, Ping{});
    }

    void receive(motet::Context &context, const Pong &) {
        if (++pings_ < kPings) {
            context.tell(ponger_, Ping{});
        } else {
            context.tell(starter_, Done{pings_});
        }
    }

  private:
    motet::Ref ponger_;
    motet::Ref starter_;
    std::int64_t pings_ = 0;
};

}  // namespace

double savina::ping_pong() {
    motet::System system(config());
    Stopwatch watch;
    motet::Ref ponger =
        system.spawn(motet::actor([](motet::Context &context, const Ping &) { context.reply(Pong{}); }));
    motet::Ref pinger = system.spawn(motet::actor<Pinger>(ponger));
    expect("pings", system.ask<Done>(pinger, Start{}, patience).get().pings, kPings);
    return watch.seconds();
}
