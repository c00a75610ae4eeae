// Race asks routees for one answer: all at once (scatter-gather), or one after another until one has answered
// (tail-chopping). The first answer goes to who asked the router, and says whom it is from; later ones are dropped. A
// routee that fails to answer is out of the race; when all are, or the time is over, who asked gets a failure.
// Knows: asks. Must never know: routers, what the answers mean.
#pragma once

#include <mutex>
#include <vector>

#include "core/actor/system.h"
#include "core/message/actor_ref.h"

namespace motet {

class Race final : public RefCounted {
  public:
    // Takes the question, always. within: for an answer. interval: 0 asks all routees at once; otherwise the time after
    // which the next one is asked. router: whom a failure is from.
    static Code start(Envelope *question, std::vector<Ref> routees, Nanos within, Nanos interval, Ref router);
    ~Race() override { question_->destroy(); }

    // Tells who asked that there is no answer.
    static void fail(const Envelope &question, Code code, std::string_view text, const ActorRef &router);

  private:
    Race(Envelope *question, std::vector<Ref> routees, Nanos within, Nanos interval, Ref router);

    void ask(const Ref &routee);
    void ask_next();
    void set_timer(Nanos delay);
    void ended(Status status, Envelope *answer);
    Nanos left() const;

    const Ref router_;
    System &system_;  // the router holds it
    Envelope *const question_;
    const std::vector<Ref> routees_;
    const Nanos interval_;
    const Nanos deadline_;

    std::mutex mutex_;
    size_t asked_ = 0;    // under mutex_, as all below
    size_t waiting_ = 0;  // of those asked, who may still answer
    bool over_ = false;
    Timer timer_;
};

}  // namespace motet
