// TestKit: for tests of actors: systems that run on the test's thread, probes, dead letters. Not part of motet.hpp.
// Knows the C interface's test kit.
// Must never know which framework a test is written in: what is not met is thrown.
#pragma once

#include <motet/motet.hpp>
#include <motet/testkit.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace motet {

// TestKit is a world whose actors run on the calling thread, in an order drawn from the seed, and whose clock stands
// still unless a test says how time passes; see motet/testkit.h. It must outlive its use, not its systems.
class TestKit {
  public:
    explicit TestKit(std::uint64_t seed = 1) : kit_(motet_testkit_new(seed), motet_testkit_free) {
        if (kit_ == nullptr) {
            throw std::bad_alloc();
        }
    }

    // Starts a system. node: its number, 1 to 255, of which its address is made.
    [[nodiscard]] System start(const Config &config, int node = 1) {
        motet_system_t *system = nullptr;
        detail::check(motet_testkit_start(kit_.get(), node, config.get(), &system));
        return System(system);
    }

    // Lets the next thing happen that needs no time to pass; false when it is quiet.
    bool step() { return motet_testkit_step(kit_.get()) == 1; }

    // Steps until it is quiet; gives the number of steps. Throws Code::bad_state when so many steps did not suffice.
    std::int64_t run(std::int64_t most = 1'000'000) {
        const std::int64_t steps = motet_testkit_run(kit_.get(), most);
        if (steps >= most) {
            throw Error(Code::bad_state, "it is not quiet after " + std::to_string(most) + " steps");
        }
        return steps;
    }

    // Lets time pass, and all that happens meanwhile.
    void advance(std::chrono::nanoseconds duration) {
        detail::check_number(motet_testkit_advance(kit_.get(), duration.count()), "advance");
    }

    // The time that has passed.
    [[nodiscard]] std::chrono::nanoseconds now() const {
        return std::chrono::nanoseconds(motet_testkit_now(kit_.get()));
    }

    // Ends the system of a node as if its process had been killed.
    void crash(int node) { detail::check_number(motet_testkit_crash(kit_.get(), node), "crash"); }

    // Cuts the network between two nodes, and mends it.
    void cut(int node, int other) { detail::check_number(motet_testkit_cut(kit_.get(), node, other), "cut"); }
    void mend(int node, int other) { detail::check_number(motet_testkit_mend(kit_.get(), node, other), "mend"); }

    // Loses a share, from 0 to 1, of what two nodes send each other, so that it has to be sent again; has it arrive up
    // to so much later. Until mended.
    void lose(int node, int other, double share) {
        detail::check_number(motet_testkit_lose(kit_.get(), node, other, share), "lose");
    }
    void delay(int node, int other, std::chrono::nanoseconds most) {
        detail::check_number(motet_testkit_delay(kit_.get(), node, other, most.count()), "delay");
    }

    // Cuts the network between some nodes and all others.
    void split(const std::vector<int> &nodes) {
        const std::vector<std::int32_t> side(nodes.begin(), nodes.end());
        detail::check_number(motet_testkit_split(kit_.get(), side.data(), side.size()), "split");
    }

    // Mends all that was cut, lossy or slow.
    void mend_all() { motet_testkit_mend_all(kit_.get()); }

  private:
    std::unique_ptr<motet_testkit_t, decltype(&motet_testkit_free)> kit_;
};

// Probe is an actor whose messages a test takes and judges, in a system of a kit or any other. An expectation that is
// not met throws Code::unexpected: what was expected, how long was waited, all that came. Its time is one of the
// system's clock.
class Probe {
  public:
    static constexpr milliseconds patience{3000};

    explicit Probe(const SystemView &system, const std::string &name = {})
        : system_(system), probe_(start(system, name), motet_probe_free) {}

    [[nodiscard]] Ref ref() const { return Ref::retain(motet_probe_ref(probe_.get())); }

    // Expects that the next message is a T; gives it.
    template <Sendable T> T expect(milliseconds within = patience) {
        detail::check(motet_probe_expect(probe_.get(), type<T>(), within.count()));
        return message().template as<T>();
    }

