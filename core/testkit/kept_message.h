// KeptMessage is a message that came to a probe, kept beyond its handling; and how messages are told in a sentence.
// Knows: envelopes, names of types. Must never know: what was expected.
#pragma once

#include <memory>
#include <string>

#include "core/message/message.h"
#include "core/message/type_table.h"

namespace motet {

class KeptMessage {
  public:
    explicit KeptMessage(const Envelope &envelope) : envelope_(envelope.copy()) {}
    ~KeptMessage();
    KeptMessage(const KeptMessage &) = delete;
    KeptMessage &operator=(const KeptMessage &) = delete;

    // None when there was no memory.
    const Envelope *envelope() const { return envelope_; }

    bool taken = false;  // by an expectation

  private:
    Envelope *const envelope_;
};

// A type and a payload, as ASCII text, as MessagePack or in hexadecimal: test.Text {"text":"la"}.
std::string describe(const TypeTable &types, TypeId type, Bytes payload);

// A message with its sender.
std::string describe(const TypeTable &types, const Envelope &envelope);

}  // namespace motet
