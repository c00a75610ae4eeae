#include "core/actor/ask.h"
#include "fixture.h"

namespace motet {
namespace {

using Lines = std::vector<std::string>;

// Writes every message, by its type or its payload, into the journal; "fail" fails, "bye" stops.
class LifeTest : public ActorTest {
  protected:
    Receive recorder() {
        return [this](Context &context, const Envelope &envelope) {
            std::string line =
                envelope.type() == word ? text(envelope.payload()) : system->types().name(envelope.type());
            journal.add(line);
            return line == "fail" ? context.fail(Code::FAILED, "told to fail") : Code::OK;
        };
    }
};

TEST_F(LifeTest, BeginsHandlesInOrderAndEnds) {
    Ptr<Cell> actor = spawn(recorder());
    tell(actor, "one");
    tell(actor, "two");
    EXPECT_EQ(journal.wait_for(3), (Lines{"motet.PreStart", "one", "two"}));
    stop(actor);
    EXPECT_EQ(journal.wait_for(4).back(), "motet.PostStop");
    wait_stopped(actor);
    EXPECT_EQ(tell(actor, "late"), Code::STOPPED);
    EXPECT_EQ(system->dead_letters().counts().at(Code::STOPPED), 1u);
}

TEST_F(LifeTest, RestartKeepsMailboxNameAndRef) {
    Ptr<Cell> actor = spawn(recorder(), "phoenix");
    uint64_t incarnation = actor->incarnation();
    tell(actor, "fail");
    tell(actor, "after");
    EXPECT_EQ(journal.wait_for(5), (Lines{"motet.PreStart", "fail", "motet.PreRestart", "motet.PostRestart", "after"}));
    EXPECT_EQ(actor->incarnation(), incarnation);
    EXPECT_EQ(actor->path(), system->address().text() + "/user/phoenix");
}

TEST_F(LifeTest, SupervisionStopsAfterTheLastRetry) {
    auto description = props(recorder());
    description->supervision.max_retries = 1;
    Ptr<Cell> actor = spawn(description);
    tell(actor, "fail");
    tell(actor, "fail");
    tell(actor, "never");
    wait_stopped(actor);
    EXPECT_EQ(journal.lines(),
              (Lines{"motet.PreStart", "fail", "motet.PreRestart", "motet.PostRestart", "fail", "motet.PostStop"}));
}

TEST_F(LifeTest, ResumeGoesOnWithTheSameInstance) {
    auto description = props(recorder());
    description->supervision.directive = Directive::resume;
    Ptr<Cell> actor = spawn(description);
    tell(actor, "fail");
    tell(actor, "after");
    EXPECT_EQ(journal.wait_for(3), (Lines{"motet.PreStart", "fail", "after"}));
}

TEST_F(LifeTest, FailureInPreStartStops) {
    Ptr<Cell> actor = spawn([this](Context &context, const Envelope &envelope) {
        journal.add(system->types().name(envelope.type()));
        return envelope.type() == types::pre_start ? context.fail(Code::FAILED, "cannot begin") : Code::OK;
    });
    wait_stopped(actor);
    EXPECT_EQ(journal.lines().front(), "motet.PreStart");
}

TEST_F(LifeTest, EscalationStopsTheParentWhoseOwnDirectiveIsStop) {
    auto child = props([](Context &context, const Envelope &envelope) {
        return envelope.type() == types::pre_start ? Code::OK : context.fail(Code::FAILED, "too much for me");
    });
    child->supervision.directive = Directive::escalate;
    auto parent = props([&, child](Context &context, const Envelope &envelope) {
        if (envelope.type() == types::pre_start) {
            Result<Ptr<Cell>> spawned = system->spawn(context.self(), Ptr<const Props>(child), "child");
            EXPECT_TRUE(spawned.ok());
        }
        return Code::OK;
    });
    parent->supervision.directive = Directive::stop;
    Ptr<Cell> top = spawn(parent, "top");
    Result<Ref> found = system->resolve("/user/top/child");
    ASSERT_TRUE(found.ok());
    found.value()->deliver(Envelope::make(word, bytes("x"), nullptr, {}));
    // The child may not exist yet when the message is sent; then it is a dead letter and sent again.
    for (auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
         !top->stopped() && std::chrono::steady_clock::now() < deadline;) {
        if (Ptr<Cell> cell = top->children().find("child")) {
            tell(cell, "x");
        }
        std::this_thread::yield();
    }
    wait_stopped(top);
}

// A supervisor that resumes resumes all: also the child whose failure it has made its own, and its children.
TEST_F(LifeTest, WhatWasEscalatedGoesOnWhenTheParentIsResumed) {
    auto grandchild = props(recorder());
    auto child = props([&, grandchild](Context &context, const Envelope &envelope) {
        if (envelope.type() == types::pre_start) {
            EXPECT_TRUE(system->spawn(context.self(), Ptr<const Props>(grandchild), "grandchild").ok());
        }
        return recorder()(context, envelope);
    });
    child->supervision.directive = Directive::escalate;
    auto parent = props([&, child](Context &context, const Envelope &envelope) {
        if (envelope.type() == types::pre_start) {
            EXPECT_TRUE(system->spawn(context.self(), Ptr<const Props>(child), "child").ok());
        }
        return recorder()(context, envelope);
    });
    parent->supervision.directive = Directive::resume;
    Ptr<Cell> top = spawn(parent, "top");
    ASSERT_EQ(journal.wait_for(3).size(), 3u);
    Ptr<Cell> middle = top->children().find("child");
    Ptr<Cell> bottom = middle->children().find("grandchild");
    tell(middle, "fail");
    tell(middle, "child after");
    EXPECT_TRUE(journal.wait_for_line("child after"));
    tell(bottom, "grandchild after");
    EXPECT_TRUE(journal.wait_for_line("grandchild after"));
    tell(top, "parent after");
    EXPECT_TRUE(journal.wait_for_line("parent after"));
}

TEST_F(LifeTest, ChildrenStopBeforeTheirParent) {
    auto child = props([this](Context &, const Envelope &envelope) {
        if (envelope.type() == types::pre_start) {
            journal.add("child here");  // a child that is stopped before it has begun neither begins nor ends
        } else if (envelope.type() == types::post_stop) {
            journal.add("child gone");
        }
        return Code::OK;
    });
    Ptr<Cell> parent = spawn([&, child](Context &context, const Envelope &envelope) {
        if (envelope.type() == types::pre_start) {
            EXPECT_TRUE(system->spawn(context.self(), Ptr<const Props>(child), "a").ok());
            EXPECT_TRUE(system->spawn(context.self(), Ptr<const Props>(child), "b").ok());
            EXPECT_EQ(system->spawn(context.self(), Ptr<const Props>(child), "b").status().code(), Code::NAME_TAKEN);
        } else if (envelope.type() == types::post_stop) {
            journal.add("parent gone");
        }
        return Code::OK;
    });
    ASSERT_EQ(journal.wait_for(2).size(), 2u);
    stop(parent);
    EXPECT_EQ(journal.wait_for(5), (Lines{"child here", "child here", "child gone", "child gone", "parent gone"}));
}

TEST_F(LifeTest, TerminatedComesOnceAndAfterWhatTheActorSaid) {
    Ptr<Cell> watched = spawn([](Context &context, const Envelope &envelope) {
        return is_signal(envelope.type()) ? Code::OK : context.reply(envelope.type(), envelope.payload());
    });
    Ptr<Cell> watcher = spawn([&](Context &context, const Envelope &envelope) {
        if (envelope.type() == types::pre_start) {
            context.self().watch(*watched);
            context.self().watch(*watched);
            for (int i = 0; i < 3; ++i) {
                context.tell(*watched, word, bytes("hello"));
            }
            context.tell(*watched, types::poison_pill, {});
        } else {
            journal.add(system->types().name(envelope.type()));
            EXPECT_TRUE(envelope.type() != types::terminated || envelope.sender() == watched.get());
        }
        return Code::OK;
    });
    EXPECT_EQ(journal.wait_for(4), (Lines{"test.Word", "test.Word", "test.Word", "motet.Terminated"}));
    stop(watcher);
    wait_stopped(watcher);
    EXPECT_EQ(journal.lines().size(), 5u);  // and its own post-stop
}

TEST_F(LifeTest, AFailureIsNoMessageToASenderWhoDidNotAsk) {
    Ptr<Cell> failing = spawn([](Context &context, const Envelope &envelope) {
        return is_signal(envelope.type()) ? Code::OK : context.fail(Code::FAILED, "told to fail");
    });
    Ptr<Cell> parent = spawn(recorder(), "temp");  // a name of the user's own, below /user
    Ptr<Cell> sender = system->spawn(*parent, Ptr<const Props>(props(recorder())), "a").value();
    tell(failing, "x", sender.get());
    failing->deliver(Envelope::make(types::poison_pill, {}, nullptr, {}));
    wait_stopped(failing);
    tell(sender, "last");
    ASSERT_TRUE(journal.wait_for_line("last"));
    Lines lines = journal.lines();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "motet.Failure"), 0);
}

