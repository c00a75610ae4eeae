// Family holds the children of an actor, by name.
// Knows: names. Must never know: supervision. Thread-safe, because anybody may spawn and look up.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/ref_counted.h"
#include "core/base/spin_lock.h"
#include "core/base/status.h"

namespace motet {

class Cell;

class Family {
  public:
    // Adds a child under name. NAME_TAKEN; STOPPED after close().
    Status add(const std::string &name, Cell &child);

    // Removes the child with this name. True when it was the last one of a closed or emptied family.
    void remove(const std::string &name, const Cell &child);

    Ptr<Cell> find(std::string_view name) const;
    std::vector<Ptr<Cell>> all() const;
    bool empty() const;
    std::string next_name();

    // Accepts no children any more (the parent stops), or again (it has restarted).
    void close(bool closed);

  private:
    mutable SpinLock lock_;
    std::unordered_map<std::string, Ptr<Cell>> children_;
    uint64_t generated_ = 0;
    bool closed_ = false;
};

}  // namespace motet
