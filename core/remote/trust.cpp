#include "core/remote/trust.h"

#include "core/actor/path.h"

namespace motet {

// Whether a path means one incarnation of one actor, which only those know to whom it was made known.
static bool names_one_life(std::string_view path) {
    const Result<ActorPath> parsed = ActorPath::parse(path);
    return parsed.ok() && parsed.value().exact() && parsed.value().incarnation != 0;
}

// What wraps a message of any type is as harmful as the worst of them.
Trust::Trust(const Config &config, TypeTable &types)
    : untrusted_(config.boolean("remote.untrusted-mode")),
      harmful_(
          {types::poison_pill, types::kill, types::terminated, types::broadcast, types::consistent_hashable_envelope}) {
    for (const std::string &name : config.list("remote.possibly-harmful-types")) {
        if (const Result<TypeId> type = types.intern_any(name); type.ok()) {
            harmful_.insert(type.value());
        }
    }
    for (std::string &path : config.list("remote.trusted-selection-paths")) {
        trusted_paths_.insert(std::move(path));
    }
}

bool Trust::admits(TypeId type, std::string_view path) const {
    if (!untrusted_) {
        return true;
    }
    return harmful_.count(type) == 0 && (trusted_paths_.count(std::string(path)) > 0 || names_one_life(path));
}

}  // namespace motet