    // Expects that the next message is this one.
    template <Sendable T> void expect(const T &expected, milliseconds within = patience) {
        detail::check(detail::encode_message(expected, [&](Bytes bytes) {
            return motet_probe_expect_data(probe_.get(), type<T>(), bytes.data(), bytes.size(), within.count());
        }));
    }

    // Expects that the next message is one of these; gives it.
    template <Sendable... T> std::variant<T...> expect_any_of(milliseconds within = patience) {
        const std::array<motet_type_t, sizeof...(T)> types{type<T>()...};
        detail::check(motet_probe_expect_any_of(probe_.get(), types.data(), types.size(), within.count()));
        std::optional<std::variant<T...>> taken;
        const Message got = message();
        (void)((got.is<T>() && (taken.emplace(got.as<T>()), true)) || ...);
        return std::move(taken.value());
    }

    // Expects that the next messages are these, in this order, all within the time; gives them.
    template <Sendable... T> std::tuple<T...> expect_in_order(milliseconds within = patience) {
        const std::array<motet_type_t, sizeof...(T)> types{type<T>()...};
        detail::check(motet_probe_expect_in_order(probe_.get(), types.data(), types.size(), within.count()));
        return all_taken<T...>();
    }

    // Expects that the next messages are these, in any order, all within the time; gives them.
    template <Sendable... T> std::tuple<T...> expect_all_of(milliseconds within = patience) {
        const std::array<motet_type_t, sizeof...(T)> types{type<T>()...};
        detail::check(motet_probe_expect_all_of(probe_.get(), types.data(), types.size(), within.count()));
        return all_taken<T...>();
    }

    // Expects that the next message tells of the end of an actor that the probe watches.
    void expect_terminated(const Ref &actor, milliseconds within = patience) {
        detail::check(motet_probe_expect_terminated(probe_.get(), actor.get(), within.count()));
    }

    // Expects that no message is there or comes for this time.
    void expect_none(milliseconds during) { detail::check(motet_probe_expect_none(probe_.get(), during.count())); }

    // A message that the last expectation took; throws when there is none.
    [[nodiscard]] Message message(std::size_t index = 0) const {
        const motet_message_t *taken = motet_probe_message(probe_.get(), index);
        if (taken == nullptr) {
            throw Error(Code::bad_state, "the last expectation took no message number " + std::to_string(index));
        }
        return {system_.get(), taken};
    }

    // Who sent the last message that was taken.
    [[nodiscard]] Ref sender() const { return message().sender(); }

    // Answers the last message that was taken, or passes it on with its sender.
    template <Sendable T> Code reply(const T &answer) {
        return detail::encode_message(answer, [&](Bytes bytes) {
            return static_cast<Code>(motet_probe_reply(probe_.get(), type<T>(), bytes.data(), bytes.size()));
        });
    }
    Code forward(const Ref &target) { return static_cast<Code>(motet_probe_forward(probe_.get(), target.get())); }

    // Tells somebody something, so that an answer comes to the probe.
    template <Sendable T> Code tell(const Ref &target, const T &told) { return system_.tell(target, told, ref()); }

    Code watch(const Ref &target) {
        return static_cast<Code>(motet_ref_watch(motet_probe_ref(probe_.get()), target.get()));
    }
    Code unwatch(const Ref &target) {
        return static_cast<Code>(motet_ref_unwatch(motet_probe_ref(probe_.get()), target.get()));
    }

    // An auto-pilot: functions as those of motet::actor(), called for each message besides that the probe keeps it.
    // No functions end it. Not to be called inside one of them.
    template <detail::Handler... Handlers> void answer(Handlers... handlers) {
        static_assert((!detail::is_task<typename detail::HandlerOf<Handlers>::Returned> && ...),
                      "a pilot answers at once: its functions are no coroutines");
        if constexpr (sizeof...(Handlers) == 0) {
            motet_probe_answer(probe_.get(), nullptr, nullptr);
            pilot_ = nullptr;
        } else {
            auto pilot = std::make_shared<Pilot<Handlers...>>(std::move(handlers)...);
            motet_probe_answer(probe_.get(), Pilot<Handlers...>::receive, pilot.get());
            pilot_ = std::move(pilot);
        }
    }

