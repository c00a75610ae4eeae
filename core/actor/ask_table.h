// AskTable finds the asks that wait for an answer, for answers that come from other nodes.
// Knows: numbers. Must never know: what an ask does with its answer.
#pragma once

#include <mutex>
#include <string_view>
#include <unordered_map>

#include "core/message/actor_ref.h"

namespace motet {

class AskTable {
  public:
    uint64_t next_number();
    Status add(uint64_t number, const ActorRef &ask);
    void remove(uint64_t number);
    Ref find(uint64_t number) const;
    std::vector<Ref> close();  // gives back what waits; nothing is added any more

    // The element of the path below /temp.
    static std::string name(uint64_t number);

  private:
    mutable std::mutex mutex_;
    std::unordered_map<uint64_t, Ref> asks_;  // under mutex_
    uint64_t last_ = 0;                       // under mutex_
    bool closed_ = false;                     // under mutex_
};

}  // namespace motet
