// Shutdown: how a system ends, in phases, and what a program wants done on the way.
// Knows the C interface's shutdown.
// Must never know what a task does.
#pragma once

#include <motet/error.hpp>
#include <motet/shutdown.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace motet {

using std::chrono::milliseconds;

// Why a system is shut down. The first reason given counts.
enum class ShutdownReason : std::int32_t {
    unknown = MOTET_SHUTDOWN_UNKNOWN,
    actor_system_terminate = MOTET_SHUTDOWN_ACTOR_SYSTEM_TERMINATE,
    process_exit = MOTET_SHUTDOWN_PROCESS_EXIT,
    cluster_leaving = MOTET_SHUTDOWN_CLUSTER_LEAVING,
    cluster_downing = MOTET_SHUTDOWN_CLUSTER_DOWNING,
    cluster_join_unsuccessful = MOTET_SHUTDOWN_CLUSTER_JOIN_UNSUCCESSFUL,
    incompatible_configuration_detected = MOTET_SHUTDOWN_INCOMPATIBLE_CONFIGURATION_DETECTED,
};

// ShutdownTask is a task that was added to a phase.
class ShutdownTask {
  public:
    ShutdownTask(motet_system_t *system, std::uint64_t number) : system_(system), number_(number) {}

    // Takes it back; false when it has begun.
    bool cancel() const { return motet_shutdown_cancel(system_, number_) == MOTET_OK; }

    // Says that it has ended, well or with what went wrong; for tasks that are given themselves. The first word counts.
    void done() const { motet_shutdown_complete(system_, number_, MOTET_OK, nullptr); }
    void fail(Code code, const std::string &message) const {
        motet_shutdown_complete(system_, number_, static_cast<std::int32_t>(code), message.c_str());
    }

  private:
    motet_system_t *system_;
    std::uint64_t number_;
};

// Shutdown is that of a system that somebody else owns.
class Shutdown {
  public:
    explicit Shutdown(motet_system_t *system) : system_(system) {}

    // Adds a task to a phase, "service-stop" or another; the name is for logs. run() is called on a thread of its own:
    // it may block, and the task has ended when it returns, or failed with what it throws. A function
    // run(motet::ShutdownTask) that goes on elsewhere says there when it has ended.
    template <class Run> ShutdownTask add(const std::string &phase, const std::string &name, Run run) const {
        static_assert(std::is_invocable_v<Run &> || std::is_invocable_v<Run &, ShutdownTask>);
        auto kept = std::make_unique<Run>(std::move(run));
        std::uint64_t number = 0;
        detail::check(motet_shutdown_add(
            system_, phase.c_str(), name.c_str(),
            [](motet_system_t *system, std::uint64_t task, void *argument) noexcept {
                begin(*static_cast<Run *>(argument), ShutdownTask(system, task));
            },
            kept.release(), [](void *argument) { delete static_cast<Run *>(argument); }, &number));
        return {system_, number};
    }

    // Runs the shutdown, or joins it, and waits for its end, but not in a handler or task. Without a timeout each phase
    // has its own; from is the phase to begin with.
    void run(ShutdownReason reason, std::optional<milliseconds> timeout = std::nullopt,
             const std::string &from = {}) const {
        detail::check(motet_shutdown_run(system_, static_cast<std::int32_t>(reason), from.c_str(),
                                         timeout ? timeout->count() : -1));
    }

    // Why it runs or ran; nothing when it has not begun.
    [[nodiscard]] std::optional<ShutdownReason> reason() const {
        const std::int32_t reason = motet_shutdown_reason(system_);
        return reason > 0 ? std::optional(static_cast<ShutdownReason>(reason)) : std::nullopt;
    }

  private:
    template <class Run> static void begin(Run &run, const ShutdownTask &task) {
        try {
            if constexpr (std::is_invocable_v<Run &>) {
                run();
                task.done();
            } else {
                run(task);
            }
        } catch (const Error &error) {
            task.fail(error.code(), error.what());
        } catch (const std::exception &error) {
            task.fail(Code::failed, error.what());
        } catch (...) {
            task.fail(Code::failed, "an exception that is no std::exception");
        }
    }

    motet_system_t *system_;
};

}  // namespace motet
