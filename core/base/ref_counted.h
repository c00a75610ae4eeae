// RefCounted and Ptr are shared ownership by a count inside the object.
// Knows: a count. Must never know: what it counts.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace motet {

// Objects start with one reference, which the first Ptr adopts.
class RefCounted {
  public:
    RefCounted() = default;
    RefCounted(const RefCounted &) = delete;
    RefCounted &operator=(const RefCounted &) = delete;

    void retain(uint32_t references = 1) const { references_.fetch_add(references, std::memory_order_relaxed); }

    void release(uint32_t references = 1) const {
        if (references_.fetch_sub(references, std::memory_order_acq_rel) == references) {
            delete this;
        }
    }

  protected:
    virtual ~RefCounted() = default;

  private:
    mutable std::atomic<uint32_t> references_{1};
};

template <typename T> class Ptr {
  public:
    Ptr() = default;
    Ptr(std::nullptr_t) {}
    explicit Ptr(T *object) : object_(object) {  // shares
        if (object_) {
            object_->retain();
        }
    }
    Ptr(const Ptr &other) : Ptr(other.object_) {}
    Ptr(Ptr &&other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    template <typename U> Ptr(const Ptr<U> &other) : Ptr(static_cast<T *>(other.get())) {}
    template <typename U> Ptr(Ptr<U> &&other) noexcept : object_(other.detach()) {}
    ~Ptr() {
        if (object_) {
            object_->release();
        }
    }
    Ptr &operator=(Ptr other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }

    static Ptr adopt(T *object) {  // takes over a reference that the caller holds
        Ptr result;
        result.object_ = object;
        return result;
    }

    T *detach() { return std::exchange(object_, nullptr); }  // gives the reference to the caller
    T *get() const { return object_; }
    T *operator->() const { return object_; }
    T &operator*() const { return *object_; }
    explicit operator bool() const { return object_ != nullptr; }
    friend bool operator==(const Ptr &left, const Ptr &right) { return left.object_ == right.object_; }

  private:
    T *object_ = nullptr;
};

template <typename T, typename... Arguments> Ptr<T> make_counted(Arguments &&...arguments) {
    return Ptr<T>::adopt(new T(std::forward<Arguments>(arguments)...));
}

}  // namespace motet
