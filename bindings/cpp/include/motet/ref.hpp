// Ref: a reference to an actor, wherever it lives, as a value.
// Knows the C interface's refs.
// Must never know message types or encodings.
#pragma once

#include <motet/actor.h>
#include <motet/error.hpp>
#include <motet/ref.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace motet {

// Ref is a counted reference, valid as long as it is held; a default one refers to nobody.
class Ref {
  public:
    Ref() = default;
    // Takes over one hold of the C interface.
    explicit Ref(motet_ref_t *owned) : ref_(owned) {}
    // Holds a ref that somebody else owns.
    static Ref retain(const motet_ref_t *borrowed) { return Ref(motet_ref_retain(borrowed)); }

    Ref(const Ref &other) : ref_(motet_ref_retain(other.ref_)) {}
    Ref(Ref &&other) noexcept : ref_(std::exchange(other.ref_, nullptr)) {}
    Ref &operator=(Ref other) noexcept {
        std::swap(ref_, other.ref_);
        return *this;
    }
    ~Ref() { motet_ref_free(ref_); }

    explicit operator bool() const { return ref_ != nullptr; }
    [[nodiscard]] const motet_ref_t *get() const { return ref_; }

    // The full path, "motet.tcp://System@host:port/user/a#17"; empty for nobody.
    [[nodiscard]] std::string path() const {
        if (ref_ == nullptr) {
            return {};
        }
        std::string path(static_cast<std::size_t>(detail::check_number(motet_ref_path(ref_, nullptr, 0), "path")),
                         '\0');
        motet_ref_path(ref_, path.data(), path.size() + 1);
        return path;
    }

    // Waits until a message with a payload of so many bytes finds room in the queue to the actor's node (code::ok), or
    // none is to be expected, or the time is over. Not for handlers: they have themselves told by when_room().
    [[nodiscard]] Code await_room(std::size_t size, std::chrono::milliseconds timeout) const {
        return static_cast<Code>(motet_ref_await_room(ref_, size, timeout.count()));
    }

    // Has an actor of this node told of it, by a motet::Room whose sender is this actor.
    Code when_room(std::size_t size, const Ref &actor) const {
        return static_cast<Code>(motet_ref_when_room(ref_, size, actor.ref_));
    }

    // Asks the actor to stop after the message it is handling.
    Code stop() const { return static_cast<Code>(motet_ref_stop(ref_)); }

    // The child of this actor, of this node, that has a name; nobody when there is none.
    [[nodiscard]] Ref child(const std::string &name) const {
        motet_ref_t *child = nullptr;
        motet_error_t *error = motet_ref_child(ref_, name.c_str(), &child);
        if (motet_error_code(error) == MOTET_E_NOT_FOUND) {
            motet_error_free(error);
            return {};
        }
        detail::check(error);
        return Ref(child);
    }

    // The children that this actor, of this node, has now, those that are stopping included, in no order.
    [[nodiscard]] std::vector<Ref> children() const {
        std::vector<motet_ref_t *> raw;
        std::vector<Ref> children;
        auto count = static_cast<std::size_t>(detail::check_number(motet_ref_children(ref_, nullptr, 0), "children"));
        do {
            raw.assign(count, nullptr);
            children.clear();
            children.reserve(count);
            count = static_cast<std::size_t>(
                detail::check_number(motet_ref_children(ref_, raw.data(), raw.size()), "children"));
            for (std::size_t i = 0; i < raw.size() && i < count; ++i) {
                children.emplace_back(raw[i]);
            }
        } while (count > raw.size());  // more were born meanwhile
        return children;
    }

    // Equal refs name the same incarnation of the same actor.
    friend bool operator==(const Ref &left, const Ref &right) { return motet_ref_equal(left.ref_, right.ref_) != 0; }

  private:
    motet_ref_t *ref_ = nullptr;
};

}  // namespace motet

template <> struct std::hash<motet::Ref> {
    std::size_t operator()(const motet::Ref &ref) const { return motet_ref_hash(ref.get()); }
};
