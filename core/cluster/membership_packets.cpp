// What a membership does with each kind of packet.
#include <algorithm>

#include "core/cluster/gossip.h"
#include "core/cluster/membership.h"

namespace motet {

namespace {

std::string protocol_mismatch(uint32_t theirs) {
    return "it speaks version " + std::to_string(theirs) + " of the cluster protocol, not " +
           std::to_string(kClusterProtocol);
}

}  // namespace

using Reason = IgnoredPackets::Reason;

void Membership::ignore(Now now, Reason reason, const Address &from, const std::string &what) {
    // Late packets come from and to those who have just ended.
    const bool usual = reason == Reason::not_for_us || reason == Reason::not_a_member;
    if (std::optional<std::string> line = ignored_.add(reason, "from " + from.text() + ": " + what, now.mono)) {
        log(usual ? LogLevel::debug : LogLevel::warning, std::move(*line));
    }
}

void Membership::handle(Now now, const Packet &packet, const Address &from) {
    if (packet.to != 0 && packet.to != self_.uid) {
        ignore(now, Reason::not_for_us, from, "a packet for an earlier life of this node");
        return;
    }
    // Who is a member must speak from where that member is. The others may only try to join, or be told how they stand.
    const Member *sender = state_.find(packet.from);
    const bool known = sender && sender->node.address == from;
    if (known) {
        monitor_.heard(packet.from, now.mono);
    } else if (packet.body.index() > 4) {
        ignore(now, Reason::not_a_member, from, "it is no member of this cluster, or not at that address");
        return;
    }
    std::visit([&](const auto &body) { on(now, packet, from, body); }, packet.body);
}

void Membership::on(Now now, const Packet &packet, const Address &from, const Hello &hello) {
    if (hello.system != self_.address.system) {
        refuse(packet.from, from, Code::JOIN_REFUSED,
               "its system is called " + hello.system + ", not " + self_.address.system);
    } else if (hello.protocol != kClusterProtocol) {
        refuse(packet.from, from, Code::VERSION_MISMATCH, protocol_mismatch(hello.protocol));
    } else if (!hello.cluster.zero() && !member() && join_.active()) {
        join_.invited(from, now);  // a cluster has found this node before this node has found it
        step_join(now);
    } else if (!hello.cluster.zero() && !(hello.cluster == cluster_)) {
        refuse(packet.from, from, Code::JOIN_REFUSED,
               "it belongs to cluster " + hello.cluster.text() + ", not to " + cluster_.text());
    } else {
        send(from, packet.from, Offer{member(), cluster_});
    }
}

void Membership::on(Now now, const Packet &, const Address &from, const Offer &offer) {
    if (!offer.note.empty() && join_.awaits(from)) {
        log(LogLevel::warning,
            "the configuration of this node differs from that of " + from.text() + ": " + offer.note);
    }
    join_.offered(from, offer.member, now);
    step_join(now);
}

Status Membership::refusal_of(const Member &joiner, const Address &from) const {
    if (!(joiner.node.address == from)) {
        return Status(Code::JOIN_REFUSED,
                      "it calls itself " + joiner.node.address.text() + " but speaks from " + from.text());
    }
    const Member *known = state_.find(joiner.uid());
    if (state_.was_removed(joiner.uid()) || (known && known->gone())) {
        return Status(Code::QUARANTINED, "this life of it was declared down or has left; it must be restarted");
    }
    if (!known && is_ending(state_.members())) {
        return Status(Code::JOIN_REFUSED, "the whole cluster prepares for its shutdown");
    }
    if (!known && state_.members().size() >= kMaxMembers) {
        return Status(Code::JOIN_REFUSED, "the cluster has " + std::to_string(kMaxMembers) + " members, the limit");
    }
    return {};
}

void Membership::on(Now now, const Packet &packet, const Address &from, const Join &join) {
    if (!member()) {
        send(from, packet.from, Offer{false, cluster_});
        return;
    }
    if (join.protocol != kClusterProtocol) {
        refuse(packet.from, from, Code::VERSION_MISMATCH, protocol_mismatch(join.protocol));
        return;
    }
    if (Status status = refusal_of(join.joiner, from); !status.ok()) {
        refuse(packet.from, from, status.code(), status.message());
        return;
    }
    if (!state_.find(packet.from)) {
        const Difference differs = difference(join.requirements, settings_.requirements);
        if (!differs.fatal.empty()) {
            refuse(packet.from, from, Code::INCOMPATIBLE, "its configuration does not fit: " + differs.fatal);
            return;
        }
        if (!differs.logged.empty()) {
            log(LogLevel::warning, "the configuration of " + from.text() + " differs: " + differs.logged);
            send(from, packet.from, Offer{true, cluster_, differs.logged});
        }
    }
    admit(now, join.joiner);
    send(from, packet.from, compose_welcome(state_, cluster_, self_.uid, packet.from));
}

// A new life at an address is proof that the old one is over.
void Membership::admit(Now now, const Member &joiner) {
    if (state_.find(joiner.uid())) {
        return;
    }
    if (const Member *predecessor = state_.living_at(joiner.node.address)) {
        Member downed = *predecessor;
        downed.status = MemberStatus::down;
        state_.apply(downed, now.mono);
    }
    Member member;
    member.node = joiner.node;
    member.roles = joiner.roles;
    member.version = joiner.version;
    state_.apply(member, now.mono);
}

void Membership::refuse(uint64_t uid, const Address &whom, Code code, const std::string &reason) {
    const std::string text = whom.text() + " may not join: " + reason;
    log(LogLevel::warning, text);
    tell_refused(whom, code, text);
    send(whom, uid, Refusal{code, reason});
}

// Who was let in without ever hearing of it, and then given up as silent, learns it so.
void Membership::on(Now now, const Packet &packet, const Address &from, const Refusal &refusal) {
    const bool over = refusal.code == Code::QUARANTINED && packet.to == self_.uid && join_.awaits(from);
    on_refused(now, from, refusal.code, refusal.reason);
    if (over) {
        join_.cancel();
        end(true);
    }
}

void Membership::on_refused(Now, const Address &by, Code code, const std::string &reason) {
    const bool was_joining = join_.active();
    const bool over = join_.refused(by);
    if (!was_joining || ended_) {
        return;
    }
    const std::string text = by.text() + " refused this node: " + reason;
    log(LogLevel::error, over ? text + "; no other node is left to ask" : text);
    tell_refused(by, code, text);
    if (over && code == Code::INCOMPATIBLE) {
        effects_.emplace_back(GiveUpJoining{true});
    }
}

void Membership::tell_refused(const Address &address, Code code, const std::string &text) {
    ClusterEvent event{ClusterEvent::Kind::join_refused};
    event.address = address;
    event.code = code;
    event.error = text;
    effects_.emplace_back(EmitEvent{std::move(event)});
}

void Membership::on(Now now, const Packet &packet, const Address &from, const Gossip &gossip) {
    if (!member()) {
        const auto has = [&](uint64_t uid) {
            return std::any_of(gossip.members.begin(), gossip.members.end(),
                               [uid](const Member &m) { return m.uid() == uid && !m.gone(); });
        };
        if (!gossip.welcome || !join_.awaits(from) || !has(self_.uid) || !has(packet.from)) {
            ignore(now, Reason::not_a_member, from, "gossip, while this node is no member of a cluster");
            return;
        }
        join_.cancel();
        cluster_ = gossip.cluster;
    } else if (!(gossip.cluster == cluster_)) {
        ignore(now, Reason::other_cluster, from,
               "it belongs to cluster " + gossip.cluster.text() + ", this node to " + cluster_.text());
        return;
    } else if (!state_.find(packet.from)) {
        ignore(now, Reason::not_a_member, from, "it is no member of this cluster any more");
        // Who has removed this node too would answer the same for ever: two sides that have given each other up stay
        // apart.
        const Member *tombstone = state_.known(packet.from);
        if (tombstone && gossip.answers == 0) {
            send(from, packet.from, compose_obituary(state_, cluster_, *tombstone));
        }
        return;
    }
    name_implausible(now, from, gossip);
    const Repair allowed{now.mono >= next_asking_ || gossip.welcome, differences_told_ < kMostDifferencesTold};
    GossipOutcome outcome = receive_gossip(state_, gossip, packet.from, self_.uid, now.mono, allowed);
    next_asking_ = outcome.repair.ask ? now.mono + settings_.gossip_interval : next_asking_;
    differences_told_ += outcome.repair.tell ? 1 : 0;
    for (Gossip &answer : outcome.answers) {
        send(from, packet.from, std::move(answer));
    }
}

// What a member tells cannot be taken back by another, and the state keeps it from being; here it gets a name.
void Membership::name_implausible(Now now, const Address &from, const Gossip &gossip) {
    for (const Member &told : gossip.members) {
        const Member *known = state_.find(told.uid());
        if (known && !(known->node.address == told.node.address)) {
            ignore(now, Reason::implausible, from,
                   "uid " + std::to_string(told.uid()) + " at " + told.node.address.text() + ", which is that of " +
                       known->node.address.text());
        } else if (known && known->uid() == self_.uid &&
                   (told.incarnation > known->incarnation || told.observed > known->observed)) {
            ignore(now, Reason::implausible, from, "a version of this node that it has never told");
        }
    }
}

void Membership::on(Now, const Packet &packet, const Address &, const Heartbeat &heartbeat) {
    send(packet.from, HeartbeatReply{heartbeat.sequence, heartbeat.origin, self_.uid});
}

// An answer that was asked for on behalf of another is passed on to it.
void Membership::on(Now now, const Packet &packet, const Address &, const HeartbeatReply &reply) {
    if (reply.origin != self_.uid) {
        if (reply.subject == packet.from) {
            send(reply.origin, reply);
        }
        return;
    }
    monitor_.answered(reply.subject, reply.sequence, reply.subject != packet.from, now.mono);
}

void Membership::on(Now, const Packet &packet, const Address &, const ProbeRequest &request) {
    send(request.subject, Heartbeat{request.sequence, packet.from});
}

void Membership::on(Now, const Packet &packet, const Address &, const Farewell &) { departed_.insert(packet.from); }

void Membership::step_join(Now now) {
    const JoinProcess::Step step = join_.step(now);
    if (step.look_up) {
        effects_.emplace_back(LookUp{});
    }
    for (const Address &seed : step.hello) {
        send(seed, 0, Hello{kClusterProtocol, self_.address.system, cluster_});
    }
    if (step.join) {
        Member joiner;
        joiner.node = self_;
        joiner.roles = settings_.roles;
        joiner.version = settings_.version;
        send(*step.join, 0, Join{kClusterProtocol, joiner, settings_.requirements});
    }
    if (step.given_up) {
        tell_refused(self_.address, Code::TIMEOUT,
                     "no cluster let this node in within " + std::to_string(settings_.join.give_up / kMillisecond) +
                         " ms");
        effects_.emplace_back(GiveUpJoining{false});
    }
    if (step.found) {
        found_cluster(now);
    }
}

void Membership::found_cluster(Now now) {
    cluster_ = {random_.next(), random_.next()};
    Member own;
    own.node = self_;
    own.roles = settings_.roles;
    own.version = settings_.version;
    state_.apply(own, now.mono);
    log(LogLevel::info, "founded cluster " + cluster_.text());
}

}  // namespace motet
