#include "core/remote/stand_in.h"

#include "core/actor/cell.h"
#include "core/actor/dead_letters.h"
#include "core/message/signals.h"
#include "core/remote/remoting.h"

namespace motet {

namespace {

class StandIn final : public Behavior {
  public:
    explicit StandIn(Ptr<RemoteChild> child) : child_(std::move(child)) {}

    Code receive(Context &context, const Envelope &envelope) override {
        Remoting &remoting = child_->actor->peer().remoting;
        switch (envelope.type()) {
        case types::pre_start:
            remoting.create_there(child_, context.self());
            context.self().watch(*child_->actor);
            return Code::OK;
        case types::pre_restart:
            return Code::OK;
        case types::post_restart:
            child_->undecided = false;
            remoting.order(child_, ChildOrder::restart, decode_failure(envelope.payload()));
            return Code::OK;
        case types::post_stop:
            if (!child_->gone) {
                remoting.order(child_, ChildOrder::stop, {});
            }
            return Code::OK;
        case types::terminated:
            child_->gone = true;
            context.self().deliver_system(SystemMessage::certain({SystemKind::stop, {}}));
            return Code::OK;
        case types::remote_child:
            return hear(context, remoting, static_cast<ChildNews>(envelope.payload()[0]));
        default:
            return pass_on(context, envelope);
        }
    }

  private:
    // What cannot be passed on is a dead letter, and no failure of this actor.
    Code pass_on(Context &context, const Envelope &envelope) {
        if (child_->created) {
            (void)context.forward(*child_->actor);
        } else if (context.stash() == Code::MAILBOX_FULL) {
            if (Envelope *copy = envelope.copy()) {
                context.system().dead_letters().take(copy, Code::MAILBOX_FULL, context.self());
            }
        }
        return Code::OK;
    }

    Code hear(Context &context, Remoting &remoting, ChildNews news) {
        if (news == ChildNews::created) {
            child_->created = true;
            (void)context.unstash_all();
        } else if (child_->undecided.exchange(false)) {
            remoting.order(child_, ChildOrder::resume, {});
        }
        return Code::OK;
    }

    const Ptr<RemoteChild> child_;
};

}  // namespace

Ptr<const Props> stand_in_props(Ptr<RemoteChild> child, const Supervision &supervision) {
    auto props = make_counted<Props>();
    props->make_behavior = [child](Context &) -> Result<std::unique_ptr<Behavior>> {
        return std::unique_ptr<Behavior>(std::make_unique<StandIn>(child));
    };
    props->supervision = supervision;
    props->stash_capacity = 100'000;  // what is told to it before it is created
    return props;
}

}  // namespace motet
