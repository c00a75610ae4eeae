#include <motet/shutdown.h>

#include <exception>

#include "capi/src/objects.h"

using motet::Code;
using motet::ForeignDispatcher;
using motet::Node;
using motet::Ptr;
using motet::Result;
using motet::ShutdownReason;
using motet::Status;
using motet::TaskNumber;
using namespace motet::capi;

static_assert(MOTET_SHUTDOWN_UNKNOWN == static_cast<int>(ShutdownReason::unknown) &&
              MOTET_SHUTDOWN_CLUSTER_DOWNING == static_cast<int>(ShutdownReason::cluster_downing) &&
              MOTET_SHUTDOWN_INCOMPATIBLE_CONFIGURATION_DETECTED ==
                  static_cast<int>(ShutdownReason::incompatible_configuration_detected));

namespace {

// A task in C. What the caller has given with it is released with the last hold.
class CTask final : public motet::RefCounted {
  public:
    CTask(motet_task_fn function, void *argument, motet_release_fn on_release)
        : function_(function), argument_(argument), on_release_(on_release) {}
    ~CTask() override {
        if (on_release_ != nullptr) {
            on_release_(argument_);
        }
    }

    // What it throws, if it is C++, is a failure.
    void run(Node &node, motet_system_t *system, TaskNumber task) const {
        try {
            function_(system, task, argument_);
        } catch (const std::exception &error) {
            node.shutdown().complete(task, Status(Code::FAILED, error.what()));
        } catch (...) {
            node.shutdown().complete(task, Status(Code::FAILED, "an exception that is no std::exception"));
        }
    }

  private:
    const motet_task_fn function_;
    void *const argument_;
    const motet_release_fn on_release_;
};

Status add(Node &node, const char *phase, const char *name, motet::CoordinatedShutdown::Begin begin, uint64_t *out) {
    if (phase == nullptr || name == nullptr) {
        return null_argument(phase == nullptr ? "phase" : "name");
    }
    Result<TaskNumber> task = node.shutdown().add(phase, name, std::move(begin));
    if (!task.ok()) {
        return std::move(task.status());
    }
    if (out != nullptr) {
        *out = task.value();
    }
    return {};
}

// Runs body with the node of a handle, also of a system that is closed; a negative code when there is none.
template <typename Body> int32_t with_node(const motet_system_t *system, Body &&body) {
    return guard_number([&]() -> int32_t {
        if (forked()) {
            return MOTET_E_FORKED;
        }
        const Ptr<Node> node = systems().find(system);
        return node ? body(*node) : system == nullptr ? MOTET_E_INVALID : MOTET_E_CLOSED;
    });
}

}  // namespace

motet_error_t *motet_shutdown_add(motet_system_t *system, const char *phase, const char *name, motet_task_fn run,
                                  void *argument, motet_release_fn release, uint64_t *task) {
    return guard([&]() -> Status {
        const auto c_task = motet::make_counted<CTask>(run, argument, release);
        if (run == nullptr) {
            return null_argument("run");
        }
        Result<Ptr<Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        // The shutdown belongs to the node and does not hold it; the thread of a task does.
        const auto begin = [owner = node.value().get(), system, c_task](TaskNumber number) {
            Status begun =
                owner->system().run_elsewhere("motet-task", [node = Ptr<Node>(owner), system, c_task, number] {
                    c_task->run(*node, system, number);
                });
            if (!begun.ok()) {
                owner->shutdown().complete(number, begun);
            }
        };
        return add(*node.value(), phase, name, begin, task);
    });
}

motet_error_t *motet_shutdown_add_foreign(motet_dispatcher_t *dispatcher, const char *phase, const char *name,
                                          uint64_t *task) {
    return guard([&]() -> Status {
        if (forked()) {
            return {Code::FORKED, "this is a forked child"};
        }
        if (dispatcher == nullptr || task == nullptr) {
            return null_argument(dispatcher == nullptr ? "dispatcher" : "task");
        }
        const Ptr<ForeignDispatcher> found = dispatchers().find(dispatcher);
        if (!found) {
            return {Code::CLOSED, "the dispatcher was freed"};
        }
        Result<Ptr<Node>> node = find_node(static_cast<motet_system_t *>(found->system().handle()));
        if (!node.ok()) {
            return std::move(node.status());
        }
        const auto begin = [owner = node.value().get(), found](TaskNumber number) {
            if (!found->offer_task(number)) {
                owner->shutdown().complete(number, Status(Code::CLOSED, "its dispatcher is closed"));
            }
        };
        return add(*node.value(), phase, name, begin, task);
    });
}

int32_t motet_shutdown_complete(motet_system_t *system, uint64_t task, int32_t code, const char *message) {
    return with_node(system, [&](Node &node) {
        if (code > 0) {
            return MOTET_E_INVALID;
        }
        const auto failure = static_cast<Code>(code);
        const Status outcome =
            code == MOTET_OK ? Status() : Status(failure, message != nullptr ? message : motet::code_text(failure));
        return node.shutdown().complete(task, outcome) ? MOTET_OK : MOTET_E_NOT_FOUND;
    });
}

int32_t motet_shutdown_cancel(motet_system_t *system, uint64_t task) {
    return with_node(system, [&](Node &node) { return node.shutdown().cancel(task) ? MOTET_OK : MOTET_E_NOT_FOUND; });
}

motet_error_t *motet_shutdown_run(motet_system_t *system, int32_t reason, const char *from, int64_t timeout_ms) {
    return guard([&]() -> Status {
        if (forked()) {
            return {Code::FORKED, "this is a forked child"};
        }
        if (system == nullptr) {
            return null_argument("system");
        }
        if (reason < MOTET_SHUTDOWN_UNKNOWN || reason > MOTET_SHUTDOWN_INCOMPATIBLE_CONFIGURATION_DETECTED) {
            return {Code::INVALID, "reason " + std::to_string(reason) + " is none of MOTET_SHUTDOWN_*"};
        }
        const Ptr<Node> node = systems().find(system);
        return node ? node->shut_down(static_cast<ShutdownReason>(reason), from == nullptr ? "" : from,
                                      from_milliseconds(timeout_ms))
                    : Status();
    });
}

int32_t motet_shutdown_reason(const motet_system_t *system) {
    return with_node(system, [](Node &node) {
        const std::optional<ShutdownReason> reason = node.shutdown().reason();
        return reason ? static_cast<int32_t>(*reason) : 0;
    });
}