  private:
    template <class... Handlers> struct Pilot {
        using Actor = detail::FunctionActor<detail::NoState, Handlers...>;

        explicit Pilot(Handlers... functions) : handlers(std::move(functions)...) {}

        static std::int32_t receive(motet_context_t *raw, const motet_message_t *message, void *state) {
            try {
                auto *pilot = static_cast<Pilot *>(state);
                Context context(raw);
                if (!pilot->instance) {
                    auto make = [pilot](Context &) { return Actor(&pilot->handlers); };
                    pilot->instance.emplace(make, context);
                }
                const Message view(motet_context_system(raw), message);
                return pilot->instance->receive(context, view) ? MOTET_OK : MOTET_E_UNHANDLED;
            } catch (...) {
                return detail::fail_with_current_exception(raw);
            }
        }

        std::tuple<Handlers...> handlers;
        std::optional<detail::Instance<Actor, typename Actor::Messages>> instance;
    };

    static motet_probe_t *start(const SystemView &system, const std::string &name) {
        motet_probe_t *probe = nullptr;
        detail::check(motet_probe_new(system.get(), name.empty() ? nullptr : name.c_str(), &probe));
        return probe;
    }

    template <Sendable T> [[nodiscard]] motet_type_t type() const {
        return detail::check_number(detail::type_of<T>(system_.get()), message_name<T>::value);
    }

    // What the last expectation took, of each type in the order it came.
    template <Sendable... T> std::tuple<T...> all_taken() const {
        std::array<bool, sizeof...(T)> given{};
        return std::tuple<T...>{first_of<T>(given)...};
    }

    // The first message of a type that was not given yet.
    template <Sendable T, std::size_t count> T first_of(std::array<bool, count> &given) const {
        for (std::size_t i = 0; i < count; ++i) {
            if (!given[i] && message(i).template is<T>()) {
                given[i] = true;
                return message(i).template as<T>();
            }
        }
        throw Error(Code::internal, message_name<T>::value);
    }

    SystemView system_;
    std::shared_ptr<void> pilot_;  // outlives the probe below
    std::unique_ptr<motet_probe_t, decltype(&motet_probe_free)> probe_;
};

// DeadLetterWatch watches the dead letters of a system as long as it exists, those of unhandled messages among them.
class DeadLetterWatch {
  public:
    explicit DeadLetterWatch(const SystemView &system)
        : system_(system), letters_(start(system), motet_dead_letter_watch_free) {}

    // Expects so many with this cause (Code::ok: any), and takes them; there must not be more.
    void expect(Code cause, std::int64_t count, milliseconds within = Probe::patience) {
        expect(cause, 0, count, within);
    }
    template <Sendable T> void expect(Code cause, std::int64_t count, milliseconds within = Probe::patience) {
        expect(cause, detail::check_number(detail::type_of<T>(system_.get()), message_name<T>::value), count, within);
    }

    // Expects that there is none that was not taken, and that none comes for this time.
    void expect_none(milliseconds during) {
        detail::check(motet_dead_letter_watch_expect_none(letters_.get(), during.count()));
    }

  private:
    static motet_dead_letter_watch_t *start(const SystemView &system) {
        motet_dead_letter_watch_t *letters = nullptr;
        detail::check(motet_dead_letter_watch_new(system.get(), &letters));
        return letters;
    }

    void expect(Code cause, motet_type_t type, std::int64_t count, milliseconds within) {
        detail::check(motet_dead_letter_watch_expect(letters_.get(), static_cast<std::int32_t>(cause), type, count,
                                                     within.count()));
    }

    SystemView system_;
    std::unique_ptr<motet_dead_letter_watch_t, decltype(&motet_dead_letter_watch_free)> letters_;
};

}  // namespace motet
