// Actors that are created on other nodes: by code and configuration, supervised across the wire, let in or not.
#include "core/message/fields.h"
#include "core/message/signals.h"
#include "tests/unit/remote/loopback_node.h"

namespace motet {
namespace {

using Node = LoopbackNode;

// A worker that notes its life and arguments in the journal of its node, answers words, and fails on "fail ...".
void register_worker(Node &node, const std::string &type = "test.Worker") {
    auto props = make_counted<Props>();
    props->make_behavior = [&node](Context &context) -> Result<std::unique_ptr<Behavior>> {
        const auto &arguments = context.self().props().arguments;
        const std::string with = arguments ? std::string(arguments->begin(), arguments->end()) : "";
        if (with == "bad") {
            return Status(Code::FAILED, "such arguments are of no use");
        }
        node.journal.add("made with " + with);
        class Worker final : public Behavior {
          public:
            explicit Worker(Node &of) : node_(of) {}
            Code receive(Context &context, const Envelope &envelope) override {
                if (envelope.type() == node_.word) {
                    const std::string word = text(envelope.payload());
                    if (word.starts_with("fail")) {
                        return context.fail(Code::TIMEOUT, word);
                    }
                    ++count_;
                    return context.reply(node_.word, bytes(word + " " + std::to_string(count_)));
                }
                if (envelope.type() == types::post_restart) {
                    node_.journal.add("restarted: " + decode_failure(envelope.payload()).message());
                } else if (envelope.type() == types::post_stop) {
                    node_.journal.add("stopped");
                }
                return Code::OK;
            }

          private:
            Node &node_;
            int count_ = 0;
        };
        return std::unique_ptr<Behavior>(std::make_unique<Worker>(node));
    };
    ASSERT_TRUE(node.system->actor_types().add(type, props).ok());
}

Ptr<Props> worker_at(const Node &node, const std::string &arguments = "", const std::string &type = "test.Worker") {
    auto props = make_counted<Props>();
    props->type = type;
    props->arguments = std::make_shared<const std::vector<uint8_t>>(arguments.begin(), arguments.end());
    props->node = node.remoting->address();
    return props;
}

Result<Ptr<Cell>> spawn(Node &node, const Ptr<const Props> &props, const std::string &name) {
    return node.system->spawn(*node.system->user_guardian(), props, name);
}

// A parent on a node that spawns a child of props, with a way to tell the child.
Ptr<Cell> spawn_parent(Node &node, const Ptr<const Props> &child, const std::string &name = "parent") {
    return node.spawn(name, [&node, child](Context &context, const Envelope &envelope) {
        if (envelope.type() == types::pre_start) {
            const Result<Ptr<Cell>> made = node.system->spawn(context.self(), child, "child");
            EXPECT_TRUE(made.ok()) << made.status().message();
            context.self().watch(*made.value());
        } else if (envelope.type() == types::terminated) {
            node.journal.add("parent: terminated " + envelope.sender()->path());
        }
        return Code::OK;
    });
}

Ref child_of(Node &node, const Ptr<Cell> &parent) {
    EXPECT_TRUE(node.wait([&] { return parent->children().find("child") != nullptr; }));
    return Ref(parent->children().find("child"));
}

TEST(Creation, HappensThereWithItsArgumentsAndWhatIsToldAtOnceArrives) {
    Node a;
    Node b;
    register_worker(b);
    const Result<Ptr<Cell>> worker = spawn(a, worker_at(b, "forty-two"), "worker");
    ASSERT_TRUE(worker.ok()) << worker.status().message();
    EXPECT_EQ(worker.value()->path(), a.remoting->address().text() + "/user/worker");
    std::string answer;
    for (int i = 1; i <= 5; ++i) {
        ASSERT_TRUE(a.ask(Ref(worker.value()), "x", &answer).ok());
        EXPECT_EQ(answer, "x " + std::to_string(i));
    }
    EXPECT_EQ(b.journal.lines(), std::vector<std::string>{"made with forty-two"});
    EXPECT_TRUE(b.system->actor_types().names() == std::vector<std::string>{"test.Worker"});
    worker.value()->deliver_system(new SystemMessage{SystemKind::stop, {}});
    EXPECT_TRUE(b.journal.wait_for_line("stopped"));
}

TEST(Creation, IsSupervisedAcrossTheWire) {
    for (const auto &[directive, after] : std::vector<std::pair<Directive, std::string>>{
             {Directive::restart, "x 1"}, {Directive::resume, "x 2"}, {Directive::stop, ""}}) {
        Node a;
        Node b;
        register_worker(b);
        const Ptr<Props> props = worker_at(b);
        props->supervision.directive = directive;
        const Ptr<Cell> parent = spawn_parent(a, props);
        const Ref child = child_of(a, parent);
        std::string answer;
        ASSERT_TRUE(a.ask(child, "x", &answer).ok());
        a.tell(child, "fail because of the weather");
        if (directive == Directive::stop) {
            EXPECT_TRUE(a.journal.wait_for_line("parent: terminated " + child->path()));
            EXPECT_TRUE(b.journal.wait_for_line("stopped"));
            continue;
        }
        ASSERT_TRUE(a.ask(child, "x", &answer).ok());
        EXPECT_EQ(answer, after);
        const std::vector<std::string> lines = b.journal.lines();
        const bool restarted = std::count(lines.begin(), lines.end(), "restarted: fail because of the weather") == 1;
        EXPECT_EQ(restarted, directive == Directive::restart);
    }
}

TEST(Creation, FailsAsOftenAsItIsAllowedTo) {
    Node a;
    Node b;
    register_worker(b);
    const Ptr<Props> props = worker_at(b);
    props->supervision.max_retries = 2;
    const Ptr<Cell> parent = spawn_parent(a, props);
    const Ref child = child_of(a, parent);
    for (int i = 0; i < 3; ++i) {
        a.tell(child, "fail " + std::to_string(i));
    }
    EXPECT_TRUE(a.journal.wait_for_line("parent: terminated " + child->path()));
    EXPECT_TRUE(b.journal.wait_for_line("stopped"));
    const std::vector<std::string> lines = b.journal.lines();
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                            [](const std::string &line) { return line.starts_with("restarted"); }),
              2);
}

