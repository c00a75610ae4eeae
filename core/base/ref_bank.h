// RefBank saves a thread most of the atomic counting of references to the objects it meets again and again: what one
// envelope lets go of is kept for the next one that wants it, and new references are taken several at a time.
//
// A thread without a bank counts as usual. A bank holds references for a bounded number of objects, and none after
// flush(); its owner flushes it before it sleeps.
//
// Knows: counts. Must never know: what is counted.
// Source of the idea: biased and deferred counting, J. Choi, T. Shull, J. Torrellas, "Biased Reference Counting", 2018.
#pragma once

#include <array>
#include <cstddef>

#include "core/base/ref_counted.h"

namespace motet {

class RefBank {
  public:
    // Opens a bank for the calling thread, until the object is destroyed. Within another one it takes its place.
    RefBank() : outer_(current_) { current_ = this; }
    ~RefBank();
    RefBank(const RefBank &) = delete;
    RefBank &operator=(const RefBank &) = delete;

    // object.retain() and object.release(), by way of the calling thread's bank.
    static void retain(const RefCounted &object) {
        if (RefBank *bank = current_) {
            bank->withdraw(object);
        } else {
            object.retain();
        }
    }

    static void release(const RefCounted &object) {
        if (RefBank *bank = current_) {
            bank->deposit(object);
        } else {
            object.release();
        }
    }

    // Lets go of everything; objects may end by it.
    void flush();

  private:
    struct Account {
        const RefCounted *object = nullptr;  // only looked at while there is credit
        uint32_t credit = 0;
    };

    static constexpr size_t kAccounts = 64;
    static constexpr uint32_t kLoan = 64;         // references taken at a time
    static constexpr uint32_t kMostCredit = 256;  // of one object

    Account &account(const RefCounted &object) {
        auto address = reinterpret_cast<uintptr_t>(&object);
        return accounts_[(address >> 5 ^ address >> 11) % kAccounts];
    }

    void withdraw(const RefCounted &object) {
        Account &account = this->account(object);
        if (account.object == &object) {
            if (account.credit == 0) {
                object.retain(kLoan);
                account.credit = kLoan;
            }
            --account.credit;
        } else {
            object.retain();
            open(account, object, 0);
        }
    }

    void deposit(const RefCounted &object) {
        Account &account = this->account(object);
        if (account.object != &object) {
            open(account, object, 1);
        } else if (++account.credit > kMostCredit) {
            account.credit -= kLoan;
            object.release(kLoan);
        }
    }

    void open(Account &account, const RefCounted &object, uint32_t credit);

    static constinit thread_local RefBank *current_ __attribute__((tls_model("initial-exec")));

    RefBank *const outer_;
    std::array<Account, kAccounts> accounts_;
};

}  // namespace motet
