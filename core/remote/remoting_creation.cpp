// Actors that are created on other nodes: the side of the parent, and that of the actor.
#include <algorithm>
#include <cstdio>

#include <msgpack.hpp>

#include "core/actor/actor_types.h"
#include "core/actor/cell.h"
#include "core/message/fields.h"
#include "core/remote/remote_ref.h"
#include "core/remote/remoting.h"
#include "core/remote/stand_in.h"

namespace motet {

namespace {

constexpr std::string_view kPlace = "$remote";  // the parent, below /user, of what others create here
constexpr size_t kMaxArguments = 32 * 1024;     // bytes
constexpr size_t kMaxCreated = 100'000;         // by one peer
constexpr const char *kOrders[] = {"restart", "resume", "stop"};

using Packer = msgpack::packer<msgpack::sbuffer>;

Bytes bytes_of(const msgpack::sbuffer &buffer) {
    return {reinterpret_cast<const uint8_t *>(buffer.data()), buffer.size()};
}

msgpack::sbuffer pack(const char *key, std::string_view what, const Status &status) {
    msgpack::sbuffer buffer;
    Packer packer(buffer);
    packer.pack_map(3).pack(key).pack(what);
    packer.pack("code").pack(static_cast<int32_t>(status.code()));
    packer.pack("error").pack(status.message());
    return buffer;
}

// The parent of what others create here: it only keeps them.
class Keeper final : public Behavior {
  public:
    Code receive(Context &, const Envelope &envelope) override {
        return is_signal(envelope.type()) ? Code::OK : Code::UNHANDLED;
    }
};

bool matches_any(const std::vector<std::string> &patterns, const std::string &type) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string &pattern) { return matches(pattern, type); });
}

}  // namespace

// The side of the parent.

Result<Ptr<Cell>> Remoting::spawn(Cell &parent, const Props &props, ActorName name) {
    const std::string who = "actor \"" + name.text() + "\": ";
    if (props.spawner) {
        return Status(Code::BAD_VALUE, who + "a router lives where it is spawned, not at " + props.node->text() +
                                           "; its routees may live elsewhere: router.target-nodes");
    }
    if (!trust_.complete()) {
        return Status(Code::UNTRUSTED, who +
                                           "a node in untrusted mode hears no system messages of others, and so cannot "
                                           "supervise an actor at " +
                                           props.node->text());
    }
    if (props.type.empty()) {
        return Status(Code::INVALID, who + "it is to be created at " + props.node->text() +
                                         ", and so its props must name a type that is registered there");
    }
    if (props.arguments && props.arguments->size() > kMaxArguments) {
        return Status(Code::TOO_LARGE, who + std::to_string(props.arguments->size()) + " bytes of arguments; at most " +
                                           std::to_string(kMaxArguments) + " go to another node");
    }
    Result<Ptr<Peer>> found = peer(*props.node);
    if (!found.ok()) {
        return std::move(found.status());
    }
    char unique[48];
    std::snprintf(unique, sizeof(unique), "-%llx-%llu", static_cast<unsigned long long>(system_.uid()),
                  static_cast<unsigned long long>(++created_there_));
    ActorPath path;
    path.address = *props.node;
    path.elements = {"user", std::string(kPlace), name.text().substr(0, kMaxNameSize - sizeof(unique)) + unique};
    auto child = make_counted<RemoteChild>();
    child->actor = make_counted<RemoteRef>(std::move(found.value()), path);
    child->type = props.type;
    child->arguments = props.arguments;
    return system_.create(parent, stand_in_props(std::move(child), props.supervision), std::move(name));
}

void Remoting::create_there(const Ptr<RemoteChild> &child, Cell &stand_in) {
    post([this, child, cell = Ptr<Cell>(&stand_in)](Now now) {
        Peer &peer = child->actor->peer();
        child->stand_in = cell;
        peer.children[child->actor->local_path()] = child;
        msgpack::sbuffer buffer;
        Packer packer(buffer);
        packer.pack_map(2).pack("type").pack(child->type).pack("arguments");
        const auto size = static_cast<uint32_t>(child->arguments ? child->arguments->size() : 0);
        packer.pack_bin(size);
        packer.pack_bin_body(size > 0 ? reinterpret_cast<const char *>(child->arguments->data()) : "", size);
        wire::System system;
        system.kind = wire::SystemKind::create;
        const std::string own = own_path(*cell);
        system.watchee = child->actor->local_path();
        system.watcher = own;
        system.content = bytes_of(buffer);
        add_reliable(peer, now, system);
    });
}