TEST(Creation, IsRefusedWithAReason) {
    Node a;
    Node b("S", 0, {{"remote.creation.deny", "test.Secret*"}});
    register_worker(b);
    register_worker(b, "test.SecretWorker");
    const std::pair<Ptr<Props>, Code> refused[] = {{worker_at(b, "", "test.Nobody"), Code::NOT_FOUND},
                                                   {worker_at(b, "", "test.SecretWorker"), Code::REFUSED},
                                                   {worker_at(b, "bad"), Code::FAILED}};
    for (const auto &[props, code] : refused) {
        const Ptr<Cell> parent = spawn_parent(a, props, code_name(code));
        EXPECT_TRUE(a.journal.wait_for_line("parent: terminated " + parent->path() + "/child"));
    }
    Node c("S", 0, {{"remote.untrusted-mode", "on"}});
    register_worker(c);
    const Ptr<Cell> parent = spawn_parent(a, worker_at(c), "untrusted");
    EXPECT_TRUE(a.journal.wait_for_line("parent: terminated " + parent->path() + "/child"));
    EXPECT_TRUE(c.journal.lines().empty());
    Node d("S", 0, {{"remote.creation.allow", ""}});
    register_worker(d);
    EXPECT_TRUE(spawn(a, worker_at(d), "worker").ok());
    EXPECT_TRUE(a.wait([&] { return a.system->user_guardian()->children().find("worker") == nullptr; }));
    EXPECT_TRUE(d.journal.lines().empty());
}

TEST(Creation, ThatCannotWorkIsRefusedAtOnce) {
    Node a;
    Node b;
    const auto nameless = make_counted<Props>();
    nameless->node = b.remoting->address();
    EXPECT_EQ(spawn(a, nameless, "w").status().code(), Code::INVALID);
    const Ptr<Props> unknown = worker_at(a);
    const Result<Ptr<Cell>> here = spawn(a, unknown, "w");
    EXPECT_EQ(here.status().code(), Code::INVALID);
    EXPECT_NE(here.status().message().find("no actor type \"test.Worker\" is registered here"), std::string::npos);
    EXPECT_EQ(spawn(a, worker_at(b, std::string(40'000, 'x')), "w").status().code(), Code::TOO_LARGE);
    Node untrusting("S", 0, {{"remote.untrusted-mode", "on"}});
    EXPECT_EQ(spawn(untrusting, worker_at(b), "w").status().code(), Code::UNTRUSTED);
    register_worker(a);
    EXPECT_EQ(a.system->actor_types().add("test.Worker", worker_at(a)).code(), Code::INVALID);
    EXPECT_EQ(a.system->actor_types().add("motet.Worker", a.system->actor_types().find("test.Worker")).code(),
              Code::BAD_NAME);
    EXPECT_EQ(a.system->actor_types().add("test.Worker", a.system->actor_types().find("test.Worker")).code(),
              Code::NAME_TAKEN);
}

TEST(Creation, HappensWhereTheConfigurationSaysSo) {
    Node b;
    register_worker(b);
    Node a("S", 0,
           {{"actor.deployment.\"/service/*\".remote", b.remoting->address().text()},
            {"actor.deployment.\"/service/near\".remote", "local"}});
    register_worker(a);
    const Ptr<Cell> service = a.spawn("service", [](Context &, const Envelope &) { return Code::OK; });
    for (const std::string name : {"far", "near"}) {
        auto props = make_counted<Props>();
        props->type = "test.Worker";
        props->arguments = std::make_shared<const std::vector<uint8_t>>(name.begin(), name.end());
        const Result<Ptr<Cell>> worker = a.system->spawn(*service, Ptr<const Props>(props), name);
        ASSERT_TRUE(worker.ok()) << worker.status().message();
        std::string answer;
        EXPECT_TRUE(a.ask(Ref(worker.value()), "x", &answer).ok());
    }
    EXPECT_EQ(b.journal.lines(), std::vector<std::string>{"made with far"});
    EXPECT_EQ(a.journal.lines(), std::vector<std::string>{"made with near"});
}

TEST(Creation, EndsWithTheNodeOfTheParent) {
    Node b;
    register_worker(b);
    {
        Node a;
        const Result<Ptr<Cell>> worker = spawn(a, worker_at(b), "worker");
        std::string answer;
        ASSERT_TRUE(a.ask(Ref(worker.value()), "x", &answer).ok());
        a.kill();
    }
    EXPECT_TRUE(b.journal.wait_for_line("stopped"));
}

TEST(Creation, EndsForTheParentWithTheNodeOfTheActor) {
    Node a;
    Node b;
    register_worker(b);
    const Ptr<Cell> parent = spawn_parent(a, worker_at(b));
    const Ref child = child_of(a, parent);
    std::string answer;
    ASSERT_TRUE(a.ask(child, "x", &answer).ok());
    b.kill();
    EXPECT_TRUE(a.journal.wait_for_line("parent: terminated " + child->path()));
}

}  // namespace
}  // namespace motet
