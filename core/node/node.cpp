#include "core/node/node.h"

#include <unistd.h>

#include "core/base/thread.h"

namespace motet {

static Result<std::unique_ptr<SpanWriter>> start_writer(System &system) {
    SpanWriter::Options options;
    options.path = system.config().text("trace.file");
    options.flush_interval = system.config().duration("trace.flush-interval");
    options.resource = {{"service.name", system.name()},
                        {"service.instance.id", system.address().text()},
                        {"process.pid", static_cast<int64_t>(getpid())},
                        {"telemetry.sdk.name", std::string("motet")},
                        {"telemetry.sdk.language", system.config().text("system.language")}};
    return SpanWriter::start(system.recorder(), system.log(), std::move(options));
}

Result<Ptr<Node>> Node::start(const Config &config, Seams seams) {
    Result<Ptr<System>> system = System::start(config, std::move(seams));
    if (!system.ok()) {
        return std::move(system.status());
    }
    auto node = Ptr<Node>::adopt(new Node);
    node->system_ = std::move(system.value());
    Node *self = node.get();
    node->system_->on_close_request(
        [self] { self->close_elsewhere(self->system_->config().duration("actor.close-timeout")); });
    if (config.text("trace.export") == "file") {
        Result<std::unique_ptr<SpanWriter>> writer = start_writer(*node->system_);
        if (!writer.ok()) {
            (void)node->close(0);
            return std::move(writer.status());
        }
        node->writer_ = std::move(writer.value());
    }
    return node;
}

Node::~Node() { (void)close_now(0); }

Status Node::close(Nanos timeout) {
    if (on_engine_thread()) {
        close_elsewhere(timeout);
        return {};
    }
    return close_now(timeout);
}

void Node::close_elsewhere(Nanos timeout) {
    Ptr<Node> self(this);
    Result<std::thread> closer = start_thread("motet-close", [self, timeout] { (void)self->close_now(timeout); });
    if (closer.ok()) {
        closer.value().detach();
    } else {
        system_->log().error("closing could not begin: " + closer.status().message());
    }
}

Status Node::close_now(Nanos timeout) {
    {
        std::unique_lock lock(mutex_);
        if (state_ != State::open) {
            changed_.wait(lock, [this] { return state_ == State::closed; });
            return outcome_ == Code::OK ? Status() : Status(outcome_, outcome_text_);
        }
        state_ = State::closing;
    }
    Status outcome = system_->close(timeout);
    writer_.reset();
    std::lock_guard lock(mutex_);
    state_ = State::closed;
    outcome_ = outcome.code();
    outcome_text_ = outcome.message();
    changed_.notify_all();
    return outcome;
}

Status Node::wait_closed(Nanos timeout) {
    std::unique_lock lock(mutex_);
    auto is_closed = [this] { return state_ == State::closed; };
    if (timeout < 0) {
        changed_.wait(lock, is_closed);
    } else if (!changed_.wait_for(lock, std::chrono::nanoseconds(timeout), is_closed)) {
        return Status(Code::TIMEOUT, "system \"" + system_->name() + "\" had not closed after " +
                                         std::to_string(timeout / kMillisecond) + " ms");
    }
    return {};
}

bool Node::closed() const {
    std::lock_guard lock(mutex_);
    return state_ == State::closed;
}

}  // namespace motet
