// Deployments say by configuration, and against what the code says, how actors with certain paths are deployed.
//
// A path is relative to the guardian: "/service/worker" is /user/service/worker. In place of a name, "*" stands for any
// one name and "ab*" for names that begin with ab; "**" at the end for one or more further names. Of several that
// match, those without "**" come first; then, name by name from the left, the exact name comes before "*", that before
// "ab*", the longer before the shorter, and "**" last.
//
// What is deployed are properties of props: they take the place of those that the code has set.
//
// Knows: paths, keys. Must never know: what a property means.
// Source: the semantics of deployment in Akka, but for the choice among matches, which here looks at whole paths.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/actor/properties.h"
#include "core/base/status.h"
#include "core/config/config.h"

namespace motet {

struct Deployment {
    std::string path;  // as configured
    Properties properties;
};

class Deployments {
  public:
    // Errors: BAD_VALUE, for a path that is none.
    static Result<Deployments> read(const Config &config);

    bool empty() const { return entries_.empty(); }
    std::vector<Deployment> all() const;

    // What is configured for the actor with these names below its guardian; nullptr: nothing.
    const Deployment *find(const std::vector<std::string> &names) const;

  private:
    struct Entry {
        std::vector<std::string> pattern;
        Deployment deployment;
    };

    std::vector<Entry> entries_;  // what comes first is chosen first
};

}  // namespace motet
