// Counting: one actor sends another as many messages as it can, then asks how many have come.
#include "bench/savina/savina.h"

namespace {

struct Start {};
struct Increment {};
struct Retrieve {};
struct Total {
    std::int64_t count = 0;
    MOTET_FIELDS(count)
};

}  // namespace

MOTET_MESSAGE(Start, "savina.Start");
MOTET_MESSAGE(Increment, "savina.Increment");
MOTET_MESSAGE(Retrieve, "savina.Retrieve");
MOTET_MESSAGE(Total, "savina.Total");

namespace {

constexpr std::int64_t kMessages = 1'000'000;

motet::Props counter() {
    return motet::actor<std::int64_t>(
        [](std::int64_t &count, motet::Context &, const Increment &) { ++count; },
        [](std::int64_t &count, motet::Context &context, const Retrieve &) { context.reply(Total{count}); });
}

class Producer {
  public:
    using Messages = motet::Messages<Start, Total>;

    explicit Producer(motet::Ref counter) : counter_(std::move(counter)) {}

    void receive(motet::Context &context, const Start &) {
        starter_ = context.sender();
        for (std::int64_t i = 0; i < kMessages; ++i) {
            context.tell(counter_, Increment{});
        }
        context.tell(counter_, Retrieve{});
    }

    void receive(motet::Context &context, const Total &) { context.forward(starter_); }

  private:
    motet::Ref counter_;
    motet::Ref starter_;
};

}  // namespace

double savina::counting() {
    motet::System system(config());
    Stopwatch watch;
    motet::Ref producer = system.spawn(motet::actor<Producer>(system.spawn(counter())));
    expect("count", system.ask<Total>(producer, Start{}, patience).get().count, kMessages);
    return watch.seconds();
}
