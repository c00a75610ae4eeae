#include <motet/testkit.h>

#include <algorithm>
#include <map>
#include <optional>

#include "capi/src/config.h"
#include "capi/src/objects.h"
#include "core/simulate/simulation.h"
#include "core/testkit/dead_letter_watch.h"
#include "core/testkit/probe.h"

using motet::Code;
using motet::DeadLetterWatch;
using motet::Node;
using motet::Ptr;
using motet::Result;
using motet::Status;
using namespace motet::capi;

struct motet_testkit {
    motet::Simulation simulation;
};

struct motet_probe {
    std::unique_ptr<motet::Probe> probe;
    mutable std::map<size_t, motet_message> lent;  // of what was taken last, by index
};

struct motet_dead_letter_watch {
    Ptr<DeadLetterWatch> watch;
};

namespace {

bool is_node(int32_t number) { return number >= 1 && number <= 255; }

// Changes the network between two nodes, each way.
template <typename Change> int32_t change_network(motet_testkit_t *kit, int32_t node, int32_t other, Change &&change) {
    return guard_number([&]() -> int32_t {
        if (kit == nullptr || !is_node(node) || !is_node(other)) {
            return MOTET_E_INVALID;
        }
        const auto one = static_cast<uint32_t>(node);
        const auto two = static_cast<uint32_t>(other);
        change(kit->simulation.network, one, two);
        change(kit->simulation.network, two, one);
        return MOTET_OK;
    });
}

Status check_time(int64_t milliseconds) {
    return milliseconds >= 0 ? Status()
                             : Status(Code::INVALID, "an expectation takes a time of 0 or more milliseconds, not " +
                                                         std::to_string(milliseconds));
}

// Runs an expectation of a probe.
template <typename Expect> motet_error_t *expect(motet_probe_t *probe, int64_t milliseconds, Expect &&expect) {
    return guard([&]() -> Status {
        if (probe == nullptr) {
            return null_argument("probe");
        }
        probe->lent.clear();
        Status valid = check_time(milliseconds);
        return valid.ok() ? expect(*probe->probe, from_milliseconds(milliseconds)) : std::move(valid);
    });
}

template <typename Expect>
motet_error_t *expect_types(motet_probe_t *probe, const motet_type_t *types, size_t count, int64_t within_ms,
                            Expect &&expectation) {
    return expect(probe, within_ms, [&](motet::Probe &of, motet::Nanos within) {
        return types == nullptr && count > 0 ? null_argument("types")
                                             : expectation(of, std::span(types, count), within);
    });
}

DeadLetterWatch::Filter to_filter(const DeadLetterWatch &watch, int32_t cause, motet_type_t type) {
    const char *name = type == 0 ? "" : watch.system().types().name(type);
    return {static_cast<Code>(cause), name == nullptr ? "unknown" : name};
}

template <typename Expect>
motet_error_t *expect_letters(motet_dead_letter_watch_t *letters, int64_t milliseconds, Expect &&expect) {
    return guard([&]() -> Status {
        if (letters == nullptr) {
            return null_argument("letters");
        }
        Status valid = check_time(milliseconds);
        return valid.ok() ? expect(*letters->watch, from_milliseconds(milliseconds)) : std::move(valid);
    });
}

}  // namespace

motet_testkit_t *motet_testkit_new(uint64_t seed) {
    return guard_or(static_cast<motet_testkit_t *>(nullptr),
                    [&] { return new motet_testkit{motet::Simulation(seed)}; });
}

void motet_testkit_free(motet_testkit_t *kit) {
    if (!forked()) {
        delete kit;
    }
}

motet_error_t *motet_testkit_start(motet_testkit_t *kit, int32_t node, const motet_config_t *config,
                                   motet_system_t **out) {
    return guard([&]() -> Status {
        if (kit == nullptr || out == nullptr) {
            return null_argument(kit == nullptr ? "kit" : "out");
        }
        *out = nullptr;
        if (!is_node(node)) {
            return {Code::INVALID, "node " + std::to_string(node) + ": the nodes of a kit have the numbers 1 to 255"};
        }
        Result<Ptr<Node>> started =
            kit->simulation.start(static_cast<uint8_t>(node), config == nullptr ? motet::Config() : config->config);
        if (!started.ok()) {
            return std::move(started.status());
        }
        *out = publish(std::move(started.value()));
        return {};
    });
}

int32_t motet_testkit_step(motet_testkit_t *kit) {
    return guard_or(0, [&] { return kit != nullptr && kit->simulation.scheduler.step_now() ? 1 : 0; });
}

int64_t motet_testkit_run(motet_testkit_t *kit, int64_t most) {
    int64_t steps = 0;
    while (steps < most && motet_testkit_step(kit) == 1) {
        ++steps;
    }
    return steps;
}

