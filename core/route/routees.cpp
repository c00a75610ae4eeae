#include "core/route/routees.h"

#include "core/actor/path.h"
#include "core/actor/selection.h"
#include "core/actor/system.h"

namespace motet {

Result<Routee> Routee::find(System &system, std::string_view path) {
    Result<ActorPath> parsed = ActorPath::parse(path);
    if (!parsed.ok()) {
        return std::move(parsed.status());
    }
    Result<Ref> resolved = system.resolve(parsed.value());
    if (!resolved.ok()) {
        return std::move(resolved.status());
    }
    Routee routee;
    routee.ref = std::move(resolved.value());
    routee.actor = Ptr<Cell>(Cell::from(routee.ref.get()));
    bool here = routee.actor || dynamic_cast<Selection *>(routee.ref.get()) != nullptr;
    routee.by_path = here && parsed.value().exact() && parsed.value().incarnation == 0;
    if (routee.by_path && routee.actor) {
        routee.ref = make_counted<Selection>(system, std::move(parsed.value().elements), 0);
    }
    return routee;
}

bool Routee::refresh() {
    if (!stale()) {
        return false;
    }
    std::vector<Ref> found = static_cast<Selection &>(*ref).receivers();
    Ptr<Cell> now(found.empty() ? nullptr : static_cast<Cell *>(found[0].get()));
    bool changed = now != actor;
    actor = std::move(now);
    return changed;
}

}  // namespace motet