TEST_F(LifeTest, TheTraceOfWhatEndedAnActorReachesItsWatchersAndItsHooks) {
    TraceContext trace{1, 2, 3, 0};
    auto traced = [&](const Envelope &envelope) {
        journal.add(std::string(system->types().name(envelope.type())) + (envelope.trace() == trace ? " traced" : ""));
        return Code::OK;
    };
    auto description = props([&](Context &context, const Envelope &envelope) {
        traced(envelope);
        return envelope.type() == word ? context.fail(Code::FAILED, "told to fail") : Code::OK;
    });
    description->supervision.max_retries = 1;
    Ptr<Cell> watched = spawn(description);
    ASSERT_TRUE(journal.wait_for_line("motet.PreStart"));
    Ptr<Cell> watcher = spawn([&](Context &context, const Envelope &envelope) {
        if (envelope.type() == types::pre_start) {
            context.self().watch(*watched);
            journal.add("watching");
            return Code::OK;
        }
        return traced(envelope);
    });
    ASSERT_TRUE(journal.wait_for_line("watching"));  // who watches later hears of the end alone
    watched->deliver(Envelope::make(word, {}, nullptr, trace));
    watched->deliver(Envelope::make(types::poison_pill, {}, nullptr, trace));
    EXPECT_EQ(journal.wait_for(7),
              (Lines{"motet.PreStart", "watching", "test.Word traced", "motet.PreRestart traced",
                     "motet.PostRestart traced", "motet.PostStop traced", "motet.Terminated traced"}));
    EXPECT_TRUE(system->close(60 * kSecond).ok());  // before what the behaviours capture goes
}

