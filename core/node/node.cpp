#include "core/node/node.h"

#include <unistd.h>

#include <algorithm>

#include "core/route/properties.h"

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
    Result<std::vector<Phase>> phases = phases_from(config);
    if (!phases.ok()) {
        return std::move(phases.status());
    }
    seams.deploy = deploy;
    auto node = Ptr<Node>::adopt(new Node);
    Result<Ptr<System>> system = System::start(config, std::move(seams));
    if (!system.ok()) {
        return std::move(system.status());
    }
    node->system_ = std::move(system.value());
    Node *self = node.get();
    node->shutdown_ = make_counted<CoordinatedShutdown>(
        std::move(phases.value()), node->system_->timers(), node->system_->log(),
        [self](Status outcome, Nanos deadline) { self->phases_done(std::move(outcome), deadline); });
    node->system_->on_close_request([self] { (void)self->shutdown_->run(ShutdownReason::actor_system_terminate); });
    node->add_terminate_task();
    Status begun = node->begin(std::move(transport));
    if (!begun.ok()) {
        (void)node->close(0);
        return begun;
    }
    return node;
}

// A node that drops what the members of its cluster send cannot join one.
static Status check_trust(const Config &config) {
    const std::vector<std::string> trusted = config.list("remote.trusted-selection-paths");
    const bool joins = config.boolean("cluster.enabled") && !config.list("cluster.seed-nodes").empty();
    if (joins && config.boolean("remote.untrusted-mode") &&
        std::find(trusted.begin(), trusted.end(), "/system/cluster") == trusted.end()) {
        return Status(Code::BAD_VALUE, "remote.untrusted-mode: what the nodes of cluster.seed-nodes send would be "
                                       "dropped; add /system/cluster to remote.trusted-selection-paths, or leave "
                                       "cluster.seed-nodes empty");
    }
    return {};
}

Status Node::begin(std::unique_ptr<Transport> transport) {
    const Config &config = system_->config();
    if (Status checked = check_trust(config); !checked.ok()) {
        return checked;
    }
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
    if (config.boolean("shutdown.on-sigterm")) {
        Status started = termination_.start([this] { (void)shutdown_->run(ShutdownReason::process_exit); });
        if (!started.ok()) {
            return started;
        }
    }
    if (remoting_ && config.boolean("cluster.enabled")) {
        if (Status begun = begin_membership(); !begun.ok()) {
            return begun;
        }
    }
    return config.text("control.socket").empty() ? Status() : open_control_socket();
}

Status Node::open_control_socket() {
    if (!cluster_) {
        return Status(Code::BAD_VALUE,
                      "control.socket: it is about membership, and cluster.enabled or remote.enabled is "
                      "off; expected nothing");
    }
    Result<std::unique_ptr<ControlSocket>> socket = ControlSocket::open(
        system_->config().text("control.socket"),
        [service = ControlService(cluster_)](std::string_view line) { return service.answer(line); }, system_->log());
    if (!socket.ok()) {
        return std::move(socket.status());
    }
    control_ = std::move(socket.value());
    return {};
}

