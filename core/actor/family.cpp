#include "core/actor/family.h"

#include <mutex>

#include "core/actor/cell.h"
#include "core/actor/path.h"

namespace motet {

Status Family::add(const std::string &name, Cell &child) {
    std::lock_guard lock(lock_);
    if (closed_) {
        return Status(Code::STOPPED, "actor \"" + name + "\" was not created: its parent is stopping or restarting");
    }
    if (!children_.try_emplace(name, Ptr<Cell>(&child)).second) {
        return Status(Code::NAME_TAKEN, "actor name \"" + name + "\": a sibling with this name exists");
    }
    return {};
}

void Family::remove(const std::string &name, const Cell &child) {
    Ptr<Cell> removed;  // freed after the lock is
    std::lock_guard lock(lock_);
    auto found = children_.find(name);
    if (found != children_.end() && found->second.get() == &child) {
        removed = std::move(found->second);
        children_.erase(found);
    }
}

Ptr<Cell> Family::find(std::string_view name) const {
    std::lock_guard lock(lock_);
    auto found = children_.find(std::string(name));
    return found == children_.end() ? Ptr<Cell>() : found->second;
}

std::vector<Ptr<Cell>> Family::all() const {
    std::lock_guard lock(lock_);
    std::vector<Ptr<Cell>> result;
    result.reserve(children_.size());
    for (const auto &[name, child] : children_) {
        result.push_back(child);
    }
    return result;
}

bool Family::empty() const {
    std::lock_guard lock(lock_);
    return children_.empty();
}

std::string Family::next_name() {
    std::lock_guard lock(lock_);
    return generated_name(generated_++);
}

void Family::close(bool closed) {
    std::lock_guard lock(lock_);
    closed_ = closed;
}

}  // namespace motet