int32_t motet_testkit_advance(motet_testkit_t *kit, int64_t duration_ns) {
    return guard_number([&]() -> int32_t {
        if (kit == nullptr || duration_ns < 0 || duration_ns > INT64_MAX - kit->simulation.scheduler.now().mono) {
            return MOTET_E_INVALID;
        }
        motet::Scheduler &scheduler = kit->simulation.scheduler;
        const motet::Nanos time = scheduler.now().mono + duration_ns;
        scheduler.run_until(time);
        return scheduler.now().mono == time ? MOTET_OK : MOTET_E_BAD_STATE;
    });
}

int64_t motet_testkit_now(const motet_testkit_t *kit) {
    return kit == nullptr ? 0 : kit->simulation.scheduler.now().mono;
}

int32_t motet_testkit_crash(motet_testkit_t *kit, int32_t node) {
    return guard_number([&]() -> int32_t {
        return kit != nullptr && is_node(node) && kit->simulation.crash(static_cast<uint8_t>(node)) ? MOTET_OK
                                                                                                    : MOTET_E_NOT_FOUND;
    });
}

int32_t motet_testkit_cut(motet_testkit_t *kit, int32_t node, int32_t other) {
    return change_network(kit, node, other,
                          [](motet::SimulatedNetwork &network, uint32_t from, uint32_t to) { network.cut(from, to); });
}

int32_t motet_testkit_mend(motet_testkit_t *kit, int32_t node, int32_t other) {
    return change_network(kit, node, other,
                          [](motet::SimulatedNetwork &network, uint32_t from, uint32_t to) { network.mend(from, to); });
}

int32_t motet_testkit_lose(motet_testkit_t *kit, int32_t node, int32_t other, double share) {
    if (!(share >= 0 && share <= 1)) {
        return MOTET_E_INVALID;
    }
    return change_network(kit, node, other, [share](motet::SimulatedNetwork &network, uint32_t from, uint32_t to) {
        network.lose(from, to, share);
    });
}

int32_t motet_testkit_delay(motet_testkit_t *kit, int32_t node, int32_t other, int64_t most_ns) {
    if (most_ns < 0) {
        return MOTET_E_INVALID;
    }
    return change_network(kit, node, other, [most_ns](motet::SimulatedNetwork &network, uint32_t from, uint32_t to) {
        network.delay(from, to, most_ns);
    });
}

int32_t motet_testkit_split(motet_testkit_t *kit, const int32_t *nodes, size_t count) {
    return guard_number([&]() -> int32_t {
        if (kit == nullptr || (nodes == nullptr && count > 0) || !std::all_of(nodes, nodes + count, is_node)) {
            return MOTET_E_INVALID;
        }
        std::vector<uint32_t> others;
        for (int32_t other = 1; is_node(other); ++other) {
            if (std::find(nodes, nodes + count, other) == nodes + count) {
                others.push_back(static_cast<uint32_t>(other));
            }
        }
        kit->simulation.network.split({nodes, nodes + count}, others);
        return MOTET_OK;
    });
}

void motet_testkit_mend_all(motet_testkit_t *kit) {
    if (kit != nullptr) {
        kit->simulation.network.mend_all();
    }
}

motet_error_t *motet_probe_new(motet_system_t *system, const char *name, motet_probe_t **out) {
    return guard([&]() -> Status {
        if (out == nullptr) {
            return null_argument("out");
        }
        *out = nullptr;
        Result<Ptr<Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        Result<std::unique_ptr<motet::Probe>> probe =
            motet::Probe::start(node.value()->system(), name == nullptr ? "" : name, name != nullptr);
        if (!probe.ok()) {
            return std::move(probe.status());
        }
        *out = new motet_probe{std::move(probe.value()), {}};
        return {};
    });
}

void motet_probe_free(motet_probe_t *probe) {
    if (!forked()) {
        delete probe;
    }
}

const motet_ref_t *motet_probe_ref(const motet_probe_t *probe) {
    return to_handle(static_cast<const motet::ActorRef *>(&probe->probe->actor()));
}

void motet_probe_answer(motet_probe_t *probe, motet_receive_fn receive, void *state) {
    motet_error_free(guard([&]() -> Status {
        motet::Probe::Pilot pilot;
        if (receive != nullptr) {
            pilot = [receive, state](motet::Context &context, const motet::Envelope &envelope) {
                return run_handler(receive, context, envelope, state);
            };
        }
        probe->probe->set_pilot(std::move(pilot));
        return {};
    }));
}

motet_error_t *motet_probe_expect(motet_probe_t *probe, motet_type_t type, int64_t within_ms) {
    return expect(probe, within_ms,
                  [&](motet::Probe &of, motet::Nanos within) { return of.expect(type, std::nullopt, within); });
}

