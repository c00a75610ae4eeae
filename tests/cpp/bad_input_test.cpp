// Bad input to the C++ layer: each is refused with a code, and where it is thrown with a sentence that names it.
#include "support.h"

namespace {

// The call throws this code, with a sentence that has this text in it.
template <class Call> void expect_refused(motet::Code code, const std::string &named, Call call) {
    try {
        call();
        ADD_FAILURE() << named << " was accepted";
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), code) << error.what();
        EXPECT_NE(std::string(error.what()).find(named), std::string::npos) << error.what();
    }
}

motet::Props idle() {
    return motet::actor([](motet::Context &, const Text &) {});
}

TEST(CppBadInput, Names) {
    motet::System system(quiet());
    for (const char *name : {"a/b", "a b", "$a", "a#1", "*", "..", "a\n", "%zz", "\xc3\xa4"}) {
        expect_refused(motet::Code::bad_name, name, [&] { system.spawn(idle(), name); });
    }
    expect_refused(motet::Code::bad_name, "a", [&] { system.spawn(idle(), std::string("a\0b", 3)); });
    system.spawn(idle(), "taken");
    expect_refused(motet::Code::name_taken, "\"taken\"", [&] { system.spawn(idle(), "taken"); });
    system.close(patience);
}

TEST(CppBadInput, WhatIsNotConfigured) {
    motet::System system(quiet());
    for (const char *key : {"dispatcher", "mailbox"}) {
        expect_refused(motet::Code::bad_value, std::string(key) + " \"nowhere\" is not configured",
                       [&] { system.spawn(idle().set(key, "nowhere")); });
    }
    expect_refused(motet::Code::bad_value, "nowhere", [&] { idle().set("router", "nowhere"); });
    expect_refused(motet::Code::unknown_key, "nowhere", [&] { idle().set("nowhere", "1"); });
    system.close(patience);
    for (const char *property : {"dispatcher", "mailbox", "router"}) {
        const std::string key = std::string("actor.deployment.\"/a\".") + property;
        expect_refused(motet::Code::bad_value, "nowhere", [&] { motet::System refused(quiet().set(key, "nowhere")); });
    }
}

TEST(CppBadInput, Durations) {
    motet::System system(quiet());
    motet::Ref ref = system.spawn(idle());
    for (const char *key : {"supervision.within", "supervision.backoff.min", "router.within"}) {
        for (const char *value : {"-1s", "99999999999d", "5", "soon", ""}) {
            expect_refused(motet::Code::bad_value, key, [&] { idle().set(key, value); });
        }
    }
    for (const auto timeout : {0ms, -1ms, std::chrono::milliseconds::min(), std::chrono::milliseconds::max()}) {
        expect_refused(motet::Code::invalid, "the timeout of an ask is above 0 ms",
                       [&] { (void)system.ask<Text>(ref, Text{}, timeout); });
    }
    expect_refused(motet::Code::invalid, "timeout_ms -1", [&] { system.close(-1ms); });
    system.close(patience);
}

TEST(CppBadInput, NobodyAndThoseWhoAreGone) {
    motet::System closed(quiet());
    motet::Ref dead = closed.spawn(idle(), "dead");
    closed.close(patience);

    motet::System system(quiet());
    const motet::Ref nobody;
    EXPECT_EQ(system.tell(nobody, Text{}), motet::Code::invalid);
    EXPECT_EQ(nobody.stop(), motet::Code::invalid);
    EXPECT_EQ(nobody.path(), "");
    expect_refused(motet::Code::invalid, "target is NULL", [&] { (void)system.ask<Text>(nobody, Text{}, 1s); });
    EXPECT_EQ(system.tell(dead, Text{}), motet::Code::stopped);
    EXPECT_EQ(dead.stop(), motet::Code::ok);
    expect_refused(motet::Code::closed, "closed", [&] { (void)closed.ask<Text>(dead, Text{}, 1s); });
    expect_refused(motet::Code::closed, "closed", [&] { closed.spawn(idle()); });

    auto told = std::make_shared<Box<std::string>>();
    motet::Ref watcher = system.spawn(motet::actor(
        [told, dead](motet::Context &context, const Text &) {
            EXPECT_EQ(context.watch(motet::Ref()), motet::Code::invalid);
            EXPECT_EQ(context.unwatch(motet::Ref()), motet::Code::invalid);
            EXPECT_EQ(context.forward(motet::Ref()), motet::Code::invalid);
            EXPECT_EQ(context.tell(motet::Ref(), Text{}), motet::Code::invalid);
            EXPECT_EQ(context.watch(dead), motet::Code::ok);
        },
        [told, dead](motet::Context &context, const motet::Terminated &) {
            told->put(context.sender() == dead ? "the end" : "of whom?");
        }));
    EXPECT_EQ(system.tell(watcher, Text{}), motet::Code::ok);
    EXPECT_EQ(told->take(1)[0], "the end");
    system.close(patience);
}

}  // namespace
