// OutboundLane is what waits to go to one peer on one lane: frames that senders fill, each envelope written once, names
// as numbers after their first use.
//
// Senders append from any thread; the frames are taken by one. Knows: the wire grammar, the numbers given so far.
// Must never know: connections, whether the peer can be reached.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/spin_lock.h"
#include "core/message/actor_ref.h"
#include "core/message/wire.h"

namespace motet {

// Where a sender remembers the number that a lane has given to its target. Belongs to that lane.
struct NumberCache {
    uint32_t epoch = 0;
    uint32_t number = 0;
};

// One message on its way to another node.
struct OutboundMessage {
    std::string_view target;  // the path there, with the incarnation if it is known
    NumberCache *target_number = nullptr;
    std::string_view selection;
    std::string_view hops;
    const ActorRef *sender = nullptr;
    TypeId type = 0;
    const char *type_name = nullptr;  // nullptr: the type is not known
    const TraceContext *trace = nullptr;
    Bytes payload;
};

class OutboundLane {
  public:
    struct Settings {
        size_t max_frame;   // of bytes after the header
        size_t max_queued;  // bytes that wait
    };

    struct Frame {
        ByteBuffer bytes;  // with room for the header in front
        uint32_t epoch = 0;
        std::array<uint8_t, wire::kTraceSize> trace{};  // the last that was written into it; zeros for none
    };

    // own: the text of this node's address, which the paths of its actors begin with.
    OutboundLane(const Settings &settings, std::string own) : settings_(settings), own_(std::move(own)) {}

    // Any thread. OK, QUEUE_FULL or TOO_LARGE. first: nothing waited before.
    Code append(const OutboundMessage &message, bool &first);

    // The same for a record that is written already.
    Code append_record(Bytes record, bool &first);

    // Takes the oldest frame; false when none waits. Its bytes count as waiting until sent() or drop().
    bool take(Frame &frame);
    void sent(size_t frame_size);

    // Forgets what was defined: the peer has new tables, or will have.
    void new_tables();

    // Takes everything that waits and forgets what was defined. each gets every message that was among it, those in a
    // frame that was taken but not sent first.
    struct Dropped {
        std::string target;
        std::string sender;
        std::string type;
        Bytes trace;
        std::string_view hops;
        Bytes payload;
    };
    using DropMessage = std::function<void(const Dropped &)>;
    void drop(const Frame *taken, const DropMessage &each);

    size_t frames() const;  // that wait to be taken
    size_t queued() const;
    uint32_t epoch() const;

  private:
    // Numbers of names, and the names again for what has to be dropped.
    struct Table {
        std::unordered_map<std::string, uint32_t> numbers;
        std::vector<std::string> names;
    };
    struct SenderKey {
        const ActorRef *ref;
        uint64_t incarnation;  // a new actor in the memory of an old one has another
        bool operator==(const SenderKey &) const = default;
    };
    struct HashSender {
        size_t operator()(const SenderKey &key) const {
            return std::hash<const void *>()(key.ref) ^ (key.incarnation * 0x9e3779b97f4a7c15u);
        }
    };

    Frame &frame_for(size_t size);
    ByteBuffer &room_for(size_t size);
    void begin_tables();
    wire::Name name(Table &table, wire::RecordKind define, std::string_view text);
    wire::Name target_name(const OutboundMessage &message);
    wire::Name type_name(TypeId type, const char *text);
    wire::Name sender_name(const ActorRef &sender);
    std::string_view text_of(const Table &table, const wire::Name &name) const;
    void read_messages(const Frame &frame, std::vector<Dropped> &messages) const;

    const Settings settings_;
    const std::string own_;

    mutable SpinLock lock_;
    std::deque<Frame> frames_;  // all of the rest under lock_
    size_t queued_ = 0;
    uint32_t epoch_ = 1;
    Table types_;
    Table targets_;
    Table senders_;
    std::vector<uint32_t> type_numbers_;  // by type; 0: none, else the number and 1
    std::unordered_map<SenderKey, uint32_t, HashSender> sender_numbers_;
    std::string scratch_;  // holds a literal path while it is written
};

}  // namespace motet
