// What the tests of the route room share: routers whose routees write down what they get.
#pragma once

#include <map>
#include <set>

#include <msgpack.hpp>

#include "core/actor/ask.h"
#include "core/message/fields.h"
#include "core/route/properties.h"
#include "core/route/protocol.h"
#include "core/route/router.h"
#include "core/route/router_actor.h"
#include "tests/unit/actor/fixture.h"

namespace motet {

using Lines = std::multiset<std::string>;

class RouteTest : public ActorTest {
  protected:
    // Writes "name:payload" into the journal, with the sender when there is one.
    Ptr<Props> noting() {
        return props([this](Context &context, const Envelope &envelope) {
            if (envelope.type() == word) {
                std::string sender = envelope.sender() ? " from " + envelope.sender()->path() : "";
                journal.add(context.self().name() + ":" + text(envelope.payload()) + sender);
            }
            return Code::OK;
        });
    }

    Result<Ptr<Cell>> try_router(const Properties &properties, const Ptr<Props> &routee,
                                 const std::string &name = "router") {
        const Ptr<Props> of_router = routee->copy();  // the routee's are still those of one actor
        for (const auto &[key, value] : properties) {
            Status set = set_property(*of_router, key, value);
            if (!set.ok()) {
                return set;
            }
        }
        return system->spawn(*system->user_guardian(), Ptr<const Props>(of_router), name);
    }

    Ptr<Cell> router(const Properties &properties, const Ptr<Props> &routee, const std::string &name = "router") {
        Result<Ptr<Cell>> made = try_router(properties, routee, name);
        EXPECT_TRUE(made.ok()) << made.status().message();
        return made.value();
    }

    Ptr<Cell> router(const std::string &kind, int instances) {
        return router({{"router", kind}, {"router.instances", std::to_string(instances)}}, noting());
    }

    static const Router &routing(const Ptr<Cell> &router) { return static_cast<const Router &>(*router->routing()); }

    static std::vector<Ptr<Cell>> children(const Ptr<Cell> &router) {
        std::vector<Ptr<Cell>> all;
        const auto routees = routing(router).routees();
        for (const Routee &routee : *routees) {
            all.push_back(routee.actor);
        }
        return all;
    }

    Lines received(size_t count) {
        std::vector<std::string> lines = journal.wait_for(count);
        return {lines.begin(), lines.end()};
    }

    bool soon(const std::function<bool()> &condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!condition() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::yield();
        }
        return condition();
    }

    bool soon_of_size(const Ptr<Cell> &router, size_t size) {
        return soon([&] { return routing(router).routees()->size() == size; });
    }

    // The routees of a router, as it tells who asks.
    std::vector<std::string> ask_routees(const Ptr<Cell> &router) {
        struct Answer {
            Journal journal;
            ByteVector body;
        };
        auto answer = std::make_shared<Answer>();
        auto asked = Ask::send(*system, *router, types::get_routees, {}, 60 * kSecond, {},
                               [answer](Status status, Envelope *envelope) {
                                   if (envelope) {
                                       answer->body.assign(envelope->payload().begin(), envelope->payload().end());
                                       EXPECT_EQ(envelope->type(), types::routees);
                                       envelope->destroy();
                                   }
                                   answer->journal.add(status.ok() ? "ok" : status.message());
                               });
        EXPECT_TRUE(answer->journal.wait_for_line("ok"));
        std::vector<std::string> paths;
        msgpack::object_handle handle =
            msgpack::unpack(reinterpret_cast<const char *>(answer->body.data()), answer->body.size());
        auto routees = handle.get().as<std::map<std::string, std::vector<msgpack::type::ext>>>().at("routees");
        for (const msgpack::type::ext &routee : routees) {
            EXPECT_EQ(routee.type(), kRefExtension);
            paths.emplace_back(routee.data(), routee.size());
        }
        return paths;
    }

    uint64_t dead(Code cause) {
        std::map<Code, uint64_t> counts = system->dead_letters().counts();
        return counts[cause];
    }

    // A body with one field.
    template <typename Value> static ByteVector body(const char *name, const Value &value) {
        msgpack::sbuffer buffer;
        msgpack::packer<msgpack::sbuffer> packer(buffer);
        packer.pack_map(1);
        packer.pack(name);
        packer.pack(value);
        return {buffer.data(), buffer.data() + buffer.size()};
    }

    static ByteVector routee_body(const ActorRef &routee) {
        const std::string path = routee.full_path();
        return body("routee", msgpack::type::ext_ref(("\x01" + path).data(), static_cast<uint32_t>(path.size() + 1)));
    }

    // A wrapper around a message, with a key when there is one.
    template <typename Key>
    static ByteVector wrapped(const std::string &type, std::string_view payload, const Key &key) {
        msgpack::sbuffer buffer;
        msgpack::packer<msgpack::sbuffer> packer(buffer);
        packer.pack_map(3);
        packer.pack("key");
        packer.pack(key);
        packer.pack("type");
        packer.pack(type);
        packer.pack("payload");
        packer.pack_bin(static_cast<uint32_t>(payload.size()));
        packer.pack_bin_body(payload.data(), static_cast<uint32_t>(payload.size()));
        return {buffer.data(), buffer.data() + buffer.size()};
    }
    static ByteVector wrapped(const std::string &type, std::string_view payload) {
        return wrapped(type, payload, msgpack::type::nil_t());
    }

    Code send(const Ptr<Cell> &target, TypeId type, Bytes payload = {}, const ActorRef *sender = nullptr) {
        return target->deliver(Envelope::make(type, payload, sender, {}));
    }
};

}  // namespace motet
