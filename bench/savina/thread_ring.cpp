// Thread ring: a token goes round a ring of actors until its hops are used up; then each passes on that it ends.
#include "bench/savina/savina.h"

#include <latch>
#include <vector>

namespace {

struct Next {
    motet::Ref ref;
    MOTET_FIELDS(ref)
};
struct Token {
    std::int64_t hops = 0;
    MOTET_FIELDS(hops)
};
struct Exit {};

}  // namespace

MOTET_MESSAGE(Next, "savina.Next");
MOTET_MESSAGE(Token, "savina.Token");
MOTET_MESSAGE(Exit, "savina.Exit");

namespace {

constexpr std::int64_t kActors = 100;
constexpr std::int64_t kHops = 100'000;

class Link {
  public:
    using Messages = motet::Messages<Next, Token, Exit, motet::PostStop>;

    explicit Link(std::latch *ended) : ended_(ended) {}

    void receive(motet::Context &, const Next &next) { next_ = next.ref; }

    void receive(motet::Context &context, const Token &token) {
        if (token.hops > 0) {
            context.tell(next_, Token{token.hops - 1});
        } else {
            context.tell(next_, Exit{});
        }
    }

    void receive(motet::Context &context, const Exit &) {
        context.tell(next_, Exit{});
        context.stop();
    }

    void receive(motet::Context &, const motet::PostStop &) { ended_->count_down(); }

  private:
    motet::Ref next_;
    std::latch *ended_;
};

}  // namespace

double savina::thread_ring() {
    std::latch ended(kActors);
    motet::System system(config().set("dead-letters.log-count", "0"));  // the last Exit finds nobody
    Stopwatch watch;
    std::vector<motet::Ref> ring;
    for (std::int64_t i = 0; i < kActors; ++i) {
        ring.push_back(system.spawn(motet::actor<Link>(&ended)));
    }
    for (std::size_t i = 0; i < ring.size(); ++i) {
        system.tell(ring[i], Next{ring[(i + 1) % ring.size()]});
    }
    system.tell(ring.front(), Token{kHops});
    ended.wait();
    return watch.seconds();
}
