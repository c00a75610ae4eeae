// What the tests of whole nodes share: nodes that talk over real ZeroMQ on the loopback interface.
#pragma once

#include <future>
#include <map>

#include "core/actor/ask.h"
#include "core/remote/remoting.h"
#include "tests/unit/actor/fixture.h"

namespace motet {

// One node: a system with remoting, and a journal of what it saw.
struct LoopbackNode {
    explicit LoopbackNode(const std::string &name = "S", uint16_t port = 0,
                          std::map<std::string, std::string> settings = {}) {
        settings.insert({{"system.name", name},
                         {"remote.port", std::to_string(port)},
                         {"log.level", "off"},
                         {"remote.gate-time", "300ms"},
                         {"remote.handshake-timeout", "20s"},
                         {"remote.watch.heartbeat-interval", "50ms"},
                         {"remote.watch.acceptable-pause", "5s"}});
        for (const auto &[key, value] : settings) {
            const Status set = config.set(key, value);
            EXPECT_TRUE(set.ok()) << set.message();
        }
        system = System::start(config).value();
        std::unique_ptr<Transport> own_transport = Remoting::zmq_transport(*system);
        transport = own_transport.get();
        Result<Ptr<Remoting>> started = Remoting::start(*system, std::move(own_transport));
        EXPECT_TRUE(started.ok()) << started.status().message();
        remoting = started.value();
        remoting->on_refused([this](const Address &peer, Code code, const std::string &reason) {
            refusals.add(peer.text() + " " + code_name(code) + " " + reason);
        });
        word = system->types().intern("test.Word").value();
    }

    ~LoopbackNode() { close(); }

    void close() {
        if (system) {
            remoting->stop(kSecond / 2);
            EXPECT_TRUE(system->close(60 * kSecond).ok());
            system = nullptr;
        }
    }

    // As a process that is killed: nobody is told.
    void kill() {
        transport->stop(0);
        close();
    }

    uint16_t port() const { return remoting->address().port; }

    Ptr<Cell> spawn(const std::string &name, Receive receive) {
        return system->spawn(*system->user_guardian(), Ptr<const Props>(props(std::move(receive))), name).value();
    }

    // An actor that notes what it gets, as "name: text".
    Ptr<Cell> spawn_noting(const std::string &name) {
        return spawn(name, [this, name](Context &, const Envelope &envelope) {
            if (envelope.type() == word) {
                journal.add(name + ": " + text(envelope.payload()));
            } else if (envelope.type() == types::terminated) {
                journal.add(name + ": terminated " + envelope.sender()->path());
            } else if (is_signal(envelope.type()) && envelope.type() != types::pre_start) {
                journal.add(name + ": signal " + system->types().name(envelope.type()));
            }
            return Code::OK;
        });
    }

    // An actor that answers every word.
    Ptr<Cell> spawn_echo(const std::string &name) {
        return spawn(name, [this](Context &context, const Envelope &envelope) {
            return envelope.type() == word ? context.reply(word, envelope.payload()) : Code::OK;
        });
    }

    Ref ref(const LoopbackNode &other, const std::string &path) const {
        Result<Ref> found = system->resolve(other.remoting->address().text() + path);
        EXPECT_TRUE(found.ok()) << found.status().message();
        return found.value();
    }

    Code tell(const Ref &target, std::string_view payload, const ActorRef *sender = nullptr) const {
        return target->tell(word, bytes(payload), sender, {});
    }

    Status ask(const Ref &target, std::string_view payload, std::string *answer) {
        std::promise<Status> done;
        const Result<Ptr<Ask>> asked =
            Ask::send(*system, *target, word, bytes(payload), 60 * kSecond, {}, [&](Status status, Envelope *envelope) {
                if (envelope) {
                    *answer = text(envelope->payload());
                    envelope->destroy();
                }
                done.set_value(std::move(status));
            });
        EXPECT_TRUE(asked.ok());
        return done.get_future().get();
    }

    bool wait(const std::function<bool()> &condition) const {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!condition() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::yield();
        }
        return condition();
    }

    uint64_t dead(Code cause) const {
        const std::map<Code, uint64_t> counts = system->dead_letters().counts();
        const auto found = counts.find(cause);
        return found == counts.end() ? 0 : found->second;
    }

    Config config;
    Ptr<System> system;
    Ptr<Remoting> remoting;
    Transport *transport = nullptr;
    TypeId word = 0;
    Journal journal;
    Journal refusals;  // by whom, the code, the reason
};

}  // namespace motet