void Remoting::order(const Ptr<RemoteChild> &child, ChildOrder what, const Status &why) {
    post([this, child, what, code = why.code(), text = std::string(why.message())](Now now) {
        Peer &peer = child->actor->peer();
        const auto found = peer.children.find(child->actor->local_path());
        if (found == peer.children.end()) {
            return;  // it was never created, or its node is lost
        }
        const std::string own = own_path(*child->stand_in);
        if (what == ChildOrder::stop) {
            peer.children.erase(found);
            child->stand_in = nullptr;
        }
        const msgpack::sbuffer content = pack("order", kOrders[static_cast<size_t>(what)], {code, text});
        wire::System system;
        system.kind = wire::SystemKind::order;
        system.watchee = child->actor->local_path();
        system.watcher = own;
        system.content = bytes_of(content);
        add_reliable(peer, now, system);
    });
}

void Remoting::report(Peer &peer, const wire::System &system) {
    const auto fields = find_fields(system.content, {"report", "error"});
    const auto found = peer.children.find(std::string(system.watchee));
    if (!fields || !(*fields)[0].is(Field::Kind::text) || found == peer.children.end()) {
        return;  // of one that is stopped meanwhile
    }
    const Ptr<RemoteChild> child = found->second;
    const Ptr<Cell> cell = child->stand_in;
    const std::string_view what = (*fields)[0].bytes;
    const Status why = decode_failure(system.content);
    const auto tell = [&](ChildNews news) {
        const auto number = static_cast<uint8_t>(news);
        cell->deliver_tick(Envelope::certain(types::remote_child, {&number, 1}, nullptr, {}));
    };
    if (what == "created") {
        tell(ChildNews::created);
    } else if (what == "failed") {
        child->undecided = true;
        cell->deliver_system(SystemMessage::certain({SystemKind::fail, {}, why.code(), why.message()}));
        tell(ChildNews::decide);
    } else if (what == "refused" && cell->parent() != nullptr) {
        peer.children.erase(found);
        auto *failure = SystemMessage::certain({SystemKind::failed, Ref(cell), why.code(), why.message()});
        failure->initial = true;  // it has not begun: it is stopped
        failure->props = make_counted<Props>();
        cell->parent()->deliver_system(failure);
    }
}

// The side of the actor.

Status Remoting::may_create(const std::string &type) const {
    const Config &config = system_.config();
    if (!trust_.complete()) {
        return {Code::UNTRUSTED, text_ + " is in untrusted mode: other nodes create nothing there"};
    }
    if (matches_any(config.list("remote.creation.deny"), type) ||
        !matches_any(config.list("remote.creation.allow"), type)) {
        return {Code::REFUSED, "remote.creation.allow and remote.creation.deny of " + text_ +
                                   " do not let other nodes create actors of type \"" + type + "\""};
    }
    if (!system_.actor_types().find(type)) {
        std::string names;
        for (const std::string &name : system_.actor_types().names()) {
            names += (names.empty() ? "" : ", ") + name;
        }
        return {Code::NOT_FOUND, "no actor type \"" + type + "\" is registered at " + text_ +
                                     (names.empty() ? "; there are none" : "; there are: " + names)};
    }
    return {};
}

