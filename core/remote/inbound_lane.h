// InboundLane is what one life of a peer has told on one lane: how far its frames have come, and which names its
// numbers stand for.
// Knows: numbers and what they were resolved to. Must never know: connections, how a name is resolved.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/message/actor_ref.h"
#include "core/message/wire.h"

namespace motet {

class InboundLane {
  public:
    enum class Arrival { in_order, gap, stale };

    // Notes the arrival of a frame. A stale one is not to be read; it came before, or belongs to tables that are past.
    Arrival arrived(const wire::FrameHeader &header);

    // Whether the peer is to be asked for new tables because of a number that is not known; true once for each epoch.
    bool ask_for_tables();
    uint32_t epoch() const { return epoch_; }
    uint64_t last_sequence() const { return last_sequence_; }

    struct Target {
        std::string path;
        Ref ref;  // whom it was resolved to last
    };

    // Each gives a meaning to a number. False: it has one already.
    bool define_type(uint32_t number, TypeId type);
    bool define_target(uint32_t number, Target target);
    bool define_sender(uint32_t number, Ref sender);

    // What a number means; nothing when it is not known.
    TypeId type(uint32_t number) const;
    Target *target(uint32_t number);
    const ActorRef *sender(uint32_t number) const;

    // The trace context of an envelope of the present frame; nothing for one that refers to another where there is
    // none.
    std::optional<TraceContext> trace(const wire::Envelope &envelope);

    // Another life of the peer.
    void restart() { *this = InboundLane(); }

  private:
    void forget();

    uint64_t last_sequence_ = 0;
    uint32_t epoch_ = 0;
    bool asked_ = false;
    std::optional<TraceContext> trace_;  // the last in the present frame
    std::vector<TypeId> types_;
    std::vector<Target> targets_;
    std::vector<Ref> senders_;
};

}  // namespace motet
