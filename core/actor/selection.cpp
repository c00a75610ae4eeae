#include "core/actor/selection.h"

#include <algorithm>

#include "core/actor/cell.h"
#include "core/actor/path.h"
#include "core/actor/system.h"

namespace motet {

// Whether an element is no name: a pattern, or "..".
static bool is_step(const std::string &element) { return element == ".." || is_pattern(element); }

Selection::Selection(System &system, std::vector<std::string> elements, uint64_t incarnation)
    : system_(&system), elements_(std::move(elements)), incarnation_(incarnation),
      hop_(std::any_of(elements_.begin(), elements_.end(), is_step) ? make_counted<Hop>(path()) : Ptr<Hop>()) {}

std::vector<Ref> Selection::receivers() const {
    std::vector<Ref> found = lookup(*system_, elements_);
    std::erase_if(found, [this](const Ref &ref) { return incarnation_ != 0 && ref->incarnation() != incarnation_; });
    return found;
}

std::vector<Ref> Selection::lookup(System &system, const std::vector<std::string> &elements) {
    Ptr<Cell> root = system.root();
    std::vector<Ptr<Cell>> found;
    if (root) {
        found.push_back(std::move(root));
    }
    for (const std::string &element : elements) {
        std::vector<Ptr<Cell>> next;
        for (const Ptr<Cell> &cell : found) {
            if (element == "..") {
                next.push_back(cell->parent() ? Ptr<Cell>(cell->parent()) : cell);
            } else if (is_pattern(element)) {
                for (Ptr<Cell> &child : cell->children().all()) {
                    if (matches(element, child->name())) {
                        next.push_back(std::move(child));
                    }
                }
            } else if (Ptr<Cell> child = cell->children().find(element)) {
                next.push_back(std::move(child));
            }
        }
        found = std::move(next);
    }
    return {found.begin(), found.end()};
}

Code Selection::deliver(Envelope *envelope) {
    std::vector<Ref> receivers;
    if (!if_memory_allows([&] { receivers = this->receivers(); })) {
        return system_->dead_letters().take(envelope, Code::NO_MEMORY, *this);
    }
    if (receivers.empty()) {
        if (envelope->type() == types::identify && envelope->sender()) {
            // Nobody is there: the answer without a sender says so.
            if (Envelope *none =
                    Envelope::make(types::actor_identity, envelope->payload(), nullptr, envelope->trace())) {
                hold(envelope->sender())->deliver(none);
            }
            envelope->destroy();
            return Code::OK;
        }
        return system_->dead_letters().take(envelope, Code::STOPPED, *this);
    }
    if (hop_) {
        envelope->pass(hop_);
    }
    Code code = Code::OK;
    for (size_t i = 0; i + 1 < receivers.size(); ++i) {
        if (Envelope *copy = envelope->copy()) {
            receivers[i]->deliver(copy);
        } else {
            code = Code::NO_MEMORY;
        }
    }
    Code last = receivers.back()->deliver(envelope);
    return last == Code::OK ? code : last;
}

void Selection::deliver_system(SystemMessage *message) {
    const std::vector<Ref> receivers = patiently([&] { return this->receivers(); });
    if (receivers.size() == 1) {
        receivers[0]->deliver_system(message);
        return;
    }
    if (message->kind == SystemKind::watch) {
        message->subject->deliver_system(SystemMessage::certain(
            {.kind = SystemKind::terminated, .subject = hold(this), .existence_confirmed = false}));
    }
    delete message;
}

std::string Selection::path() const {
    std::string path = system_->address().text();
    for (const std::string &element : elements_) {
        path += "/" + element;
    }
    return elements_.empty() ? path + "/" : path;
}

}  // namespace motet
