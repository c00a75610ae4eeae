// What the actors of the scenario do, and how they are made.
#include "tests/stress/cast.h"

#include <cstring>
#include <stdexcept>

#include "capi/src/objects.h"

namespace motet::stress {

namespace {

constexpr int kMostDepth = 3;
constexpr int64_t kKeys = 2;  // of timers

// What a message asks of who handles it.
enum Action : uint16_t {
    nothing,
    pass,
    spread,
    reply,
    forward,
    fail,
    raise,
    stash,
    unstash,
    watch,
    unwatch,
    stop_self,
    spawn_child,
    start_timer,
    cancel_timer,
    become,
    unbecome,
    ask,
    idle_timeout,
    unhandled,
    actions
};

bool is_pool(const Kind &kind) { return !kind.properties.empty() && !std::strcmp(kind.properties[0].first, "router"); }

// The argument of props.
struct Role {
    Cast &cast;
    Actor &actor;
    const Kind &kind;
    std::atomic<int> attempts{0};
};

// The state of an instance.
struct Instance {
    Cast &cast;
    Body &body;
    const Kind &kind;
    uint32_t serial;
};

// The state of a handler on top of others.
struct Layer {
    Instance &instance;
    int depth;
};

int32_t receive(motet_context_t *context, const motet_message_t *message, void *state);
int32_t receive_in_layer(motet_context_t *context, const motet_message_t *message, void *state);

int32_t create(motet_context_t *context, void *argument, void **state) {
    auto &role = *static_cast<Role *>(argument);
    Body &body = role.actor.body(motet_context_self(context));
    const int attempt = ++role.attempts;
    if (!std::strcmp(role.kind.name, "stillborn") || (attempt == 2 && !std::strcmp(role.kind.name, "hard-to-begin"))) {
        body.fails_to_begin();
        return motet_context_fail(context, MOTET_E_FAILED, "it cannot begin");
    }
    body.begins();
    *state = new Instance{role.cast, body, role.kind, ++role.cast.instances};
    return MOTET_OK;
}

void destroy(void *state) {
    auto *instance = static_cast<Instance *>(state);
    if (instance->body.last_signal == MOTET_TYPE_POST_STOP && instance->cast.ledger.strikes(Mutant::late)) {
        instance->body.acts(instance->body.depth);
    }
    instance->body.ends();
    ++instance->cast.ledger.ends;
    delete instance;
}

void release(void *argument) {
    auto *role = static_cast<Role *>(argument);
    ++role->cast.ledger.props_released;
    delete role;
}

void give_answer(motet_context_t *context, Cast &cast) {
    const int32_t code = motet_context_reply(context, cast.answer_type, nullptr, 0);
    cast.ledger.answers += code != MOTET_E_NO_MEMORY;
}

void spread_work(motet_context_t *context, Instance &self, const Work &work, int count) {
    Random random = Random::keyed(work.argument, work.hops);
    for (int i = 0; work.hops > 0 && i < count; ++i) {
        self.cast.tell(context, self.body.sender, self.cast.pick(static_cast<uint32_t>(random.next())), random,
                       work.hops - 1);
    }
}

void pass_on(motet_context_t *context, Instance &self, const Work &work) {
    Whom to = self.cast.pick(work.argument);
    // Passed on once: by two ways there would be no order.
    if (to.ref && work.to == self.body.actor.number && to.actor != &self.body.actor) {
        self.cast.sent(motet_context_forward(context, to.ref));
    }
}

void watch_one(motet_context_t *context, Instance &self, const Work &work) {
    Whom to = self.cast.pick(work.argument);
    const motet_ref_t *own = motet_context_self(context);
    if (!to.ref || motet_ref_equal(own, to.ref)) {
        return;
    }
    Body &body = self.body;
    if (work.action == unwatch) {
        motet_ref_unwatch(own, to.ref);
        body.unwatch(to.ref);
        return;
    }
    body.watch(to.ref, *to.actor);
    motet_ref_watch(own, to.ref);
    if (body.ledger.strikes(Mutant::terminated_living)) {
        body.terminated(to.ref, false);
    }
}

void set_timer(motet_context_t *context, Instance &self, const Work &work) {
    const int64_t key = work.argument % kKeys;
    const int64_t interval = work.argument % 3 == 0 ? 2 * kMillisecond : 0;
    const auto *serial = reinterpret_cast<const uint8_t *>(&self.serial);
    const int32_t code =
        work.argument % 2 == 0 || interval == 0
            ? motet_context_timer(context, key, kMillisecond, interval, self.cast.tick_type, serial, sizeof self.serial)
            : motet_context_timer_fixed_rate(context, key, kMillisecond, interval, self.cast.tick_type, serial,
                                             sizeof self.serial);
    if (code != MOTET_OK) {
        self.body.ledger.violated("scenario", motet_code_text(code));
    }
}

void put_on_top(motet_context_t *context, Instance &self) {
    if (self.body.depth >= kMostDepth) {
        return;
    }
    auto *layer = new Layer{self, self.body.depth + 1};
    if (motet_context_become(context, receive_in_layer, layer,
                             [](void *state) { delete static_cast<Layer *>(state); }) == MOTET_OK) {
        ++self.body.depth;
    } else {
        delete layer;
    }
}

// Does what a message asks. The result is the handler's.
int32_t act(motet_context_t *context, Instance &self, const Work &work) {
    Body &body = self.body;
    switch (work.action) {
    case pass:
    case spread:
        spread_work(context, self, work, work.action == pass ? 1 : 2);
        return MOTET_OK;
    case reply:
        give_answer(context, self.cast);
        return MOTET_OK;
    case forward:
        pass_on(context, self, work);
        return MOTET_OK;
    case fail:
        return motet_context_fail(context, MOTET_E_FAILED, "told to");
    case raise:
        throw std::runtime_error("told to");
    case watch:
    case unwatch:
        watch_one(context, self, work);
        return MOTET_OK;
    case stop_self:
        if (work.argument % 4 == 0) {
            motet_ref_stop(motet_context_self(context));
        }
        return MOTET_OK;
    case spawn_child:
        if (work.hops > 0) {
            self.cast.spawn(kinds()[work.argument % kinds().size()], motet_context_self(context), work.argument >> 8);
        }
        return MOTET_OK;
    case start_timer:
        set_timer(context, self, work);
        return MOTET_OK;
    case cancel_timer:
        motet_context_timer_cancel(context, work.argument % kKeys);
        return MOTET_OK;
    case become:
        put_on_top(context, self);
        return MOTET_OK;
    case unbecome:
        body.depth -= motet_context_unbecome(context) == MOTET_OK ? 1 : 0;
        return MOTET_OK;
    case unstash:
        (void)motet_context_unstash_all(context);
        body.unstash();
        return MOTET_OK;
    case ask: {
        Random random(work.argument);
        self.cast.ask(body.sender, self.cast.pick(work.argument), random);
        return MOTET_OK;
    }
    case idle_timeout:
        motet_context_receive_timeout(context, work.argument % 2 * kMillisecond);
        return MOTET_OK;
    case unhandled:
        return MOTET_E_UNHANDLED;
    default:
        return MOTET_OK;
    }
}

int32_t handle_work(motet_context_t *context, const motet_message_t *message, Instance &self) {
    Body &body = self.body;
    Work work;
    std::memcpy(&work, motet_message_data(message), sizeof work);
    const bool again = !body.returned.empty();
    if (work.number > 1 && body.ledger.strikes(Mutant::order)) {
        body.seen[{work.from, work.to, 0}] = body.seen[{work.from, work.to, motet_message_type(message)}] = work.number;
    }
    // What the routees of a pool pass on comes by several ways.
    if (work.to == body.actor.number || again || !work.to_pool) {
        // By its type, here or where it was passed on.
        const bool by_type = !std::strcmp(self.kind.name, "priority") || !std::strcmp(self.kind.name, "control") ||
                             work.to != body.actor.number;
        body.arrives(work, by_type ? motet_message_type(message) : 0);
    }
    if (work.action == stash && !again && motet_context_stash(context) == MOTET_OK) {
        body.stash(work);
        ++body.ledger.stashes;
        return MOTET_OK;
    }
    if (work.action == unhandled) {
        return MOTET_E_UNHANDLED;
    }
    body.handled();
    return act(context, self, work);
}

int32_t handle(motet_context_t *context, const motet_message_t *message, Instance &self, int depth) {
    Cast &cast = self.cast;
    Body &body = self.body;
    const motet_type_t type = motet_message_type(message);
    if (type <= MOTET_TYPE_POST_RESTART) {
        body.signal(type);
        return MOTET_OK;
    }
    body.acts(cast.ledger.strikes(Mutant::left_handler) ? depth + 1 : depth);
    if (type == MOTET_TYPE_TERMINATED) {
        const motet_ref_t *who = motet_message_sender(message);
        const bool stopped = capi::to_cell(who)->stopped();
        body.terminated(who, stopped);
        if (cast.ledger.strikes(Mutant::terminated_twice)) {
            body.terminated(who, stopped);
        }
    } else if (type == cast.answer_type) {
        ++cast.ledger.answers_taken;
    } else if (type == cast.tick_type) {
        uint32_t serial;
        std::memcpy(&serial, motet_message_data(message), sizeof serial);
        ++cast.ledger.ticks;
        if (serial != self.serial || cast.ledger.strikes(Mutant::timer)) {
            cast.ledger.violated("timer", "a timer of instance " + std::to_string(serial) + " came to instance " +
                                              std::to_string(self.serial));
        }
    } else if (type == cast.work_type || type == cast.urgent_type) {
        return handle_work(context, message, self);
    }
    return MOTET_OK;
}

// Marks that an actor is in its handler.
struct Inside {
    explicit Inside(Body &of) : body(of) { body.enter(); }
    ~Inside() { body.leave(); }
    Body &body;
};

int32_t receive_at(motet_context_t *context, const motet_message_t *message, Instance &self, int depth) {
    Inside inside(self.body);
    if (motet_message_type(message) == self.cast.tick_type && self.cast.ledger.strikes(Mutant::one)) {
        Inside again(self.body);
    }
    return handle(context, message, self, depth);
}

int32_t receive(motet_context_t *context, const motet_message_t *message, void *state) {
    return receive_at(context, message, *static_cast<Instance *>(state), 0);
}

int32_t receive_in_layer(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &layer = *static_cast<Layer *>(state);
    return receive_at(context, message, layer.instance, layer.depth);
}

}  // namespace

const std::vector<Kind> &kinds() {
    static const std::vector<Kind> all = {
        {"plain", false, {}},
        {"blocking", false, {{"dispatcher", "blocking"}}},
        {"named", false, {{"dispatcher", "own"}}},
        {"bounded", false, {{"mailbox", "bounded"}}},
        {"dropping", false, {{"mailbox", "dropping"}}},
        {"failing-sender", false, {{"mailbox", "failing-sender"}}},
        {"stopping", false, {{"mailbox", "stopping"}}},
        {"priority", false, {{"mailbox", "priority"}}},
        {"control", false, {{"mailbox", "control"}}},
        {"resuming", false, {{"supervision.directive", "resume"}}},
        {"mortal", false, {{"supervision.max-retries", "1"}}},
        {"frail", false, {{"supervision.directive", "stop"}}},
        {"patient", false, {{"supervision.backoff.min", "1ms"}, {"supervision.backoff.max", "4ms"}}},
        {"hard-to-begin", false, {}},
        {"stillborn", false, {}},
        {"round-robin", false, {{"router", "round-robin-pool"}, {"router.instances", "3"}}},
        {"random", false, {{"router", "random-pool"}, {"router.instances", "2"}}},
        {"smallest", false, {{"router", "smallest-mailbox-pool"}, {"router.instances", "2"}}},
        {"balancing", false, {{"router", "balancing-pool"}, {"router.instances", "3"}}},
        {"escalating", true, {{"supervision.directive", "escalate"}}},
        {"all-for-one", true, {{"supervision.strategy", "all-for-one"}}},
        {"all-stop", true, {{"supervision.strategy", "all-for-one"}, {"supervision.directive", "stop"}}},
    };
    return all;
}

const Kind &top_kind(Random &random) {
    for (;;) {
        if (const Kind &kind = kinds()[random.below(kinds().size())]; !kind.child_only) {
            return kind;
        }
    }
}

void Cast::spawn(const Kind &kind, const motet_ref_t *parent, uint32_t slot) {
    motet_props_t *props = motet_props_new(receive, nullptr);
    Actor &actor = ledger.add(kind.name, is_pool(kind));
    ++ledger.props_made;
    motet_props_state(props, create, destroy, new Role{*this, actor, kind}, release);
    for (const auto &[key, value] : kind.properties) {
        if (motet_error_t *error = motet_props_set(props, key, value)) {
            ledger.violated("scenario", motet_error_message(error));
            motet_error_free(error);
        }
    }
    motet_ref_t *ref = nullptr;
    motet_error_t *error =
        parent ? motet_ref_spawn(parent, props, nullptr, &ref) : motet_system_spawn(system, props, nullptr, &ref);
    motet_props_free(props);
    const int32_t code = motet_error_code(error);
    if (code != MOTET_OK && !(parent && code == MOTET_E_STOPPED) && code != MOTET_E_CLOSED) {
        ledger.violated("scenario", motet_error_message(error));
    }
    motet_error_free(error);
    if (!ref) {
        return;
    }
    {
        std::lock_guard lock(mutex);
        observed[ref] = &actor;
    }
    actor.observed = true;
    motet_ref_watch(observer, ref);
    Whom replaced(ref, &actor);
    std::lock_guard lock(mutex);
    std::swap(slots[slot % kSlots], replaced);
}

// Asks something of an actor, at random.
void Cast::tell(motet_context_t *context, Sender &sender, const Whom &to, Random &random, int hops) {
    if (!to.ref) {
        return;
    }
    Work work = sender.next(*to.actor);
    work.action = static_cast<uint16_t>(random.below(actions));
    work.hops = static_cast<uint8_t>(hops);
    work.argument = static_cast<uint32_t>(random.next());
    const motet_type_t type = random.below(4) == 0 ? urgent_type : work_type;
    const auto *data = reinterpret_cast<const uint8_t *>(&work);
    sent(context ? motet_context_tell(context, to.ref, type, data, sizeof work)
                 : motet_ref_tell(to.ref, nullptr, type, data, sizeof work, nullptr, 0));
}

void Cast::ask(Sender &sender, const Whom &to, Random &random) {
    if (!to.ref) {
        return;
    }
    Work question = sender.next(*to.actor);
    question.action = random.below(3) == 0 ? nothing : reply;
    motet_future_t *future = nullptr;
    motet_error_t *error =
        motet_ref_ask(to.ref, work_type, reinterpret_cast<const uint8_t *>(&question), sizeof question,
                      1 + static_cast<int64_t>(random.below(5)), nullptr, 0, &future);
    if (error) {
        if (motet_error_code(error) != MOTET_E_CLOSED) {
            ledger.violated("scenario", motet_error_message(error));
        }
        motet_error_free(error);
        return;
    }
    ++ledger.sent;
    ++ledger.asks;
    motet_future_then(
        future,
        [](int32_t, const char *, const motet_message_t *answer, void *argument) {
            auto &cast = *static_cast<Cast *>(argument);
            cast.ledger.answers_taken += answer && motet_message_type(answer) == cast.answer_type;
            cast.ledger.asks_ended += cast.ledger.strikes(Mutant::ask) ? 2 : 1;
        },
        this);
}

}  // namespace motet::stress