// The cluster decides which nodes are there, and remoting acts upon it. A node that is to be no member any more shuts
// down.
Status Node::begin_membership() {
    ClusterHooks hooks;
    hooks.member = [remoting = remoting_](const Address &node, bool member) { remoting->set_member(node, member); };
    hooks.node_lost = [remoting = remoting_](const UniqueAddress &node, const std::string &reason) {
        remoting->node_lost(node.address, node.uid, reason);
    };
    hooks.exiting = [shutdown = shutdown_] { (void)shutdown->run(ShutdownReason::cluster_leaving); };
    hooks.gave_up = [shutdown = shutdown_](bool incompatible) {
        (void)shutdown->run(incompatible ? ShutdownReason::incompatible_configuration_detected
                                         : ShutdownReason::cluster_join_unsuccessful);
    };
    const bool when_downed = system_->config().boolean("shutdown.when-downed");
    hooks.ended = [shutdown = shutdown_, when_downed](bool downed) {
        if (when_downed || !downed) {
            (void)shutdown->run(downed ? ShutdownReason::cluster_downing : ShutdownReason::cluster_leaving);
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
    add_cluster_tasks();
    cluster_->start();
    return {};
}

// What the engine itself does in the phases: leaves the cluster while everything still works, and stops the actors
// while remoting still carries their last words. end() does the rest.
void Node::add_cluster_tasks() {
    Cluster *cluster = cluster_.get();
    add_task(phases::cluster_leave, "leave the cluster", [cluster](const Done &done) {
        (void)cluster->leave(cluster->self().address);  // refused when it is no member: then that is done
        done();
    });
    add_task(phases::cluster_exiting, "wait until the others know",
             [cluster](const Done &done) { cluster->when_exiting(done); });
    add_task(phases::cluster_exiting_done, "let the others go on", [cluster](const Done &done) {
        cluster->confirm_exit();
        done();
    });
    add_task(phases::cluster_shutdown, "end the membership",
             [cluster](const Done &done) { cluster->when_ended(done); });
}

void Node::add_terminate_task() {
    add_task(phases::actor_system_terminate, "stop the actors",
             [system = system_.get()](const Done &done) { system->begin_stop(done); });
}

void Node::add_task(std::string_view phase, const char *name, std::function<void(const Done &)> begin) {
    // Who says that it is done holds the shutdown; the shutdown does not hold itself.
    const auto begun = [shutdown = shutdown_.get(), begin = std::move(begin)](TaskNumber task) {
        begin([held = Ptr<CoordinatedShutdown>(shutdown), task] { held->complete(task, {}); });
    };
    if (const Result<TaskNumber> added = shutdown_->add(phase, name, begun); !added.ok()) {
        system_->log().error(added.status().message());
    }
}

Result<std::vector<PeerReport>> Node::peers() const {
    if (!remoting_) {
        return Status(Code::BAD_STATE, "this system has no peers: remote.enabled is off");
    }
    Result<std::vector<PeerReport>> reports = remoting_->peers();
    if (reports.ok() && cluster_) {
        for (PeerReport &peer : reports.value()) {
            peer.phi = std::max(peer.phi, cluster_->phi({peer.address, peer.uid}));
        }
    }
    return reports;
}

Status Node::reload_keys() const {
    return remoting_ ? remoting_->reload_keys()
                     : Status(Code::BAD_STATE, "this system has no keys: remote.enabled is off");
}

Node::~Node() {
    if (!shutdown_) {  // it did not get so far
        if (system_) {
            (void)patiently([&] { return system_->close(0); });
        }
    } else if (!closed()) {
        waiting_ = 1;
        (void)patiently([&] { return shutdown_->run(ShutdownReason::unknown, {}, 0); });
        (void)wait_and_end();
    }
}

Status Node::shut_down(ShutdownReason reason, std::string_view from, Nanos within) {
    const bool wait = !system_->on_own_thread();
    {
        std::lock_guard lock(mutex_);
        waiting_ += wait ? 1 : 0;
    }
    Status begun = Status(Code::NO_MEMORY, "");
    (void)if_memory_allows([&] { begun = shutdown_->run(reason, from, within); });
    Status outcome = wait && begun.ok() ? wait_and_end() : std::move(begun);
    std::lock_guard lock(mutex_);
    waiting_ -= wait ? 1 : 0;
    return outcome;
}

// Whoever waits ends what is left when the phases are done; nobody: a thread for it.
void Node::phases_done(Status outcome, Nanos deadline) {
    {
        std::lock_guard lock(mutex_);
        state_ = State::phases_done;
        deadline_ = deadline;
        outcome_ = outcome.code();
        patiently([&] { outcome_text_ = outcome.message(); });
        changed_.notify_all();
        if (waiting_ > 0) {
            return;
        }
    }
    Status begun = Status(Code::NO_MEMORY, "");
    (void)if_memory_allows([&] {
        begun = system_->run_elsewhere("motet-close", [self = Ptr<Node>(this)] { (void)self->wait_and_end(); });
    });
    if (!begun.ok()) {
        system_->log().write(LogLevel::error,
                             [&] { return "the system ends when it is closed or freed: " + begun.message(); });
    }
}

Status Node::wait_and_end() {
    constexpr Nanos kLongest = 365 * 24 * 3600 * kSecond;  // phases end by themselves, at their timeouts
    std::unique_lock lock(mutex_);
    const auto due = [this] { return state_ == State::phases_done || state_ == State::closed; };
    if (!system_->await(lock, changed_, kLongest, due)) {
        return Status(Code::TIMEOUT, "system \"" + system_->name() + "\": its shutdown does not end");
    }
    if (state_ == State::phases_done) {
        state_ = State::ending;
        lock.unlock();
        const Status ended = patiently([&] { return end(deadline_); });
        lock.lock();
        if (outcome_ == Code::OK) {
            outcome_ = ended.code();
            patiently([&] { outcome_text_ = ended.message(); });
        }
        state_ = State::closed;
        changed_.notify_all();
    }
    return outcome_ == Code::OK ? Status() : Status(outcome_, outcome_text_);
}

Status Node::end(Nanos deadline) {
    constexpr Nanos kMostLingering = 1 * kSecond;
    const auto left = [&] { return std::max<Nanos>(deadline - system_->clock().now().mono, 0); };
    termination_.stop();
    control_.reset();
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
    if (system_->await(lock, changed_, timeout, [this] { return state_ == State::closed; })) {
        return {};
    }
    return Status(Code::TIMEOUT, "system \"" + system_->name() + "\" had not closed after " +
                                     std::to_string(std::max<Nanos>(timeout, 0) / kMillisecond) + " ms");
}

bool Node::closed() const {
    std::lock_guard lock(mutex_);
    return state_ == State::closed;
}

}  // namespace motet
