#include "core/node/node.h"

#include <unistd.h>

#include <algorithm>

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

Result<Ptr<Node>> Node::start(const Config &config, Seams seams, std::unique_ptr<Transport> transport) {
    Result<Ptr<System>> system = System::start(config, std::move(seams));
    if (!system.ok()) {
        return std::move(system.status());
    }
    auto node = Ptr<Node>::adopt(new Node);
    node->system_ = std::move(system.value());
    Node *self = node.get();
    node->system_->on_close_request(
        [self] { self->close_elsewhere(self->system_->config().duration("actor.close-timeout")); });
    if (Status begun = node->begin(std::move(transport)); !begun.ok()) {
        (void)node->close(0);
        return begun;
    }
    return node;
}

Status Node::begin(std::unique_ptr<Transport> transport) {
    const Config &config = system_->config();
    if (config.boolean("remote.enabled")) {
        Result<Ptr<Remoting>> remoting =
            Remoting::start(*system_, transport ? std::move(transport) : Remoting::zmq_transport(*system_));
        if (!remoting.ok()) {
            return std::move(remoting.status());
        }
        remoting_ = std::move(remoting.value());
    }
    if (config.text("trace.export") == "file") {
        Result<std::unique_ptr<SpanWriter>> writer = start_writer(*system_);
        if (!writer.ok()) {
            return std::move(writer.status());
        }
        writer_ = std::move(writer.value());
    }
    return remoting_ && config.boolean("cluster.enabled") ? begin_membership() : Status();
}

// The cluster decides which nodes are there, and remoting acts upon it.
Status Node::begin_membership() {
    ClusterHooks hooks;
    hooks.member = [remoting = remoting_](const Address &node, bool member) { remoting->set_member(node, member); };
    hooks.node_lost = [remoting = remoting_](const UniqueAddress &node, const std::string &reason) {
        remoting->node_lost(node.address, node.uid, reason);
    };
    hooks.ended = [system = system_.get()](bool downed) {
        if (downed) {
            system->begin_close("the cluster has declared this node down");
        }
    };
    Result<Ptr<Cluster>> cluster = Cluster::create(system_, std::move(hooks));
    if (!cluster.ok()) {
        return std::move(cluster.status());
    }
    cluster_ = std::move(cluster.value());
    remoting_->on_refused([cluster = cluster_.get()](const Address &peer, Code code, const std::string &reason) {
        cluster->refused(peer, code, reason);
    });
    cluster_->start();
    return {};
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
    Status outcome = end(timeout);
    std::lock_guard lock(mutex_);
    state_ = State::closed;
    outcome_ = outcome.code();
    outcome_text_ = outcome.message();
    changed_.notify_all();
    return outcome;
}

// Leaves the cluster while everything still works, stops the actors while remoting still carries their last words, then
// takes the rest down.
Status Node::end(Nanos timeout) {
    constexpr Nanos kMostLeaving = 5 * kSecond;
    constexpr Nanos kMostLingering = 1 * kSecond;
    const SystemClock clock;
    const Nanos deadline = clock.now().mono + timeout;
    const auto left = [&] { return std::max<Nanos>(deadline - clock.now().mono, 0); };
    if (cluster_ && timeout > 0 && !cluster_->leave_and_wait(std::min(timeout / 2, kMostLeaving))) {
        system_->log().warning("this node ends without having left its cluster: the others have to find out");
    }
    Status stopped = system_->stop_actors(left());
    if (cluster_) {
        cluster_->stop();
    }
    if (remoting_) {
        remoting_->stop(std::min(left(), kMostLingering));
    }
    Status ended = system_->shut_down(left());
    writer_.reset();
    return stopped.ok() ? std::move(ended) : std::move(stopped);
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