void Remoting::create_here(Peer &peer, Now now, const wire::System &system) {
    const std::string path(system.watchee);
    const std::string stand_in(system.watcher);
    const auto refuse = [&](const Status &why) {
        system_.log().warning("refused to create " + path + " for " + peer.text + ": " + why.message());
        send_report(peer, now, path, stand_in, "refused", why);
    };
    const auto fields = find_fields(system.content, {"type", "arguments"});
    const Result<ActorPath> parsed = ActorPath::parse(path);
    if (!fields || !(*fields)[0].is(Field::Kind::text) || !(*fields)[1].is(Field::Kind::binary) || !parsed.ok() ||
        parsed.value().elements.size() != 3 || parsed.value().elements[1] != kPlace || !parsed.value().exact()) {
        return refuse({Code::MALFORMED, "the request is not well formed"});
    }
    const std::string type((*fields)[0].bytes);
    if (Status may = may_create(type); !may.ok()) {
        return refuse(may);
    }
    if (peer.created.size() >= kMaxCreated) {
        return refuse({Code::QUEUE_FULL, "it has created " + std::to_string(kMaxCreated) + " actors here already"});
    }
    Ptr<Props> props = system_.actor_types().find(type)->copy();
    props->type = type;
    const std::string_view arguments = (*fields)[1].bytes;
    props->arguments = std::make_shared<const ByteVector>(arguments.begin(), arguments.end());
    props->supervision.elsewhere = [this, held = Ptr<Peer>(&peer), path, stand_in](Cell &child,
                                                                                   const SystemMessage &failure) {
        const std::string what = failure.initial ? "refused" : "failed";
        if (failure.initial) {
            child.deliver_system(SystemMessage::certain({SystemKind::stop, {}}));
        }
        post([this, held, path, stand_in, what, code = failure.code, why = failure.text](Now then) {
            send_report(*held, then, path, stand_in, what, {code, why});
        });
    };
    Result<Ptr<Cell>> made = system_.create_here(*keeper(), props, ActorName::of(parsed.value().elements[2]));
    if (!made.ok()) {
        return refuse(made.status());
    }
    peer.created[path] = made.value();
    watcher_.watch(now, peer.address);
    next_scan_ = 0;
    send_report(peer, now, path, stand_in, "created", {});
}

Ptr<Cell> Remoting::keeper() {
    if (!keeper_) {
        auto props = make_counted<Props>();
        props->make_behavior = [](Context &) -> Result<std::unique_ptr<Behavior>> {
            return std::unique_ptr<Behavior>(std::make_unique<Keeper>());
        };
        const Result<Ptr<Cell>> made =
            system_.create(*system_.user_guardian(), props, ActorName::of(std::string(kPlace)));
        keeper_ = made.ok() ? made.value() : system_.user_guardian();  // which is closing: nothing is created any more
    }
    return keeper_;
}

void Remoting::send_report(Peer &peer, Now now, const std::string &path, const std::string &stand_in,
                           std::string_view what, const Status &why) {
    const msgpack::sbuffer content = pack("report", what, why);
    wire::System system;
    system.kind = wire::SystemKind::report;
    system.watchee = path;
    system.watcher = stand_in;
    system.content = bytes_of(content);
    add_reliable(peer, now, system);
}

void Remoting::obey(Peer &peer, const wire::System &system) {
    const auto fields = find_fields(system.content, {"order"});
    const auto found = peer.created.find(std::string(system.watchee));
    if (!fields || !(*fields)[0].is(Field::Kind::text) || found == peer.created.end()) {
        return;
    }
    const Ptr<Cell> cell = found->second;
    const std::string_view what = (*fields)[0].bytes;
    const Status why = decode_failure(system.content);
    if (what == kOrders[0]) {
        cell->deliver_system(SystemMessage::certain({SystemKind::restart, {}, why.code(), why.message()}));
    } else if (what == kOrders[1]) {
        cell->deliver_system(SystemMessage::certain({SystemKind::resume, {}}));
    } else if (what == kOrders[2]) {
        peer.created.erase(found);
        cell->deliver_system(SystemMessage::certain({SystemKind::stop, {}}));
        forget_if_unneeded(peer);
    }
}

// Lets go of what has ended by itself.
void Remoting::forget_created(Peer &peer) {
    if (std::erase_if(peer.created, [](const auto &entry) { return entry.second->stopped(); }) > 0) {
        forget_if_unneeded(peer);
    }
}

// The life of the peer that wanted these is over.
void Remoting::stop_created(Peer &peer) {
    for (const auto &[path, cell] : std::exchange(peer.created, {})) {
        cell->deliver_system(SystemMessage::certain({SystemKind::stop, {}}));
    }
}

void Remoting::forget_if_unneeded(Peer &peer) {
    if (peer.watches.empty() && peer.created.empty()) {
        watcher_.forget(peer.address);
    }
}

}  // namespace motet