TEST_F(LifeTest, WatchingTheDeadTellsAtOnceAndUnhandledNewsFailTheWatcher) {
    Ptr<Cell> dead = spawn(recorder());
    stop(dead);
    wait_stopped(dead);
    auto description = props([&](Context &context, const Envelope &envelope) {
        if (envelope.type() == types::pre_start) {
            context.self().watch(*dead);
        }
        return envelope.type() == types::terminated ? Code::UNHANDLED : Code::OK;
    });
    description->supervision.directive = Directive::stop;
    wait_stopped(spawn(description));
}

TEST_F(LifeTest, UnwatchedNewsNeverCome) {
    Ptr<Cell> watched = spawn(recorder());
    Ptr<Cell> watcher = spawn([&](Context &context, const Envelope &envelope) {
        if (envelope.type() == types::pre_start) {
            context.self().watch(*watched);
        } else if (envelope.type() == word) {
            stop(watched);
            wait_stopped(watched);
            context.self().unwatch(*watched);
            journal.add("unwatched");
        } else if (envelope.type() == types::terminated) {
            journal.add("terminated");
        }
        return Code::OK;
    });
    tell(watcher, "go");
    ASSERT_TRUE(journal.wait_for_line("unwatched"));
    stop(watcher);
    wait_stopped(watcher);
    Lines lines = journal.lines();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "terminated"), 0);
}

TEST_F(LifeTest, KillAndUnhandled) {
    Ptr<Cell> actor = spawn([](Context &, const Envelope &) { return Code::UNHANDLED; });
    tell(actor, "what is that");
    actor->deliver(Envelope::make(types::kill, {}, nullptr, {}));
    wait_stopped(actor);
    EXPECT_EQ(system->dead_letters().counts().at(Code::UNHANDLED), 1u);
}

TEST_F(LifeTest, AFullMailboxRefusesWithACause) {
    auto gate = std::make_shared<std::mutex>();  // the actor outlives this function
    gate->lock();
    auto description = props([gate](Context &, const Envelope &) {
        std::lock_guard wait(*gate);
        return Code::OK;
    });
    description->mailbox_capacity = 10;
    Ptr<Cell> actor = spawn(description);
    Code last = Code::OK;
    for (int i = 0; i < 12; ++i) {
        last = tell(actor, "x");
    }
    EXPECT_EQ(last, Code::MAILBOX_FULL);
    gate->unlock();
    EXPECT_GE(system->dead_letters().counts().at(Code::MAILBOX_FULL), 1u);
}

