#include "core/actor/deployment.h"

#include <algorithm>
#include <string_view>

#include "core/actor/path.h"

namespace motet {

namespace {

constexpr std::string_view kRest = "**";

enum class Kind { exact, any, prefix, rest };

Kind kind_of(std::string_view pattern) {
    if (pattern == kRest) {
        return Kind::rest;
    }
    return pattern == "*" ? Kind::any : pattern.ends_with('*') ? Kind::prefix : Kind::exact;
}

bool matches_name(std::string_view pattern, std::string_view name) {
    Kind kind = kind_of(pattern);
    return kind == Kind::exact ? pattern == name : name.starts_with(pattern.substr(0, pattern.find('*')));
}

bool has_rest(const std::vector<std::string> &pattern) { return pattern.back() == kRest; }

bool matches_path(const std::vector<std::string> &pattern, const std::vector<std::string> &names) {
    size_t fixed = has_rest(pattern) ? pattern.size() - 1 : pattern.size();
    if (has_rest(pattern) ? names.size() <= fixed : names.size() != fixed) {
        return false;
    }
    return std::equal(pattern.begin(), pattern.begin() + static_cast<ptrdiff_t>(fixed), names.begin(), matches_name);
}

// Whether left is looked at before right.
bool before(const std::vector<std::string> &left, const std::vector<std::string> &right) {
    if (has_rest(left) != has_rest(right)) {
        return has_rest(right);
    }
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(),
                                        [](const std::string &one, const std::string &other) {
                                            Kind kind = kind_of(one);
                                            return kind != kind_of(other) ? kind < kind_of(other)
                                                   : kind == Kind::prefix ? one.size() > other.size()
                                                                          : false;
                                        });
}

Result<std::vector<std::string>> parse(const std::string &path) {
    auto bad = [&](const char *problem) {
        return Status(Code::BAD_VALUE, "actor.deployment.\"" + path + "\": " + problem);
    };
    if (!path.starts_with('/') || path.size() < 2) {
        return bad("a path begins with '/' and has a name, such as \"/service/worker\" or \"/service/*\"");
    }
    std::vector<std::string> pattern;
    for (size_t begin = 1; begin <= path.size();) {
        size_t end = std::min(path.find('/', begin), path.size());
        std::string part = path.substr(begin, end - begin);
        if (part == kRest ? end != path.size() : part.find('*') < part.size() - 1) {
            return bad("\"*\" may stand for a whole name or at its end, \"**\" only for the last of the path");
        }
        const std::string_view name = std::string_view(part).substr(0, part.find('*'));
        if (part != kRest && part != "*" && !check_actor_name(name).ok()) {
            return bad(("\"" + part + "\" is no name of an actor").c_str());
        }
        pattern.push_back(std::move(part));
        begin = end + 1;
    }
    return pattern;
}

}  // namespace

Result<Deployments> Deployments::read(const Config &config) {
    Deployments deployments;
    for (const std::string &path : config.names("actor.deployment")) {
        Result<std::vector<std::string>> pattern = parse(path);
        if (!pattern.ok()) {
            return std::move(pattern.status());
        }
        deployments.entries_.push_back(
            {std::move(pattern.value()), {path, config.texts("actor.deployment.<path>.<property>", path)}});
    }
    std::stable_sort(deployments.entries_.begin(), deployments.entries_.end(),
                     [](const Entry &left, const Entry &right) { return before(left.pattern, right.pattern); });
    return deployments;
}

std::vector<Deployment> Deployments::all() const {
    std::vector<Deployment> all;
    for (const Entry &entry : entries_) {
        all.push_back(entry.deployment);
    }
    return all;
}

const Deployment *Deployments::find(const std::vector<std::string> &names) const {
    auto found = std::find_if(entries_.begin(), entries_.end(),
                              [&](const Entry &entry) { return matches_path(entry.pattern, names); });
    return found == entries_.end() ? nullptr : &found->deployment;
}

}  // namespace motet
