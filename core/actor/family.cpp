#include "core/actor/family.h"

#include <mutex>

#include "core/actor/cell.h"

namespace motet {

static constexpr size_t kLeastBuckets = 4;
static constexpr size_t kKeptBuckets = 64;  // of a family that has become empty

Family::~Family() {
    for (const Ptr<Cell> &child : all()) {  // none of these has ended: their system could not wait for them
        child->sibling_ = nullptr;
        child->release();
    }
}

Family &Family::none(bool closed) {
    static Family open;
    static Family sealed(true);
    return closed ? sealed : open;
}

void Family::resize(size_t size) {
    auto buckets = std::make_unique<Cell *[]>(size);
    for (size_t i = 0; i < size_; ++i) {
        for (Cell *cell = buckets_[i]; cell;) {
            Cell *next = cell->sibling_;
            Cell *&chain = buckets[cell->actor_name().hash() & (size - 1)];
            cell->sibling_ = std::exchange(chain, cell);
            cell = next;
        }
    }
    buckets_ = std::move(buckets);
    size_ = size;
}

Cell *Family::lookup(const ActorName &name) const {
    Cell *cell = size_ == 0 ? nullptr : *chain(name);
    while (cell && !(cell->actor_name() == name)) {
        cell = cell->sibling_;
    }
    return cell;
}

Status Family::add(Cell &child) {
    std::lock_guard lock(lock_);
    if (closed_) {
        return Status(Code::STOPPED,
                      "actor \"" + child.name() + "\" was not created: its parent is stopping or restarting");
    }
    if (lookup(child.actor_name())) {
        return Status(Code::NAME_TAKEN, "actor name \"" + child.name() + "\": a sibling with this name exists");
    }
    if (count_ == size_) {
        resize(size_ == 0 ? kLeastBuckets : 2 * size_);
    }
    child.retain();
    child.sibling_ = std::exchange(*chain(child.actor_name()), &child);
    ++count_;
    return {};
}

bool Family::remove(Cell &child) {
    std::unique_lock lock(lock_);
    Cell **link = size_ == 0 ? nullptr : chain(child.actor_name());
    while (link && *link && *link != &child) {
        link = &(*link)->sibling_;
    }
    if (!link || !*link) {
        return false;
    }
    *link = std::exchange(child.sibling_, nullptr);
    if (--count_ == 0 && size_ > kKeptBuckets) {
        buckets_.reset();
        size_ = 0;
    }
    bool awaited = closed_ && count_ == 0;
    lock.unlock();
    child.release();
    return awaited;
}

Ptr<Cell> Family::find(std::string_view name) const {
    ActorName wanted = ActorName::of(name);
    std::lock_guard lock(lock_);
    return Ptr<Cell>(lookup(wanted));
}

bool Family::contains(const Cell &child) const {
    std::lock_guard lock(lock_);
    return lookup(child.actor_name()) == &child;
}

std::vector<Ptr<Cell>> Family::all() const {
    std::lock_guard lock(lock_);
    std::vector<Ptr<Cell>> result;
    result.reserve(count_);
    for (size_t i = 0; i < size_; ++i) {
        for (Cell *cell = buckets_[i]; cell; cell = cell->sibling_) {
            result.emplace_back(cell);
        }
    }
    return result;
}

bool Family::empty() const {
    std::lock_guard lock(lock_);
    return count_ == 0;
}

ActorName Family::next_name() {
    std::lock_guard lock(lock_);
    return ActorName::generated(generated_++);
}

void Family::close(bool closed) {
    std::lock_guard lock(lock_);
    closed_ = closed;
}

}  // namespace motet
