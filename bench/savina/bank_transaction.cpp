// Bank transaction: a teller has accounts transfer money to each other; an account that waits for the other's word
// keeps what comes meanwhile for later.
#include "bench/savina/savina.h"

#include <deque>
#include <random>
#include <utility>
#include <variant>
#include <vector>

namespace {

struct Start {};
struct Transfer {
    double amount = 0;
    motet::Ref to;
    MOTET_FIELDS(amount, to)
};
struct Deposit {
    double amount = 0;
    MOTET_FIELDS(amount)
};
struct Deposited {};
struct Transferred {};
struct Done {
    std::int64_t transfers = 0;
    MOTET_FIELDS(transfers)
};

}  // namespace

MOTET_MESSAGE(Start, "savina.Start");
MOTET_MESSAGE(Transfer, "savina.Transfer");
MOTET_MESSAGE(Deposit, "savina.Deposit");
MOTET_MESSAGE(Deposited, "savina.Deposited");
MOTET_MESSAGE(Transferred, "savina.Transferred");
MOTET_MESSAGE(Done, "savina.Done");

namespace {

constexpr std::size_t kAccounts = 1000;
constexpr std::int64_t kTransfers = 50'000;

class Account {
  public:
    using Messages = motet::Messages<Transfer, Deposit, Deposited>;

    void receive(motet::Context &context, const Transfer &transfer) { keep(context, transfer); }
    void receive(motet::Context &context, const Deposit &deposit) { keep(context, deposit); }

    void receive(motet::Context &context, const Deposited &) {
        context.tell(teller_, Transferred{});
        transferring_ = false;
        work(context);
    }

  private:
    using Order = std::variant<Transfer, Deposit>;

    void keep(motet::Context &context, Order order) {
        kept_.emplace_back(std::move(order), context.sender());
        work(context);
    }

    // Works off what is kept, in order, until it waits for another account.
    void work(motet::Context &context) {
        while (!transferring_ && !kept_.empty()) {
            auto [order, sender] = std::move(kept_.front());
            kept_.pop_front();
            std::visit([&, &from = sender](const auto &known) { carry_out(context, known, from); }, order);
        }
    }

    void carry_out(motet::Context &context, const Transfer &transfer, const motet::Ref &teller) {
        balance_ -= transfer.amount;
        context.tell(transfer.to, Deposit{transfer.amount});
        teller_ = teller;
        transferring_ = true;
    }

    void carry_out(motet::Context &context, const Deposit &deposit, const motet::Ref &payer) {
        balance_ += deposit.amount;
        context.tell(payer, Deposited{});
    }

    double balance_ = 0;
    bool transferring_ = false;
    motet::Ref teller_;
    std::deque<std::pair<Order, motet::Ref>> kept_;
};

class Teller {
  public:
    using Messages = motet::Messages<Start, Transferred>;

    explicit Teller(motet::Context &context) {
        motet::Props account = motet::actor<Account>();
        for (std::size_t i = 0; i < kAccounts; ++i) {
            accounts_.push_back(context.spawn(account));
        }
    }

    void receive(motet::Context &context, const Start &) {
        starter_ = context.sender();
        for (std::int64_t i = 0; i < kTransfers; ++i) {
            order_transfer(context);
        }
    }

    void receive(motet::Context &context, const Transferred &) {
        if (++transfers_ == kTransfers) {
            context.tell(starter_, Done{transfers_});
        }
    }

  private:
    // Always to an account with a higher number, so that no two wait for each other.
    void order_transfer(motet::Context &context) {
        std::size_t from = random_() % (kAccounts / 10 * 8);
        std::size_t to = from + 1 + random_() % (kAccounts - from - 1);
        double amount = 1000.0 * static_cast<double>(random_()) / static_cast<double>(std::minstd_rand::max());
        context.tell(accounts_[from], Transfer{amount, accounts_[to]});
    }

    std::vector<motet::Ref> accounts_;
    motet::Ref starter_;
    std::minstd_rand random_{123456};
    std::int64_t transfers_ = 0;
};

}  // namespace

double savina::bank_transaction() {
    motet::System system(config());
    Stopwatch watch;
    motet::Ref teller = system.spawn(motet::actor<Teller>());
    expect("transfers", system.ask<Done>(teller, Start{}, patience).get().transfers, kTransfers);
    return watch.seconds();
}
