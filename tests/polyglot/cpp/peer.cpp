// The C++ peer of the polyglot test: answers, and runs as the active side against a peer of any language.
//
// Joins through MOTET_CLUSTER__SEED_NODES, spawns /user/peer, prints "ready <address>" when its member is Up.
#include <motet/motet.hpp>

#include <csignal>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;

// What the active side sends and wants back unchanged.
struct Value {
    std::optional<std::string> nothing;
    std::vector<bool> truth{true, false};
    std::vector<std::int64_t> integers{
        0, 1, -1, 127, 128, -129, 2147483648, -2147483649, 9007199254740992, INT64_MAX, INT64_MIN};
    std::vector<double> floats{0.5, -1.25, 1e-300};
    std::string text = "Grüße, žluťoučký kůň, 日本語, 𝄞";
    std::vector<char> bytes{'\0', '\x7f', '\x80', '\xff'};
    std::map<std::string, std::map<std::string, std::vector<std::vector<int>>>> nested{{"a", {{"b", {{}, {1, 2}}}}}};
    motet::Ref ref;
    bool operator==(const Value &) const = default;
    MOTET_FIELDS(nothing, truth, integers, floats, text, bytes, nested, ref)
};

struct Echo {
    Value value;
    MOTET_FIELDS(value)
};
struct Fail {};
struct Stop {};
struct Spawn {};
struct Spawned {
    motet::Ref ref;
    MOTET_FIELDS(ref)
};
struct Run {
    motet::Ref target;
    MOTET_FIELDS(target)
};
struct Report {
    bool ok = false;
    std::string error;
    MOTET_FIELDS(ok, error)
};
// What an ask of this peer came to, told to itself.
struct Asked {
    std::string error;
    MOTET_FIELDS(error)
};
struct TooLate {};

MOTET_MESSAGE(Echo, "peer.Echo");
MOTET_MESSAGE(Fail, "peer.Fail");
MOTET_MESSAGE(Stop, "peer.Stop");
MOTET_MESSAGE(Spawn, "peer.Spawn");
MOTET_MESSAGE(Spawned, "peer.Spawned");
MOTET_MESSAGE(Run, "peer.Run");
MOTET_MESSAGE(Report, "peer.Report");
MOTET_MESSAGE(Asked, "peer.cpp.Asked");
MOTET_MESSAGE(TooLate, "peer.cpp.TooLate");

namespace {

constexpr auto patience = 50s;

// Active is one run against one target: tell, then ask, then watch a child of the target.
class Active {
  public:
    using Messages = motet::Messages<Run, Echo, Asked, Spawned, motet::Terminated, TooLate>;

    void receive(motet::Context &context, const Run &run) {
        requester_ = context.sender();
        target_ = run.target;
        sent_.value.ref = context.self();
        context.after(patience, 1, TooLate{});
        context.tell(target_, sent_);
    }

    void receive(motet::Context &context, const Echo &echo) {
        if (!(echo.value == sent_.value)) {
            report(context, "the reply to tell is not what was sent");
            return;
        }
        waiting_for_ = "the answer to ask";
        context.ask<Echo>(target_, sent_, patience)
            .then([system = context.system(), self = context.self(), sent = sent_](motet::Outcome<Echo> answer) {
                bool same = answer && answer.value().value == sent.value;
                std::string problem = answer ? "the answer to ask is not what was sent" : answer.error().what();
                system.tell(self, Asked{same ? "" : problem});
            });
    }

    void receive(motet::Context &context, const Asked &asked) {
        if (!asked.error.empty()) {
            report(context, asked.error);
            return;
        }
        waiting_for_ = "the reply to spawn";
        context.tell(target_, Spawn{});
    }

    void receive(motet::Context &context, const Spawned &spawned) {
        waiting_for_ = "the end of the child";
        child_ = spawned.ref;
        context.watch(child_);
        context.tell(child_, Stop{});
    }

    void receive(motet::Context &context, const motet::Terminated &terminated) {
        report(context, terminated.actor == child_ ? "" : "the end of another actor was told");
    }

    void receive(motet::Context &context, const TooLate &) { report(context, "timeout waiting for " + waiting_for_); }

  private:
    void report(motet::Context &context, const std::string &error) {
        context.tell(requester_, Report{error.empty(), error});
        context.stop();
    }

    motet::Ref requester_, target_, child_;
    Echo sent_;
    std::string waiting_for_ = "the reply to tell";
};

// Passive does what others ask for. It gives the bytes of an echo back as they came.
class Passive {
  public:
    using Messages = motet::Messages<Fail, Stop, Spawn, Run, motet::Message>;

    void receive(motet::Context &, const Fail &) { throw std::runtime_error("boom-cpp"); }
    void receive(motet::Context &context, const Stop &) { context.stop(); }
    void receive(motet::Context &context, const Spawn &) {
        context.reply(Spawned{context.spawn(motet::actor<Passive>())});
    }
    void receive(motet::Context &context, const Run &) { context.forward(context.spawn(motet::actor<Active>())); }

    bool receive(motet::Context &context, const motet::Message &message) {
        if (!message.is<Echo>()) {
            return false;
        }
        context.reply(message.type(), message.data());
        return true;
    }
};

}  // namespace

int main(int argc, char **argv) try {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);

    motet::System system(motet::Config().load_environment().load_arguments(argc, argv));
    system.spawn(motet::actor<Passive>(), "peer");
    system.register_actor("peer.Peer", motet::actor<Passive>());
    system.cluster().wait_up(60s);
    std::cout << "ready " << system.address() << std::endl;

    int received = 0;
    sigwait(&ending, &received);
    system.close(10s);
    return 0;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
