// SIGTERM, in processes of their own: what is done to the one that tests would end the tests.
#include "core/node/termination.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <future>

namespace motet {
namespace {

volatile sig_atomic_t heard = 0;
void hear(int) { heard = heard + 1; }

// How a process that does this ends: its exit code, or minus the signal that ended it.
int run_in_process(const std::function<int()> &body) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(100);
        _exit(body());
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

struct Asked {
    std::promise<void> promise;
    std::function<void()> call() {
        return [this] { promise.set_value(); };
    }
    void wait() { promise.get_future().wait(); }
};

TEST(Termination, WhoWantsToIsToldAndTheProcessGoesOn) {
    EXPECT_EQ(run_in_process([] {
                  Termination one;
                  Termination two;
                  Asked asked_one;
                  Asked asked_two;
                  if (!one.start(asked_one.call()).ok() || !two.start(asked_two.call()).ok()) {
                      return 1;
                  }
                  raise(SIGTERM);
                  asked_one.wait();
                  asked_two.wait();
                  return 0;
              }),
              0);
}

TEST(Termination, TheHandlerBeforeIsCalledTooAndPutBack) {
    EXPECT_EQ(run_in_process([] {
                  signal(SIGTERM, hear);
                  {
                      Termination termination;
                      Asked asked;
                      (void)termination.start(asked.call());
                      raise(SIGTERM);
                      asked.wait();
                  }
                  raise(SIGTERM);
                  return heard == 2 ? 0 : 1;
              }),
              0);
}

TEST(Termination, TheDefaultIsPutBack) {
    EXPECT_EQ(run_in_process([] {
                  Termination termination;
                  (void)termination.start([] {});
                  termination.stop();
                  termination.stop();
                  raise(SIGTERM);
                  return 0;
              }),
              -SIGTERM);
}

TEST(Termination, AHandlerInstalledMeanwhileStays) {
    EXPECT_EQ(run_in_process([] {
                  Termination termination;
                  (void)termination.start([] {});
                  signal(SIGTERM, hear);
                  termination.stop();
                  raise(SIGTERM);
                  return heard == 1 ? 0 : 1;
              }),
              0);
}

TEST(Termination, WhenNobodyWantsToBeToldAnyMoreItIsAsIfWeWereNotThere) {
    EXPECT_EQ(run_in_process([] {
                  struct sigaction ours {};
                  {
                      Termination termination;
                      (void)termination.start([] {});
                      sigaction(SIGTERM, nullptr, &ours);
                      signal(SIGTERM, hear);
                  }
                  sigaction(SIGTERM, &ours, nullptr);  // somebody puts back what he has found
                  raise(SIGTERM);
                  return 0;
              }),
              -SIGTERM);
}

TEST(Termination, ItMayBeWantedAgain) {
    EXPECT_EQ(run_in_process([] {
                  for (int i = 0; i < 3; ++i) {
                      Termination termination;
                      Asked asked;
                      (void)termination.start(asked.call());
                      raise(SIGTERM);
                      asked.wait();
                  }
                  return 0;
              }),
              0);
}

#ifndef __SANITIZE_THREAD__  // which hands no signals to the child of a process with several threads
TEST(Termination, AForkedChildEndsAsItWouldWithoutUs) {
    EXPECT_EQ(run_in_process([] {
                  Termination termination;
                  bool told = false;
                  (void)termination.start([&] { told = true; });
                  const pid_t child = fork();
                  if (child == 0) {
                      raise(SIGTERM);
                      _exit(1);
                  }
                  int status = 0;
                  waitpid(child, &status, 0);
                  termination.stop();
                  return WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM && !told ? 0 : 1;
              }),
              0);
}
#endif

}  // namespace
}  // namespace motet
