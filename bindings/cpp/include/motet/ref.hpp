// Ref: a reference to an actor, wherever it lives, as a value.
// Knows the C interface's refs.
// Must never know message types or encodings.
#pragma once

#include <motet/actor.h>
#include <motet/error.hpp>
#include <motet/ref.h>

#include <functional>
#include <string>
#include <utility>

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

    // Asks the actor to stop after the message it is handling.
    Code stop() const { return static_cast<Code>(motet_ref_stop(ref_)); }

    // Equal refs name the same incarnation of the same actor.
    friend bool operator==(const Ref &left, const Ref &right) { return motet_ref_equal(left.ref_, right.ref_) != 0; }

  private:
    motet_ref_t *ref_ = nullptr;
};

}  // namespace motet

template <> struct std::hash<motet::Ref> {
    std::size_t operator()(const motet::Ref &ref) const { return motet_ref_hash(ref.get()); }
};
