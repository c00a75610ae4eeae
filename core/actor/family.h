// Family holds the children of an actor, by name, and keeps them alive until they have ended.
// Knows: names. Must never know: supervision. Thread-safe, because anybody may spawn and look up.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/actor/name.h"
#include "core/base/ref_counted.h"
#include "core/base/spin_lock.h"
#include "core/base/status.h"

namespace motet {

class Cell;

// A hash table whose chains run through the children themselves: an actor costs its parent no memory but a bucket.
class Family {
  public:
    Family() = default;
    ~Family();

    // The family of an actor that never had children: empty, and open or closed for good.
    static Family &none(bool closed);

    // Adds a child under its name. NAME_TAKEN; STOPPED while closed.
    Status add(Cell &child);

    // Removes a child. True: it was the last one of a closed family, and the parent waits for that.
    bool remove(Cell &child);

    Ptr<Cell> find(std::string_view name) const;
    bool contains(const Cell &child) const;
    std::vector<Ptr<Cell>> all() const;
    bool empty() const;
    ActorName next_name();

    // Accepts no children any more (the parent stops), or again (it has restarted).
    void close(bool closed);

  private:
    explicit Family(bool closed) : closed_(closed) {}
    Cell **chain(const ActorName &name) const { return &buckets_[name.hash() & (size_ - 1)]; }
    Cell *lookup(const ActorName &name) const;
    void resize(size_t size);

    mutable SpinLock lock_;  // guards all that follows
    bool closed_ = false;
    uint64_t generated_ = 0;
    size_t count_ = 0;
    size_t size_ = 0;  // a power of two, or 0
    std::unique_ptr<Cell *[]> buckets_;
};

}  // namespace motet
