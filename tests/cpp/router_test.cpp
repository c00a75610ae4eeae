#include "support.h"

#include <map>
#include <set>

namespace {

struct Job {
    std::string customer;
    std::int64_t number = 0;
    MSGPACK_DEFINE_MAP(customer, number)
};

// Who has done a job.
struct Done {
    std::string routee;
    MSGPACK_DEFINE_MAP(routee)
};

}  // namespace

MOTET_MESSAGE(Job, "test.Job");
MOTET_MESSAGE(Done, "test.Done");

namespace {

motet::Props worker() {
    return motet::actor([](motet::Context &context, const Job &) { context.reply(Done{context.self().path()}); });
}

std::string done_by(const motet::System &system, const motet::Ref &router, const Job &job) {
    return system.ask<Done>(router, job, patience).get().routee;
}

TEST(CppRouter, APoolDealsInTurn) {
    motet::System system(quiet());
    motet::Ref pool = system.spawn(motet::pool(worker(), motet::routing::RoundRobin{}, 3), "pool");
    std::map<std::string, int> jobs;
    for (int i = 0; i < 9; ++i) {
        ++jobs[done_by(system, pool, Job{})];
    }
    EXPECT_EQ(jobs.size(), 3u);
    for (const auto &[routee, count] : jobs) {
        EXPECT_EQ(count, 3);
    }
    system.close(patience);
}

TEST(CppRouter, EveryLogicAnswers) {
    motet::System system(quiet());
    auto answers = [&](const motet::Props &props) {
        motet::Ref router = system.spawn(props);
        EXPECT_FALSE(done_by(system, router, Job{"ada"}).empty());
    };
    std::string worker_path = system.spawn(worker(), "worker").path();
    auto both = [&](const auto &logic) {
        answers(motet::pool(worker(), logic, 2));
        answers(motet::group(logic, {"/user/worker", worker_path}));
    };
    both(motet::routing::RoundRobin{});
    both(motet::routing::Random{});
    both(motet::routing::SmallestMailbox{});
    both(motet::routing::Broadcast{});
    both(motet::routing::ScatterGather{.within = 10s});
    both(motet::routing::TailChopping{.interval = 1ms});
    both(motet::routing::ConsistentHashing{.hash_key = "customer"});
    answers(motet::pool(worker(), motet::routing::Balancing{}, 2));
    system.close(patience);
}

TEST(CppRouter, APoolResizesItself) {
    motet::System system(quiet());
    auto routees = [&](const motet::Props &props) {
        motet::Ref pool = system.spawn(props);
        EXPECT_FALSE(done_by(system, pool, Job{}).empty());
        return system.ask<motet::Routees>(pool, motet::GetRoutees{}, patience).get().routees.size();
    };
    EXPECT_EQ(routees(motet::pool(worker(), motet::routing::Balancing{},
                                  motet::routing::Pressure{.lower_bound = 3, .upper_bound = 3, .rampup_rate = 0.25})),
              3u);
    EXPECT_EQ(routees(motet::pool(worker(), motet::routing::Random{}, motet::routing::OptimalSizeExploring{})), 1u);
    system.close(patience);
}

TEST(CppRouter, AKeyStaysWithItsRoutee) {
    motet::System system(quiet());
    motet::Ref pool = system.spawn(motet::pool(worker(), motet::routing::ConsistentHashing{"customer"}, 5));
    auto enveloped = [&](const auto &key) {
        return system.ask<Done>(pool, motet::ConsistentHashableEnvelope(key, Job{"any"}), patience).get().routee;
    };
    std::set<std::string> used;
    for (std::string customer : {"ada", "grace", "edsger", "barbara", "donald", "alan", "john", "leslie"}) {
        std::string routee = done_by(system, pool, Job{customer, 1});
        EXPECT_EQ(done_by(system, pool, Job{customer, 2}), routee);
        EXPECT_EQ(enveloped(customer), routee);
        EXPECT_EQ(enveloped(customer.c_str()), routee);
        used.insert(routee);
    }
    EXPECT_GT(used.size(), 1u);
    EXPECT_EQ(enveloped(42), enveloped("42"));
    EXPECT_EQ(system.tell(pool, Ping{}), motet::Code::invalid) << "without a key";
    system.close(patience);
}

TEST(CppRouter, IsManagedByMessages) {
    motet::System system(quiet());
    auto [box, props] = collector<Job>();
    motet::Ref guest = system.spawn(props, "guest");
    motet::Ref pool = system.spawn(motet::pool(std::move(props), motet::routing::Random{}, 1), "pool");
    auto routees = [&] { return system.ask<motet::Routees>(pool, motet::GetRoutees{}, patience).get().routees; };
    EXPECT_EQ(routees().size(), 1u);
    system.tell(pool, motet::AdjustPoolSize{2});
    system.tell(pool, motet::AddRoutee{guest});
    EXPECT_EQ(routees().size(), 4u);
    EXPECT_EQ(routees().back(), guest);
    EXPECT_EQ(system.tell(pool, motet::Broadcast(Job{"ada", 7})), motet::Code::ok);
    for (const Job &job : box->take(4)) {
        EXPECT_EQ(job.number, 7);
    }
    system.tell(pool, motet::RemoveRoutee{guest});
    system.tell(pool, motet::AdjustPoolSize{-5});
    EXPECT_EQ(routees().size(), 1u);
    EXPECT_EQ(system.tell(guest, Job{}), motet::Code::ok) << "who only was a guest lives on";

    auto ends = std::make_shared<Box<motet::Ref>>();
    system.spawn(
        motet::actor<int>([pool](int &, motet::Context &context, const motet::PreStart &) { context.watch(pool); },
                          [ends](motet::Context &, const motet::Terminated &end) { ends->put(end.actor); }));
    system.tell(pool, motet::Broadcast(motet::PoisonPill{}));
    EXPECT_EQ(ends->take(1)[0], pool);
    system.close(patience);
}

TEST(CppRouter, SaysWhatIsWrong) {
    motet::System system(quiet());
    auto code_of = [&](auto make) {
        try {
            system.spawn(make());
        } catch (const motet::Error &error) {
            EXPECT_NE(std::string(error.what()).find("router"), std::string::npos) << error.what();
            return error.code();
        }
        return motet::Code::ok;
    };
    EXPECT_EQ(code_of([] { return motet::pool(worker(), motet::routing::Random{}, 0); }), motet::Code::bad_value);
    EXPECT_EQ(code_of([] { return motet::pool(worker(), motet::routing::Random{}, -3); }), motet::Code::bad_value);
    EXPECT_EQ(code_of([] { return motet::group(motet::routing::Random{}, {}); }), motet::Code::bad_value);
    EXPECT_EQ(code_of([] { return motet::pool(worker(), motet::routing::ScatterGather{.within = 0s}, 1); }),
              motet::Code::bad_value);
    EXPECT_EQ(code_of([] { return motet::group(motet::routing::Balancing{}, {"/user/a"}); }), motet::Code::bad_value);
    EXPECT_EQ(code_of([] {
                  return motet::pool(worker(), motet::routing::Random{},
                                     motet::routing::Pressure{.lower_bound = 3, .upper_bound = 2});
              }),
              motet::Code::bad_value);
    EXPECT_EQ(code_of([] { return worker().set("router", "fastest-pool"); }), motet::Code::bad_value);
    EXPECT_EQ(code_of([] { return worker().set("router.instances", "2"); }), motet::Code::bad_value);
    system.close(patience);
}

}  // namespace
