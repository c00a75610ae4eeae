// SimulatedDispatcher runs the ready actors of all simulated nodes on the one thread of a simulation. Which of those
// that are ready comes next is drawn from the seed.
// Knows: runnables, the scheduler. Must never know: actors, messages.
#pragma once

#include <memory>
#include <vector>

#include "core/base/random.h"
#include "core/dispatch/dispatcher.h"
#include "core/simulate/scheduler.h"

namespace motet {

// The ready actors of all nodes.
class ReadyPool {
  public:
    ReadyPool(Scheduler &scheduler, Random random) : scheduler_(scheduler), random_(random) {}

    // owner: what it is forgotten by when its dispatcher ends.
    void add(Runnable *runnable, const void *owner);
    void forget(const void *owner);

  private:
    void run_one();

    struct Entry {
        Runnable *runnable;
        const void *owner;
    };
    Scheduler &scheduler_;
    Random random_;
    std::vector<Entry> ready_;
};

class SimulatedDispatcher final : public Dispatcher {
  public:
    explicit SimulatedDispatcher(ReadyPool &pool) : pool_(pool) {}
    ~SimulatedDispatcher() override { (void)shut_down(0); }

    void schedule(Runnable *runnable) override;
    bool shut_down(Nanos timeout) override;

  private:
    ReadyPool &pool_;
    bool ended_ = false;
};

}  // namespace motet
