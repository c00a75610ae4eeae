// Big: every actor pings others at random, one ping under way for each; a sink waits until all have had their pongs.
#include "bench/savina/savina.h"

#include <random>
#include <vector>

namespace {

struct Neighbours {
    std::vector<motet::Ref> refs;
    MOTET_FIELDS(refs)
};
struct Ping {};
struct Pong {
    std::size_t from = 0;
    MOTET_FIELDS(from)
};
struct Await {};
struct Done {
    std::int64_t pings = 0;
    MOTET_FIELDS(pings)
};

}  // namespace

MOTET_MESSAGE(Neighbours, "savina.Neighbours");
MOTET_MESSAGE(Ping, "savina.Ping");
MOTET_MESSAGE(Pong, "savina.Pong");
MOTET_MESSAGE(Await, "savina.Await");
MOTET_MESSAGE(Done, "savina.Done");

namespace {

constexpr std::size_t kActors = 120;
constexpr std::int64_t kPings = 20'000;  // of each

class Peer {
  public:
    using Messages = motet::Messages<Neighbours, Ping, Pong>;

    Peer(std::size_t number, motet::Ref sink) : number_(number), sink_(std::move(sink)), random_(number + 1) {}

    void receive(motet::Context &context, const Neighbours &neighbours) {
        neighbours_ = neighbours.refs;
        ping(context);
    }

    void receive(motet::Context &context, const Ping &) { context.reply(Pong{number_}); }

    void receive(motet::Context &context, const Pong &pong) {
        savina::expect("the pong's sender", pong.from, pinged_);
        if (++pings_ < kPings) {
            ping(context);
        } else {
            context.tell(sink_, Done{pings_});
        }
    }

  private:
    void ping(motet::Context &context) {
        pinged_ = random_() % neighbours_.size();
        context.tell(neighbours_[pinged_], Ping{});
    }

    std::size_t number_;
    motet::Ref sink_;
    std::minstd_rand random_;
    std::vector<motet::Ref> neighbours_;
    std::size_t pinged_ = 0;
    std::int64_t pings_ = 0;
};

// Answers when all are done.
class Sink {
  public:
    using Messages = motet::Messages<Await, Done>;

    void receive(motet::Context &context, const Await &) { waiting_ = context.sender(); }

    void receive(motet::Context &context, const Done &done) {
        pings_ += done.pings;
        if (++done_ == kActors) {
            context.tell(waiting_, Done{pings_});
        }
    }

  private:
    motet::Ref waiting_;
    std::size_t done_ = 0;
    std::int64_t pings_ = 0;
};

}  // namespace

double savina::big() {
    motet::System system(config());
    Stopwatch watch;
    motet::Ref sink = system.spawn(motet::actor<Sink>());
    auto all_done = system.ask<Done>(sink, Await{}, patience);
    Neighbours peers;
    for (std::size_t i = 0; i < kActors; ++i) {
        peers.refs.push_back(system.spawn(motet::actor<Peer>(i, sink)));
    }
    for (const motet::Ref &peer : peers.refs) {
        system.tell(peer, peers);
    }
    expect("pings", all_done.get().pings, std::int64_t{kActors} * kPings);
    return watch.seconds();
}