motet_error_t *motet_probe_expect_data(motet_probe_t *probe, motet_type_t type, const uint8_t *data, size_t size,
                                       int64_t within_ms) {
    return expect(probe, within_ms, [&](motet::Probe &of, motet::Nanos within) {
        return data == nullptr && size > 0 ? null_argument("data") : of.expect(type, to_bytes(data, size), within);
    });
}

motet_error_t *motet_probe_expect_any_of(motet_probe_t *probe, const motet_type_t *types, size_t count,
                                         int64_t within_ms) {
    return expect_types(probe, types, count, within_ms, [](motet::Probe &of, auto expected, auto within) {
        return of.expect_any_of(expected, within);
    });
}

motet_error_t *motet_probe_expect_in_order(motet_probe_t *probe, const motet_type_t *types, size_t count,
                                           int64_t within_ms) {
    return expect_types(probe, types, count, within_ms, [](motet::Probe &of, auto expected, auto within) {
        return of.expect_in_order(expected, within);
    });
}

motet_error_t *motet_probe_expect_all_of(motet_probe_t *probe, const motet_type_t *types, size_t count,
                                         int64_t within_ms) {
    return expect_types(probe, types, count, within_ms, [](motet::Probe &of, auto expected, auto within) {
        return of.expect_all_of(expected, within);
    });
}

motet_error_t *motet_probe_expect_terminated(motet_probe_t *probe, const motet_ref_t *actor, int64_t within_ms) {
    return expect(probe, within_ms, [&](motet::Probe &of, motet::Nanos within) {
        return actor == nullptr ? null_argument("actor") : of.expect_terminated(*to_ref(actor), within);
    });
}

motet_error_t *motet_probe_expect_none(motet_probe_t *probe, int64_t during_ms) {
    return expect(probe, during_ms, [](motet::Probe &of, motet::Nanos during) { return of.expect_none(during); });
}

const motet_message_t *motet_probe_message(const motet_probe_t *probe, size_t index) {
    return guard_or(static_cast<const motet_message_t *>(nullptr), [&]() -> const motet_message_t * {
        if (probe == nullptr || index >= probe->probe->taken().size()) {
            return nullptr;
        }
        const motet::Envelope *envelope = probe->probe->taken()[index]->envelope();
        return &probe->lent.try_emplace(index, envelope, envelope->trace()).first->second;
    });
}

int32_t motet_probe_reply(motet_probe_t *probe, motet_type_t type, const uint8_t *data, size_t size) {
    return guard_number([&]() -> int32_t {
        if (probe == nullptr || !motet::is_sendable(type) || (data == nullptr && size > 0)) {
            return MOTET_E_INVALID;
        }
        return size > motet::kMaxPayloadSize ? MOTET_E_TOO_LARGE
                                             : to_number(probe->probe->reply(type, to_bytes(data, size)));
    });
}

int32_t motet_probe_forward(motet_probe_t *probe, const motet_ref_t *target) {
    return guard_number([&]() -> int32_t {
        return probe == nullptr || target == nullptr ? MOTET_E_INVALID
                                                     : to_number(probe->probe->forward(*to_ref(target)));
    });
}

motet_error_t *motet_dead_letter_watch_new(motet_system_t *system, motet_dead_letter_watch_t **out) {
    return guard([&]() -> Status {
        if (out == nullptr) {
            return null_argument("out");
        }
        *out = nullptr;
        Result<Ptr<Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        *out = new motet_dead_letter_watch{DeadLetterWatch::start(node.value()->system())};
        return {};
    });
}

void motet_dead_letter_watch_free(motet_dead_letter_watch_t *letters) {
    if (letters != nullptr && !forked()) {
        letters->watch->end();
        delete letters;
    }
}

motet_error_t *motet_dead_letter_watch_expect(motet_dead_letter_watch_t *letters, int32_t cause, motet_type_t type,
                                              int64_t count, int64_t within_ms) {
    return expect_letters(letters, within_ms, [&](DeadLetterWatch &watch, motet::Nanos within) {
        return count < 0 ? Status(Code::INVALID, "count is " + std::to_string(count))
                         : watch.expect(to_filter(watch, cause, type), static_cast<size_t>(count), within);
    });
}

motet_error_t *motet_dead_letter_watch_expect_none(motet_dead_letter_watch_t *letters, int64_t during_ms) {
    return expect_letters(letters, during_ms,
                          [](DeadLetterWatch &watch, motet::Nanos during) { return watch.expect_none(during); });
}

int64_t motet_dead_letter_watch_count(const motet_dead_letter_watch_t *letters, int32_t cause, motet_type_t type) {
    return guard_number([&]() -> int64_t {
        return letters == nullptr
                   ? MOTET_E_INVALID
                   : static_cast<int64_t>(letters->watch->count(to_filter(*letters->watch, cause, type)));
    });
}
