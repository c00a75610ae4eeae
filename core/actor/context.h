// Context is what a behaviour sees of its actor while it handles one message.
// Knows: the actor and the message. Must never know: what the behaviour does.
#pragma once

#include <string>

#include "core/message/actor_ref.h"

namespace motet {

class Cell;
class System;

// The trace of the handling that this thread is in, for what a handler does without its context at hand; none outside.
class CurrentTrace {
  public:
    explicit CurrentTrace(const TraceContext &trace) : outer_(current_) { current_ = &trace; }
    ~CurrentTrace() { current_ = outer_; }
    CurrentTrace(const CurrentTrace &) = delete;
    CurrentTrace &operator=(const CurrentTrace &) = delete;

    static TraceContext get() { return current_ ? *current_ : TraceContext(); }

  private:
    static constinit thread_local const TraceContext *current_ __attribute__((tls_model("initial-exec")));
    const TraceContext *outer_;
};

class Context {
  public:
    // failure: where the sentence of a failure goes.
    Context(Cell &cell, const Envelope *envelope, const TraceContext &trace, std::string &failure)
        : cell_(cell), envelope_(envelope), trace_(trace), failure_(failure) {}

    Cell &self() const { return cell_; }
    System &system() const;
    const TraceContext &trace() const { return trace_; }
    const Envelope *envelope() const { return envelope_; }

    // Each sends with this actor as sender (forward: with the original one) and the trace of this handling.
    Code tell(ActorRef &target, TypeId type, Bytes payload);
    Code reply(TypeId type, Bytes payload);
    Code forward(ActorRef &target);

    // Keeps the message that is handled for later, and brings back all that was kept; see Cell.
    Code stash();
    int64_t unstash_all();

    // Keeps a sentence for the failure about to be returned; returns code.
    Code fail(Code code, std::string text);
    const std::string &failure() const { return failure_; }

  private:
    Cell &cell_;
    const Envelope *envelope_;
    const TraceContext &trace_;
    std::string &failure_;
};

}  // namespace motet