TEST_F(LifeTest, AskEndsWithTheFirstAnswerOrInTime) {
    Ptr<Cell> echo = spawn([](Context &context, const Envelope &envelope) {
        return is_signal(envelope.type()) || envelope.payload().empty()
                   ? Code::OK
                   : context.reply(envelope.type(), envelope.payload());
    });
    auto done = [this](Status status, Envelope *envelope) {
        journal.add(status.ok() ? text(envelope->payload()) : code_name(status.code()));
        if (envelope) {
            envelope->destroy();
        }
    };
    ASSERT_TRUE(Ask::send(*system, *echo, word, bytes("hello"), 60 * kSecond, {}, done).ok());
    EXPECT_EQ(journal.wait_for(1), Lines{"hello"});
    ASSERT_TRUE(Ask::send(*system, *echo, word, {}, 10 * kMillisecond, {}, done).ok());
    EXPECT_EQ(journal.wait_for(2).back(), "TIMEOUT");
    EXPECT_EQ(Ask::send(*system, *echo, word, {}, 0, {}, done).status().code(), Code::INVALID);
    stop(echo);
    wait_stopped(echo);
    ASSERT_TRUE(Ask::send(*system, *echo, word, bytes("x"), 60 * kSecond, {}, done).ok());
    EXPECT_EQ(journal.wait_for(3).back(), "STOPPED");
}

TEST_F(LifeTest, AFailureAnswersWhoAskedAndTheNextInstanceGoesOn) {
    Ptr<Cell> actor = spawn([](Context &context, const Envelope &envelope) {
        if (is_signal(envelope.type())) {
            return Code::OK;
        }
        return envelope.payload().empty() ? context.fail(Code::FAILED, "boom")
                                          : context.reply(envelope.type(), envelope.payload());
    });
    auto done = [this](Status status, Envelope *envelope) {
        journal.add(status.ok() ? text(envelope->payload())
                                : std::string(code_name(status.code())) + ": " + status.message());
        if (envelope) {
            envelope->destroy();
        }
    };
    ASSERT_TRUE(Ask::send(*system, *actor, word, {}, 60 * kSecond, {}, done).ok());
    EXPECT_EQ(journal.wait_for(1), Lines{"FAILED: boom"});
    ASSERT_TRUE(Ask::send(*system, *actor, word, bytes("again"), 60 * kSecond, {}, done).ok());
    EXPECT_EQ(journal.wait_for(2).back(), "again");
}

TEST_F(LifeTest, SelectionsFindWhoIsThereNow) {
    spawn(recorder(), "worker-1");
    spawn(recorder(), "worker-2");
    Result<Ref> selection = system->resolve("/user/worker-*");
    ASSERT_TRUE(selection.ok());
    selection.value()->deliver(Envelope::make(word, bytes("all"), nullptr, {}));
    Lines lines = journal.wait_for(4);
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "all"), 2);
    EXPECT_EQ(system->resolve("/user/nobody").value()->deliver(Envelope::make(word, {}, nullptr, {})), Code::STOPPED);
    EXPECT_EQ(system->resolve("user").status().code(), Code::BAD_NAME);
    EXPECT_EQ(system->resolve("/user/a b").status().code(), Code::BAD_NAME);
    EXPECT_EQ(system->resolve("motet.tcp://x").status().code(), Code::BAD_ADDRESS);
}

TEST_F(LifeTest, CloseStopsEverybodyAndRefusesNewActors) {
    std::vector<Ptr<Cell>> actors;
    for (int i = 0; i < 100; ++i) {
        actors.push_back(spawn(recorder()));
    }
    EXPECT_TRUE(system->close(60 * kSecond).ok());
    EXPECT_TRUE(system->close(60 * kSecond).ok());
    for (const Ptr<Cell> &actor : actors) {
        EXPECT_TRUE(actor->stopped());
        EXPECT_EQ(tell(actor, "late"), Code::STOPPED);
    }
    EXPECT_EQ(system->user_guardian().get(), nullptr);
}

TEST_F(LifeTest, BadNamesAndUnknownDispatchers) {
    auto spawn_named = [&](const std::string &name, Ptr<Props> description) {
        return system->spawn(*system->user_guardian(), Ptr<const Props>(description), name).status().code();
    };
    EXPECT_EQ(spawn_named("a/b", props(recorder())), Code::BAD_NAME);
    EXPECT_EQ(spawn_named("$a", props(recorder())), Code::BAD_NAME);
    EXPECT_EQ(spawn_named(std::string(300, 'a'), props(recorder())), Code::BAD_NAME);
    EXPECT_EQ(spawn_named("good", make_counted<Props>()), Code::INVALID);
    auto elsewhere = props(recorder());
    elsewhere->dispatcher = "elsewhere";
    EXPECT_EQ(spawn_named("good", elsewhere), Code::BAD_VALUE);
    elsewhere->dispatcher = "blocking";
    EXPECT_EQ(spawn_named("good", elsewhere), Code::OK);
}

}  // namespace
}  // namespace motet
