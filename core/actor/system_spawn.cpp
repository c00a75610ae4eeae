// The actors of a system: how they are made, by their props and by configuration, and noticed to have ended.
#include "core/actor/cell.h"
#include "core/actor/foreign.h"
#include "core/actor/system.h"
#include "core/base/random.h"

namespace motet {

// Refuses what is deployed and can never work.
Status System::read_deployments() {
    Result<Deployments> read = Deployments::read(config_);
    if (!read.ok()) {
        return std::move(read.status());
    }
    deployments_ = std::move(read.value());
    for (const Deployment &deployment : deployments_.all()) {
        Props props;
        Status known = deploy(props, deployment);
        if (known.ok()) {
            known = dispatchers_.check(props.dispatcher);
        }
        if (Result<MailboxSettings> mailbox = mailboxes_.of(props); known.ok() && !mailbox.ok()) {
            known = std::move(mailbox.status());
        }
        if (!known.ok()) {
            return {known.code(), "actor.deployment.\"" + deployment.path + "\": " + known.message()};
        }
    }
    return {};
}

Status System::deploy(Props &props, const Deployment &deployment) const {
    return seams_.deploy ? seams_.deploy(props, deployment.properties)
                         : set_actor_properties(props, deployment.properties);
}

// What an actor of users is made of when the configuration has its say.
Result<Ptr<const Props>> System::deployed(const Cell &parent, const std::string &name, Ptr<const Props> props) const {
    std::vector<std::string> names = {name};
    const Cell *above = &parent;
    for (; above->parent() && above->parent()->parent(); above = above->parent()) {
        names.insert(names.begin(), above->name());
    }
    const Deployment *deployment = above->name() == "user" ? deployments_.find(names) : nullptr;
    if (!deployment) {
        return props;
    }
    Ptr<Props> changed = props->copy();
    if (Status set = deploy(*changed, *deployment); !set.ok()) {
        return Status(set.code(), "actor.deployment.\"" + deployment->path + "\": " + set.message());
    }
    if (parent.routing()) {
        changed->spawner = props->spawner;  // "/router/**" does not make routers of its routees, without end
    }
    return Ptr<const Props>(changed);
}

uint64_t System::next_incarnation() {
    uint64_t number = Random::mix(uid_ + incarnations_.fetch_add(1, std::memory_order_relaxed)) & 0xffffffffu;
    return number != 0 ? number : 1;
}

Result<Ptr<Cell>> System::spawn(Cell &parent, Ptr<const Props> props, const std::string &name, bool named) {
    if (named) {
        if (Status valid = check_actor_name(name); !valid.ok()) {
            return valid;
        }
    }
    ActorName own_name = named ? ActorName::of(name) : parent.family().next_name();
    props = actor_types_.complete(std::move(props));
    if (!deployments_.empty()) {
        Result<Ptr<const Props>> changed = deployed(parent, own_name.text(), std::move(props));
        if (!changed.ok()) {
            return std::move(changed.status());
        }
        props = std::move(changed.value());
    }
    if (props->node && !is_own(*props->node)) {
        return remote_ ? remote_->spawn(parent, *props, std::move(own_name))
                       : Status(Code::BAD_ADDRESS, "actor \"" + own_name.text() + "\": it is to be created at " +
                                                       props->node->text() + ", but remote.enabled is off here");
    }
    return create_here(parent, std::move(props), std::move(own_name));
}

Result<Ptr<Cell>> System::create_here(Cell &parent, Ptr<const Props> props, ActorName name) {
    return props->spawner ? props->spawner->spawn(parent, *props, std::move(name))
                          : create(parent, std::move(props), std::move(name));
}

Result<Ptr<Cell>> System::create(Cell &parent, Ptr<const Props> props, ActorName name) {
    if (closing_.load()) {
        return Status(Code::CLOSED, "actor \"" + name.text() + "\" was not created: the system is closing");
    }
    if (!props->make_behavior && !props->foreign) {
        return Status(Code::INVALID, "actor \"" + name.text() + "\": " +
                                         (props->type.empty() ? "its props have no behaviour"
                                                              : "no actor type \"" + props->type +
                                                                    "\" is registered here, at " + address().text()));
    }
    if (props->made_elsewhere()) {
        if (props->type.empty() && props->foreign_props == 0) {
            return Status(Code::INVALID, "actor \"" + name.text() +
                                             "\": the number 0 is for actors that are made by the name of their type");
        }
        Ptr<Props> numbered = props->copy();
        numbered->foreign_number = props->foreign->next_number();
        props = std::move(numbered);
    }
    Result<MailboxSettings> mailbox = mailboxes_.of(*props);
    if (!mailbox.ok()) {
        return std::move(mailbox.status());
    }
    Status added = Status(Code::NO_MEMORY, "");
    Dispatcher *runs = nullptr;
    if (props->run_elsewhere()) {
        runs = props->foreign.get();
    } else if (props->dispatcher == "default") {
        runs = default_;
    } else {
        Result<Dispatcher *> found = dispatchers_.get(props->dispatcher);
        if (!found.ok()) {
            return std::move(found.status());
        }
        runs = found.value();
    }
    Ptr<Cell> cell;
    (void)if_memory_allows([&] {
        cell = make_counted<Cell>(*this, &parent, std::move(name), props, *runs, mailbox.value());
        Status joined = props->foreign ? props->foreign->add(*cell) : Status();
        added = joined.ok() ? parent.family().add(*cell) : std::move(joined);
    });
    if (!added.ok()) {
        let_go(*props, *runs, cell.get());
        return added;
    }
    cell->start();
    return cell;
}

// What was there for an actor that has ended, or was not made: cell is none then.
void System::let_go(const Props &props, Dispatcher &runs, const Cell *cell) {
    if (props.foreign && cell) {
        props.foreign->remove(*cell);
    } else if (props.dispatcher == "pinned") {
        dispatchers_.release(runs, *internal_);
    }
}

void System::cell_terminated(const Cell &cell) {
    let_go(cell.props(), cell.dispatcher(), &cell);
    if (!cell.parent() || !cell.parent()->parent()) {  // a guardian, whose end close() waits for
        std::function<void()> stopped;
        {
            std::lock_guard lock(mutex_);
            if (&cell == user_.get()) {
                stopped = std::exchange(users_stopped_, nullptr);
            }
        }
        terminated_.notify_all();
        if (stopped) {
            stopped();
        }
    }
}

Status System::keep(ForeignDispatcher &dispatcher) {
    std::lock_guard lock(mutex_);
    if (shut_down_) {
        return Status(Code::CLOSED, "the system is closed");
    }
    foreign_.push_back(Ptr<ForeignDispatcher>(&dispatcher));
    return {};
}

void System::forget(const ForeignDispatcher &dispatcher) {
    std::lock_guard lock(mutex_);
    std::erase_if(foreign_, [&](const Ptr<ForeignDispatcher> &kept) { return kept.get() == &dispatcher; });
}

}  // namespace motet
