#include "support.h"

#include <unordered_set>

namespace {

motet::Props echo() {
    return motet::actor([](motet::Context &context, const Text &text) { context.reply(text); },
                        [](motet::Context &context, const Ping &) {
                            context.reply(motet::Failure{MOTET_E_NOT_FOUND, "gone"});
                        });
}

TEST(CppSystem, ErrorsAreThrownWithCodeAndSentence) {
    try {
        motet::Config().set("remote.prot", "1");
        FAIL() << "accepted";
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), motet::Code::unknown_key);
        EXPECT_STREQ(error.name(), "UNKNOWN_KEY");
        EXPECT_NE(std::string(error.what()).find("remote.prot"), std::string::npos);
        EXPECT_FALSE(error.retriable());
    }
    EXPECT_STREQ(motet::text(motet::Code::timeout), "the time allowed has passed");
}

TEST(CppSystem, ConfigIsReadBack) {
    motet::Config config;
    config.set("system.name", "choir");
    EXPECT_EQ(config.get("system.name"), "choir");
    EXPECT_EQ(config.get("no.such"), std::nullopt);
    EXPECT_THROW(config.load_file("/nonexistent/motet.toml"), motet::Error);
}

TEST(CppSystem, ConfigReadsArguments) {
    const char *arguments[] = {"program", "--system.name=choir", "--remote.cookie=a=b"};
    motet::Config config;
    config.load_arguments(3, arguments);
    EXPECT_EQ(config.get("system.name"), "choir");
    EXPECT_EQ(config.get("remote.cookie"), "a=b");
    const char *bad[] = {"program", "loud"};
    try {
        config.load_arguments(2, bad);
        FAIL() << "accepted";
    } catch (const motet::Error &error) {
        EXPECT_STREQ(error.what(), "argument \"loud\": expected --key=value");
    }
}

TEST(CppSystem, FutureIsWaitedForOrCallsBack) {
    motet::System system(quiet());
    motet::Ref ref = system.spawn(echo());
    auto future = system.ask<Text>(ref, Text{"la"}, patience);
    EXPECT_EQ(future.get(), Text{"la"});
    EXPECT_EQ(future.get(), Text{"la"});
    auto answers = std::make_shared<Box<std::string>>();
    system.ask<Text>(ref, Text{"le"}, patience).then([answers](const motet::Outcome<Text> &answer) {
        answers->put(answer.value().text);
    });
    EXPECT_EQ(answers->take(1)[0], "le");
    system.close(patience);
}

TEST(CppSystem, FailedAsksThrowWhatWentWrong) {
    motet::System system(quiet());
    motet::Ref ref = system.spawn(echo(), "echo");
    try {
        (void)system.ask<Text>(ref, Ping{}, patience).get();
        FAIL() << "no failure";
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), motet::Code::not_found);
        EXPECT_STREQ(error.what(), "gone");
    }
    auto wrong = system.ask<Number>(ref, Text{"la"}, patience);
    EXPECT_THROW((void)wrong.get(), motet::Error);
    auto outcomes = std::make_shared<Box<motet::Outcome<Text>>>();
    system.ask<Text>(ref, Unknown{}, 20ms).then([outcomes](motet::Outcome<Text> outcome) { outcomes->put(outcome); });
    auto outcome = outcomes->take(1)[0];
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code(), motet::Code::timeout);
    EXPECT_TRUE(outcome.error().retriable());
    EXPECT_THROW((void)outcome.value(), motet::Error);
    system.close(patience);
}

TEST(CppSystem, RefsAreValues) {
    motet::System system(quiet());
    motet::Ref one = system.spawn(echo(), "one");
    motet::Ref two = system.spawn(echo(), "two");
    motet::Ref same = system.ref(one.path());
    EXPECT_EQ(one, same);
    EXPECT_NE(one, two);
    std::unordered_set<motet::Ref> refs{one, two, same};
    EXPECT_EQ(refs.size(), 2u);
    motet::Ref moved = std::move(same);
    EXPECT_FALSE(same);  // NOLINT: what a moved-from ref is, is promised
    moved = two;
    EXPECT_EQ(moved, two);
    moved = *&moved;
    EXPECT_EQ(moved, two);
    EXPECT_EQ(motet::Ref().path(), "");
    EXPECT_EQ(system.tell(motet::Ref(), Ping{}), motet::Code::invalid);
    EXPECT_THROW((void)system.ref("nonsense"), motet::Error);
    system.close(patience);
    EXPECT_EQ(one.path(), system.get() != nullptr ? one.path() : "");
}

TEST(CppSystem, ClosedSystemSaysSo) {
    motet::System system(quiet());
    motet::Ref ref = system.spawn(echo());
    system.close(patience);
    system.close(patience);
    system.wait(0ms);
    EXPECT_EQ(system.uid(), 0u);
    EXPECT_THROW(system.spawn(echo()), motet::Error);
    EXPECT_THROW((void)system.ref("/user/a"), motet::Error);
}

TEST(CppSystem, TracesFollowMessages) {
    motet::System system(quiet());
    auto traces = std::make_shared<Box<motet::Trace>>();
    motet::Ref last =
        system.spawn(motet::actor([traces](motet::Context &context, const Text &) { traces->put(context.trace()); }));
    motet::Ref hop = system.spawn(motet::actor([last](motet::Context &context, const Text &text) {
        context.tell(last, text);
        motet::Span span = context.system().span("part", context.trace());
        context.tell(last, text, span.trace());
        context.tell(last, text, context.sender());
    }));
    motet::Span span = system.span("journey");
    std::string id = span.trace().format().substr(3, 32);
    span.set("voice", "alto");
    system.tell(hop, Text{"la"}, {}, span.trace());
    for (const motet::Trace &trace : traces->take(3)) {
        EXPECT_TRUE(trace);
        EXPECT_EQ(trace.format().substr(3, 32), id);
    }
    span.end(motet::Code::failed, "too long");
    EXPECT_EQ(motet::Trace::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")->format(),
              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    EXPECT_EQ(motet::Trace::parse("hello"), std::nullopt);
    EXPECT_FALSE(motet::Trace());
    system.close(patience);
}

TEST(CppSystem, MessagesMaySpeakForSomebodyElse) {
    motet::System system(quiet());
    auto [box, props] = collector<Text>();
    motet::Ref listener = system.spawn(props);
    motet::Ref speaker = system.spawn(echo());
    EXPECT_EQ(system.tell(speaker, Text{"on behalf"}, listener), motet::Code::ok);
    EXPECT_EQ(box->take(1)[0].text, "on behalf");
    system.close(patience);
}

}  // namespace
