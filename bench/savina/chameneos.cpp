// Chameneos: creatures of three colours meet in pairs at a mall, where only one pair meets at a time; both take the
// colour that complements theirs.
#include "bench/savina/savina.h"

enum class Colour { red, yellow, blue };
MSGPACK_ADD_ENUM(Colour)

namespace {

struct Open {};
struct Meet {
    Colour colour{};
    MOTET_FIELDS(colour)
};
struct Change {
    Colour colour{};
    MOTET_FIELDS(colour)
};
struct Closed {};
struct Meetings {
    std::int64_t count = 0;
    MOTET_FIELDS(count)
};

}  // namespace

MOTET_MESSAGE(Open, "savina.Open");
MOTET_MESSAGE(Meet, "savina.Meet");
MOTET_MESSAGE(Change, "savina.Change");
MOTET_MESSAGE(Closed, "savina.Closed");
MOTET_MESSAGE(Meetings, "savina.Meetings");

namespace {

constexpr int kCreatures = 100;
constexpr std::int64_t kMeetings = 200'000;

// The same for two of a colour, else the third.
Colour complement(Colour one, Colour other) {
    return one == other ? one : static_cast<Colour>(3 - static_cast<int>(one) - static_cast<int>(other));
}

class Creature {
  public:
    using Messages = motet::Messages<Meet, Change, Closed>;

    Creature(motet::Context &context, Colour colour) : mall_(context.parent()), colour_(colour) { go(context); }

    // Somebody came while this one waited.
    void receive(motet::Context &context, const Meet &other) {
        colour_ = complement(colour_, other.colour);
        context.reply(Change{colour_});
        ++meetings_;
        go(context);
    }

    void receive(motet::Context &context, const Change &change) {
        colour_ = change.colour;
        ++meetings_;
        go(context);
    }

    void receive(motet::Context &context, const Closed &) {
        context.reply(Meetings{meetings_});
        context.stop();
    }

  private:
    void go(motet::Context &context) { context.tell(mall_, Meet{colour_}); }

    motet::Ref mall_;
    Colour colour_;
    std::int64_t meetings_ = 0;
};

class Mall {
  public:
    using Messages = motet::Messages<Open, Meet, Meetings>;

    void receive(motet::Context &context, const Open &) {
        owner_ = context.sender();
        for (int i = 0; i < kCreatures; ++i) {
            context.spawn(motet::actor<Creature>(static_cast<Colour>(i % 3)));
        }
    }

    void receive(motet::Context &context, const Meet &) {
        if (left_ == 0) {
            context.reply(Closed{});
        } else if (!waiting_) {
            waiting_ = context.sender();
        } else {
            context.forward(waiting_);  // who waits answers the other directly
            waiting_ = motet::Ref();
            --left_;
        }
    }

    void receive(motet::Context &context, const Meetings &meetings) {
        met_ += meetings.count;
        if (++gone_ == kCreatures) {
            context.tell(owner_, Meetings{met_});
        }
    }

  private:
    motet::Ref owner_;
    motet::Ref waiting_;
    std::int64_t left_ = kMeetings;
    std::int64_t met_ = 0;
    int gone_ = 0;
};

}  // namespace

double savina::chameneos() {
    motet::System system(config());
    Stopwatch watch;
    motet::Ref mall = system.spawn(motet::actor<Mall>());
    expect("meetings", system.ask<Meetings>(mall, Open{}, patience).get().count, 2 * kMeetings);
    return watch.seconds();
}
