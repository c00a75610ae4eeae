// Reliable delivery of system messages: numbered from 1 for each pair of lives, in order, exactly once, acknowledged
// cumulatively, sent again until acknowledged. One class for each end.
// Knows: numbers, bytes, times. Must never know: what the messages say, how they travel.
#pragma once

#include <deque>
#include <optional>

#include "core/base/byte_buffer.h"
#include "core/base/clock.h"

namespace motet {

struct ReliableSettings {
    Nanos resend_interval = 1 * kSecond;
    size_t buffer = 20'000;              // messages that may wait for acknowledgement
    Nanos give_up = 6 * 3600 * kSecond;  // age of the oldest of them at which the peer is hopeless
};

class ReliableSender {
  public:
    static constexpr size_t kMaxResent = 200;  // in one go

    explicit ReliableSender(const ReliableSettings &settings) : settings_(settings) {}

    // The number for the next message.
    uint64_t next_sequence() const { return first_ + waiting_.size(); }

    // Keeps a written message, which bears next_sequence(), until it is acknowledged. False: the buffer is full.
    bool add(Now now, ByteBuffer record);

    // All up to sequence have arrived. Numbers that were never given are ignored.
    void acknowledged(Now now, uint64_t sequence);

    // Appends what is to be sent now: what is new, or everything again when the acknowledgement is overdue. Everything
    // goes in order, so that the receiver sees a gap only when something was lost.
    void collect(Now now, ByteBuffer &out);

    // The link is a fresh one: everything that waits goes again.
    void link_renewed() { sent_ = 0; }

    // Whether the oldest message waits for longer than any hope.
    bool hopeless(Now now) const;

    // When collect() is next needed; nothing when no message waits.
    std::optional<Nanos> deadline() const;

    size_t waiting() const { return waiting_.size(); }

    // Another life of the peer: numbers start again. Returns what was never acknowledged.
    std::deque<ByteBuffer> restart();

  private:
    struct Waiting {
        Nanos since;
        ByteBuffer record;
    };

    ReliableSettings settings_;
    std::deque<Waiting> waiting_;
    uint64_t first_ = 1;  // number of the front of waiting_
    size_t sent_ = 0;     // how many from the front were sent since the last resend
    Nanos resend_at_ = 0;
};

class ReliableReceiver {
  public:
    enum class Verdict { deliver, duplicate, gap };

    // What to do with a message that came; whatever it is, acknowledgement() is to be sent.
    Verdict accept(uint64_t sequence) {
        if (sequence != expected_) {
            return sequence < expected_ ? Verdict::duplicate : Verdict::gap;
        }
        ++expected_;
        return Verdict::deliver;
    }

    // The highest number up to which all have arrived.
    uint64_t acknowledgement() const { return expected_ - 1; }

    void restart() { expected_ = 1; }

  private:
    uint64_t expected_ = 1;
};

}  // namespace motet
