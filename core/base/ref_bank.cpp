#include "core/base/ref_bank.h"

#include <utility>

namespace motet {

constinit thread_local RefBank *RefBank::current_ __attribute__((tls_model("initial-exec"))) = nullptr;

RefBank::~RefBank() {
    flush();
    current_ = outer_;
}

// Gives an account to another object. The one that had it may end by that, and its end may use this bank.
void RefBank::open(Account &account, const RefCounted &object, uint32_t credit) {
    Account closed = std::exchange(account, {&object, credit});
    if (closed.credit > 0) {
        closed.object->release(closed.credit);
    }
}

void RefBank::flush() {
    bool more = true;
    while (more) {  // what ends may let go of others
        more = false;
        for (Account &account : accounts_) {
            Account closed = std::exchange(account, {});
            if (closed.credit > 0) {
                closed.object->release(closed.credit);
                more = true;
            }
        }
    }
}

}  // namespace motet
