#include "core/route/logic.h"

#include <atomic>

#include "core/base/random.h"
#include "core/message/fields.h"
#include "core/route/hash_key.h"

namespace motet {

namespace {

// Counts the messages, for logics whose choice moves on with each.
class Turn {
  public:
    uint64_t next() { return turn_.fetch_add(1, std::memory_order_relaxed); }

  private:
    std::atomic<uint64_t> turn_{0};
};

class RoundRobin final : public RoutingLogic {
  public:
    Choice choose(const Message &, std::optional<uint64_t>, const Routees &routees) override {
        return {Choice::Who::one, turn_.next() % routees.size()};
    }

  private:
    Turn turn_;
};

class RandomLogic final : public RoutingLogic {
  public:
    explicit RandomLogic(uint64_t seed) : seed_(seed) {}

    Choice choose(const Message &, std::optional<uint64_t>, const Routees &routees) override {
        return {Choice::Who::one, Random::keyed(seed_, turn_.next()).below(routees.size())};
    }

  private:
    const uint64_t seed_;
    Turn turn_;
};

// The routee with the least to do; the search begins at another one each time, so that equals take turns. Of routees on
// other nodes nothing is known: they come last.
class SmallestMailbox final : public RoutingLogic {
  public:
    Choice choose(const Message &, std::optional<uint64_t>, const Routees &routees) override {
        const size_t start = turn_.next() % routees.size();
        size_t best = start;
        int64_t least = kUnknown + 2;
        for (size_t step = 0; step < routees.size() && least > 0; ++step) {
            const size_t index = start + step < routees.size() ? start + step : start + step - routees.size();
            const int64_t load = this->load(routees[index]);
            if (load < least) {
                least = load;
                best = index;
            }
        }
        return {Choice::Who::one, best};
    }

  private:
    static constexpr int64_t kUnknown = INT64_MAX - 2;

    static int64_t load(const Routee &routee) {
        if (!routee.actor) {
            return kUnknown;
        }
        return routee.actor->stopped() ? kUnknown + 1 : routee.actor->waiting() + (routee.actor->idle() ? 0 : 1);
    }

    Turn turn_;
};

// Broadcast, balancing, scatter-gather and tail-chopping, which do not single out a routee.
class Always final : public RoutingLogic {
  public:
    explicit Always(Choice::Who who) : who_(who) {}

    Choice choose(const Message &, std::optional<uint64_t>, const Routees &) override { return {who_}; }

  private:
    const Choice::Who who_;
};

class ConsistentHashing final : public RoutingLogic {
  public:
    ConsistentHashing(int virtual_nodes_factor, std::string field)
        : virtual_nodes_factor_(virtual_nodes_factor), field_(std::move(field)) {}

    void arrange(Routees &routees) const override {
        std::vector<std::string> paths;
        for (const Routee &routee : routees) {
            paths.push_back(routee.ref->path());
        }
        routees.ring = HashRing(paths, virtual_nodes_factor_);
    }

    Choice choose(const Message &message, std::optional<uint64_t> key, const Routees &routees) override {
        if (!key && !field_.empty()) {
            if (auto found = find_fields(message.payload(), {field_})) {
                key = hash_of_key((*found)[0]);
            }
        }
        return key ? Choice{Choice::Who::one, routees.ring.owner(*key)} : Choice{Choice::Who::nobody};
    }

  private:
    const int virtual_nodes_factor_;
    const std::string field_;
};

}  // namespace

std::unique_ptr<RoutingLogic> make_logic(const RouterSettings &settings, uint64_t seed) {
    switch (settings.logic) {
    case Logic::random:
        return std::make_unique<RandomLogic>(seed);
    case Logic::smallest_mailbox:
        return std::make_unique<SmallestMailbox>();
    case Logic::broadcast:
        return std::make_unique<Always>(Choice::Who::all);
    case Logic::balancing:
        return std::make_unique<Always>(Choice::Who::whoever_is_free);
    case Logic::scatter_gather:
    case Logic::tail_chopping:
        return std::make_unique<Always>(Choice::Who::first_answer);
    case Logic::consistent_hashing:
        return std::make_unique<ConsistentHashing>(settings.virtual_nodes_factor, settings.hash_key);
    default:
        return std::make_unique<RoundRobin>();
    }
}

}  // namespace motet
