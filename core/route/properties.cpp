#include "core/route/properties.h"

#include "core/route/router_actor.h"

namespace motet {

static constexpr std::string_view kFromCode = "from-code";

static bool is_of_router(std::string_view key) { return key == "router" || key.starts_with("router."); }

Status set_property(Props &props, const std::string &key, const std::string &value) {
    if (!is_of_router(key)) {
        return set_actor_property(props, key, value);
    }
    RouterSettings settings = router_of(props);
    if (Status set = settings.set(key, value); !set.ok()) {
        return set;
    }
    props.spawner = router_spawner(std::move(settings));
    return {};
}

Status deploy(Props &props, const Properties &properties) {
    auto router = properties.find("router");
    const bool replaced = router != properties.end() && router->second != kFromCode;
    if (replaced) {
        props.spawner = nullptr;
    }
    for (const auto &[key, value] : properties) {
        if (key == "router" && value == kFromCode) {
            continue;
        }
        if (Status set = set_property(props, key, value); !set.ok()) {
            return set;
        }
    }
    return replaced ? router_of(props).check() : Status();
}

}  // namespace motet
