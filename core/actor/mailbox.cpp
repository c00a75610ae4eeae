#include "core/actor/mailbox.h"

#include <thread>

namespace motet {

QueueNode *Mailbox::await(const std::atomic<QueueNode *> &link) {
    for (int looks = 0;; ++looks) {
        if (QueueNode *node = link.load(std::memory_order_acquire)) {
            return node;
        }
        if (looks >= 64) {
            std::this_thread::yield();  // that thread may have lost its core
        }
    }
}

}  // namespace motet
