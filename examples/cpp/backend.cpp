// A backend of the dial-in example, in C++: registers with every frontend that is up, and turns lines of text into
// upper case by Unicode's default full case conversion, the same in every locale.
//
//   backend [--key=value ...]     settings as in docs/configuration.md; also from MOTET_* in the environment
#include <motet/motet.hpp>

#include <unicase.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

using namespace std::chrono_literals;

struct Register {
    std::string language;
    MOTET_FIELDS(language)
};

struct Job {
    std::int64_t id = 0;
    std::string text;
    std::vector<motet::Ref> route;  // who works on it next; the last one answers
    MOTET_FIELDS(id, text, route)
};

struct Result {
    std::int64_t id = 0;
    std::string text;
    std::string language;
    MOTET_FIELDS(id, text, language)
};

MOTET_MESSAGE(Register, "demo.Register");
MOTET_MESSAGE(Job, "demo.Job");
MOTET_MESSAGE(Result, "demo.Result");

namespace {

const std::string language = "c++";

std::string upper_case(const std::string &text) {
    std::size_t size = 0;
    std::unique_ptr<std::uint8_t, decltype(&std::free)> upper(
        u8_toupper(reinterpret_cast<const std::uint8_t *>(text.data()), text.size(), nullptr, nullptr, nullptr, &size),
        std::free);
    if (upper == nullptr) {
        throw std::invalid_argument("not UTF-8: " + text);
    }
    return {reinterpret_cast<const char *>(upper.get()), size};
}

// Membership prints what happens to the members of the cluster.
class Membership {
  public:
    using Messages = motet::Messages<motet::MemberUp, motet::MemberUnreachable, motet::MemberReachable,
                                     motet::MemberDowned, motet::MemberRemoved>;

    explicit Membership(motet::Context &context) { context.subscribe("cluster"); }

    void receive(motet::Context &, const motet::MemberUp &member) { print("up", member); }
    void receive(motet::Context &, const motet::MemberUnreachable &member) { print("unreachable", member); }
    void receive(motet::Context &, const motet::MemberReachable &member) { print("reachable", member); }
    void receive(motet::Context &, const motet::MemberDowned &member) { print("downed", member); }
    void receive(motet::Context &, const motet::MemberRemoved &member) { print("removed", member); }

  private:
    static void print(const char *event, const motet::Member &member) {
        std::cout << std::string("cluster ") + event + " " + member.address + "\n" << std::flush;
    }
};

// Backend does the jobs.
class Backend {
  public:
    using Messages = motet::Messages<Job, motet::ClusterState, motet::MemberUp>;

    explicit Backend(motet::Context &context) { context.subscribe("cluster"); }

    void receive(motet::Context &context, const Job &job) {
        std::string text = upper_case(job.text);
        if (job.route.empty()) {
            context.reply(Result{job.id, text, language});
            return;
        }
        std::vector<motet::Ref> rest(job.route.begin() + 1, job.route.end());
        context.tell(job.route.front(), Job{job.id, text, rest}, context.sender());
    }

    void receive(motet::Context &context, const motet::ClusterState &state) {
        for (const auto &member : state.members) {
            if (member.status == "up") {
                register_with(context, member);
            }
        }
    }

    void receive(motet::Context &context, const motet::MemberUp &member) { register_with(context, member); }

  private:
    static void register_with(motet::Context &context, const motet::Member &member) {
        if (member.has_role("frontend")) {
            context.tell(context.system().ref(member.address + "/user/frontend"), Register{language});
        }
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
    system.spawn(motet::actor<Membership>(), "membership");
    system.spawn(motet::actor<Backend>(), "backend");
    system.cluster().wait_up(30s);
    std::cout << "ready " << system.address() << std::endl;

    int received = 0;
    sigwait(&ending, &received);
    system.close(10s);
    return 0;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
