#include "tests/stress/scenario.h"

#include <chrono>
#include <thread>

#include "capi/src/objects.h"
#include "tests/stress/cast.h"
#include "tests/stress/memory.h"

namespace motet::stress {

namespace {

constexpr int kMostHops = 3;

// Watches everyone, and is never stopped: the watches are made on the threads of those who spawn.
int32_t observe(motet_context_t *, const motet_message_t *message, void *state) {
    auto &cast = *static_cast<Cast *>(state);
    if (motet_message_type(message) == MOTET_TYPE_TERMINATED) {
        std::lock_guard lock(cast.mutex);
        const auto found = cast.observed.find(motet_message_sender(message));
        if (found == cast.observed.end()) {
            cast.ledger.violated("terminated", "the observer was told twice");
            return MOTET_OK;
        }
        Actor &actor = *found->second;
        cast.observed.erase(found);
        ++actor.announced;
        if (actor.lives()) {
            cast.ledger.violated("terminated",
                                 "actor " + std::to_string(actor.number) + " lives, and its end was told");
        }
    }
    return MOTET_OK;
}

void check(Ledger &ledger, motet_error_t *error) {
    if (error) {
        ledger.violated("scenario", motet_error_message(error));
        motet_error_free(error);
    }
}

void begin(Cast &cast, Stage &stage) {
    static constexpr std::pair<const char *, const char *> kSettings[] = {
        {"remote.enabled", "off"},
        {"log.level", "off"},
        {"actor.threads", "4"},
        {"actor.blocking-threads", "2"},
        {"actor.throughput", "5"},
        {"actor.stash-capacity", "6"},
        {"actor.dispatcher.own.threads", "1"},
        {"actor.mailbox.bounded.capacity", "4"},
        {"actor.mailbox.dropping.capacity", "4"},
        {"actor.mailbox.dropping.overflow", "drop-oldest"},
        {"actor.mailbox.failing-sender.capacity", "3"},
        {"actor.mailbox.failing-sender.overflow", "fail-sender"},
        {"actor.mailbox.stopping.capacity", "5"},
        {"actor.mailbox.stopping.overflow", "stop"},
        {"actor.mailbox.priority.priorities", "stress.Urgent=-1"},
        {"actor.mailbox.priority.high-water", "3"},
        {"actor.mailbox.control.control-types", "stress.Urgent"},
        {"dead-letters.ring", "1000000"}};
    motet_config_t *config = motet_config_new();
    for (const auto &[key, value] : kSettings) {
        check(cast.ledger, motet_config_set(config, key, value));
    }
    check(cast.ledger, stage.start(config, &cast.system));
    motet_config_free(config);
    cast.work_type = motet_system_type(cast.system, "stress.Work");
    cast.urgent_type = motet_system_type(cast.system, "stress.Urgent");
    cast.answer_type = motet_system_type(cast.system, "stress.Answer");
    cast.tick_type = motet_system_type(cast.system, "stress.Tick");
    motet_props_t *props = motet_props_new(observe, &cast);
    check(cast.ledger, motet_system_spawn(cast.system, props, "observer", &cast.observer));
    motet_props_free(props);
    for (uint32_t slot = 0; slot < kSlots; ++slot) {
        cast.spawn(top_kind(cast.beginning), nullptr, slot);
    }
}

// One act of a driver.
void drive(Cast &cast, Sender &sender, Random &random) {
    const auto slot = static_cast<uint32_t>(random.next());
    const Whom to = cast.pick(slot);
    const uint64_t act = random.below(24);
    if (act < 3) {
        cast.spawn(top_kind(random), nullptr, slot);
    } else if (!to.ref) {
        return;
    } else if (act == 3) {
        motet_ref_stop(to.ref);
    } else if (act < 6) {
        const motet_type_t type = act == 4 ? MOTET_TYPE_POISON_PILL : MOTET_TYPE_KILL;
        (void)motet_ref_tell(to.ref, nullptr, type, nullptr, 0, nullptr, 0);
    } else if (act < 9) {
        cast.ask(sender, to, random);
    } else if (act < 12 && !to.actor->pool) {  // a router that has other children does not end with its routees
        cast.spawn(kinds()[random.below(kinds().size())], to.ref, slot + 1);
    } else {
        for (uint64_t burst = act < 15 ? 8 : 1; burst > 0; --burst) {
            cast.tell(nullptr, sender, to, random, kMostHops);
        }
    }
}

std::vector<std::function<bool()>> drivers(Cast &cast, const Plan &plan) {
    std::vector<std::function<bool()>> all;
    for (int i = 0; i < plan.drivers; ++i) {
        auto sender = std::make_shared<Sender>();
        sender->number = cast.ledger.new_number();
        auto random = std::make_shared<Random>(Random::keyed(plan.seed, static_cast<uint64_t>(i) + 100));
        all.push_back([&cast, sender, random, left = plan.acts]() mutable {
            drive(cast, *sender, *random);
            return --left > 0;
        });
    }
    return all;
}

// Ends it all, and adds up.
void end(Cast &cast, Stage &stage, Outcome &outcome) {
    Ledger &ledger = cast.ledger;
    if (!stage.settle([&] { return ledger.not_yet_announced().empty(); })) {
        ledger.violated("terminated", "never came: " + ledger.not_yet_announced());
    }
    Ptr<Node> node = capi::systems().find(cast.system);
    check(ledger, motet_system_close(cast.system, 60'000));
    uint64_t letters = 0;
    for (const auto &[cause, count] : node->system().dead_letters().counts()) {
        letters += count;
    }
    std::map<std::string, uint64_t> by_type;
    const auto recent = node->system().dead_letters().recent();
    for (const DeadLetterBody &letter : recent) {
        ++by_type[letter.type];
        ++outcome.dead[letter.type + " " + code_name(letter.cause)];
    }
    if (recent.size() != letters) {
        ledger.violated("scenario", "not all dead letters were kept");
    }
    node = nullptr;
    if (ledger.strikes(Mutant::leak)) {
        cast.kept = motet_ref_retain(cast.slots[0].ref ? cast.slots[0].ref : cast.observer);
    }
    for (Whom &slot : cast.slots) {
        slot = Whom();
    }
    motet_ref_free(cast.observer);
    motet_system_free(cast.system);
    stage.end();
    ledger.close(by_type);
}

}  // namespace

Outcome play(const Plan &plan, Stage &stage) {
    Outcome outcome;
    const int64_t blocks = blocks_in_use();
    Cast cast(plan.seed, plan.mutant);
    begin(cast, stage);
    stage.play(drivers(cast, plan));
    end(cast, stage, outcome);
    // A thread that has ended may still be about to let go of something.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(cast.kept ? 0 : 60);
    while (blocks_in_use() > blocks && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    if (blocks_in_use() > blocks) {
        cast.ledger.violated("leak", std::to_string(blocks_in_use() - blocks) + " blocks are still in use");
    }
    motet_ref_free(cast.kept);
    Ledger &ledger = cast.ledger;
    outcome.violations = ledger.violations();
    outcome.sent = ledger.sent;
    outcome.handled = ledger.handled;
    outcome.restarts = ledger.restarts;
    outcome.ends = ledger.ends;
    outcome.stashes = ledger.stashes;
    outcome.ticks = ledger.ticks;
    outcome.asks = ledger.asks;
    return outcome;
}

}  // namespace motet::stress
