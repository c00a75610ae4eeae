#include "core/actor/actor_types.h"

#include "core/message/type_table.h"
#include "core/message/wire.h"

namespace motet {

Status ActorTypes::add(const std::string &type, Ptr<const Props> props) {
    if (type.empty() || type.size() > TypeTable::kMaxNameSize || !wire::is_printable(type) || is_engines(type)) {
        return {Code::BAD_NAME, "actor type \"" + type.substr(0, 64) +
                                    "\": a name has 1 to 255 printable characters of ASCII and does not begin with "
                                    "\"motet.\""};
    }
    if (!props->made_elsewhere() && (!props->make_behavior || props->foreign)) {
        return {Code::INVALID, "actor type \"" + type + "\": its props have no behaviour, or are those of one actor"};
    }
    const std::lock_guard lock(mutex_);
    return types_.emplace(type, std::move(props)).second
               ? Status()
               : Status(Code::NAME_TAKEN, "actor type \"" + type + "\" is registered already");
}

Ptr<const Props> ActorTypes::complete(Ptr<const Props> asked) const {
    if (asked->type.empty() || asked->make_behavior || asked->foreign) {
        return asked;
    }
    const Ptr<const Props> known = find(asked->type);
    if (!known) {
        return asked;
    }
    Ptr<Props> whole = known->copy();
    whole->type = asked->type;
    whole->arguments = asked->arguments;
    whole->node = asked->node;
    whole->supervision = asked->supervision;
    if (asked->spawner) {
        whole->spawner = asked->spawner;
    }
    return whole;
}

Ptr<const Props> ActorTypes::find(const std::string &type) const {
    const std::lock_guard lock(mutex_);
    const auto found = types_.find(type);
    return found == types_.end() ? nullptr : found->second;
}

void ActorTypes::clear() {
    std::map<std::string, Ptr<const Props>> types;  // freed after the lock is
    const std::lock_guard lock(mutex_);
    types.swap(types_);
}

std::vector<std::string> ActorTypes::names() const {
    std::vector<std::string> names;
    const std::lock_guard lock(mutex_);
    for (const auto &[name, props] : types_) {
        names.push_back(name);
    }
    return names;
}

}  // namespace motet
