#include "core/remote/association.h"

#include <algorithm>

namespace motet {

using EffectKind = Association::Effect::Kind;

const char *Association::name(State state) {
    switch (state) {
    case State::idle:
        return "idle";
    case State::handshaking:
        return "handshaking";
    case State::active:
        return "active";
    case State::gated:
        return "gated";
    case State::quarantined:
        return "quarantined";
    }
    return "";
}

Association::Effects Association::start_handshake(Now now) {
    state_ = State::handshaking;
    last_failure_.clear();
    until_ = now.mono + settings_.handshake_timeout;
    retry_at_ = now.mono + settings_.handshake_retry;
    return {{EffectKind::connect, {}}, {EffectKind::send_hello, {}}};
}

Association::Effects Association::activate(uint64_t uid, bool inbound) {
    Effects effects;
    if (uid_ != 0 && uid_ != uid) {
        if (state_ == State::active) {
            effects.push_back({EffectKind::reset, "the node was started again"});
        }  // else what waits was sent to whoever would answer
        effects.push_back({EffectKind::new_life, {}});
    }
    uid_ = uid;
    state_ = State::active;
    inbound_ = inbound;
    probing_ = false;
    effects.push_back({EffectKind::associated, {}, inbound});
    return effects;
}

Association::Effects Association::gate(Now now, Effect::Kind event, const std::string &reason) {
    state_ = is_quarantined(uid_) ? State::quarantined : State::gated;
    until_ = now.mono + settings_.gate_time;
    probing_ = false;
    return {{EffectKind::reset, reason}, {event, reason, inbound_ && event == EffectKind::disassociated}};
}

Association::Effects Association::unused(const std::string &reason) {
    if (state_ != State::active) {
        return {};
    }
    state_ = State::idle;
    return {{EffectKind::close, reason}, {EffectKind::disassociated, reason, inbound_}};
}

Association::Effects Association::wanted(Now now) {
    if (state_ == State::idle || (state_ == State::gated && now.mono >= until_)) {
        return start_handshake(now);
    }
    if (state_ == State::quarantined && !probing_ && now.mono >= until_) {
        probing_ = true;
        until_ = now.mono + settings_.gate_time;
        return {{EffectKind::connect, {}}, {EffectKind::send_hello, {}}};
    }
    return {};
}

Association::Effects Association::hello(uint64_t uid) {
    if (is_quarantined(uid)) {
        return {{EffectKind::send_reject, quarantine_reason_}};
    }
    Effects effects;
    if (state_ != State::active || uid_ != uid) {
        effects = activate(uid, true);
    }
    effects.push_back({EffectKind::send_welcome, {}});
    return effects;
}

Association::Effects Association::welcome(Now now, uint64_t uid) {
    if (state_ != State::handshaking && !probing_) {
        return {};
    }
    if (is_quarantined(uid)) {
        uid_ = uid;
        return gate(now, EffectKind::association_error, "the node there is quarantined: " + quarantine_reason_);
    }
    return activate(uid, false);
}

Association::Effects Association::rejected(Now now, wire::RejectCode code, const std::string &reason) {
    if (state_ == State::active && code == wire::RejectCode::no_handshake) {
        // The peer does not know this life, or is not the life it was taken for.
        Effects effects = {{EffectKind::reset, reason}, {EffectKind::disassociated, reason, inbound_}};
        Effects handshake = start_handshake(now);
        std::move(handshake.begin(), handshake.end(), std::back_inserter(effects));
        return effects;
    }
    const bool by_quarantine = code == wire::RejectCode::quarantined;
    Effects effects;
    if (state_ == State::active && by_quarantine) {
        effects = gate(now, EffectKind::disassociated, reason);
    } else if (state_ == State::handshaking && code != wire::RejectCode::no_handshake) {
        effects = gate(now, EffectKind::association_error, reason);
    } else {
        return {};
    }
    if (by_quarantine) {
        effects.push_back({EffectKind::quarantined_by_peer, reason});
    }
    return effects;
}

Association::Effects Association::link_lost(Now now, const std::string &reason) {
    // While shaking hands the transport goes on trying until the time is over: the peer may be just about to start.
    last_failure_ = reason;
    return state_ == State::active ? gate(now, EffectKind::disassociated, reason) : Effects();
}

Association::Effects Association::goodbye(Now now, const std::string &reason) {
    return state_ == State::active ? gate(now, EffectKind::disassociated, reason) : Effects();
}

Association::Effects Association::quarantine(Now now, uint64_t uid, const std::string &reason) {
    if (uid == 0 || is_quarantined(uid)) {
        return {};
    }
    if (quarantined_.size() >= kMaxQuarantined) {
        quarantined_.erase(quarantined_.begin());
    }
    quarantined_.insert(uid);
    quarantine_reason_ = reason;
    if (uid != uid_) {
        return {};
    }
    state_ = State::quarantined;
    probing_ = false;
    until_ = now.mono + settings_.gate_time;
    return {{EffectKind::quarantined, reason, inbound_}, {EffectKind::reset, reason}, {EffectKind::new_life, {}}};
}

Association::Effects Association::tick(Now now) {
    if (state_ == State::gated && now.mono >= until_) {
        state_ = State::idle;
    }
    if (probing_ && now.mono >= until_) {
        probing_ = false;
        until_ = now.mono + settings_.gate_time;
        return {{EffectKind::reset, quarantine_reason_}};
    }
    if (state_ != State::handshaking) {
        return {};
    }
    if (now.mono >= until_) {
        return gate(now, EffectKind::association_error,
                    "no answer to the handshake within " + std::to_string(settings_.handshake_timeout / kMillisecond) +
                        " ms" + (last_failure_.empty() ? "" : "; at last: " + last_failure_));
    }
    if (now.mono >= retry_at_) {
        retry_at_ = now.mono + settings_.handshake_retry;
        return {{EffectKind::send_hello, {}}};
    }
    return {};
}

std::optional<Nanos> Association::deadline() const {
    switch (state_) {
    case State::handshaking:
        return std::min(until_, retry_at_);
    case State::gated:
        return until_;
    case State::quarantined:
        return probing_ ? std::optional(until_) : std::nullopt;
    default:
        return std::nullopt;
    }
}

}  // namespace motet
