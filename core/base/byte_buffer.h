// ByteBuffer is a growing run of bytes that is filled from its front and handed on whole.
// Knows: its memory. Must never know: what the bytes mean.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <utility>

namespace motet {

using Bytes = std::span<const uint8_t>;

class ByteBuffer {
  public:
    ByteBuffer() = default;
    ByteBuffer(ByteBuffer &&other) noexcept { swap(other); }
    ByteBuffer &operator=(ByteBuffer &&other) noexcept {
        ByteBuffer taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~ByteBuffer() { std::free(data_); }

    uint8_t *data() { return data_; }
    const uint8_t *data() const { return data_; }
    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    Bytes view() const { return {data_, size_}; }

    // Room for count more bytes at the end, which the caller must fill.
    uint8_t *extend(size_t count) {
        if (capacity_ - size_ < count) {
            grow(size_ + count);
        }
        uint8_t *start = data_ + size_;
        size_ += count;
        return start;
    }

    void append(Bytes bytes) {
        if (!bytes.empty()) {
            std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
        }
    }

    void shrink_to(size_t size) { size_ = std::min(size_, size); }
    void clear() { size_ = 0; }

    // Large buffers that come and go by the thousand, from one thread to another, would have the C library give their
    // memory back to the operating system and take it again. So a few of the process are kept for the next user.

    // An empty buffer, with the memory of one that was recycled if there is one.
    static ByteBuffer recycled();
    static void recycle(ByteBuffer buffer);

  private:
    void swap(ByteBuffer &other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

    void grow(size_t needed) {
        const size_t capacity = std::max({needed, capacity_ * 2, size_t{256}});
        void *memory = std::realloc(data_, capacity);
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
        data_ = static_cast<uint8_t *>(memory);
        capacity_ = capacity;
    }

    uint8_t *data_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

}  // namespace motet
