#include "core/base/console.h"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <poll.h>

namespace barlow {
namespace {

// Whatever the one who runs the tests ignores.
class InterruptCounterTest : public testing::Test {
 protected:
  InterruptCounterTest() {
    for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU}) {
      std::signal(signal, SIG_DFL);
    }
  }
};

bool isReadable(int descriptor) {
  pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&wanted, 1, 0) == 1;
}

TEST_F(InterruptCounterTest, CountsEverySignalThatAsksAProgramToEnd) {
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2}) {
    const InterruptCounter interrupts;
    EXPECT_EQ(interrupts.count(), 0);
    EXPECT_FALSE(isReadable(interrupts.descriptor()));
    std::raise(signal);
    EXPECT_EQ(interrupts.count(), 1) << signal;
    EXPECT_TRUE(isReadable(interrupts.descriptor()));
    interrupts.acknowledge();
    EXPECT_FALSE(isReadable(interrupts.descriptor()));
    std::raise(signal);
    EXPECT_EQ(interrupts.count(), 2) << signal;
  }
}

// A closing terminal sends SIGHUP from the shell and from the system, also beside SIGTERM; the
// limit of processor time is told every second.
TEST_F(InterruptCounterTest, TakesWhatIsSentSeveralTimesForOneWish) {
  for (const int signal : {SIGHUP, SIGXCPU}) {
    const InterruptCounter interrupts;
    std::raise(signal);
    std::raise(signal);
    EXPECT_EQ(interrupts.count(), 1) << signal;
    std::raise(SIGTERM);
    EXPECT_EQ(interrupts.count(), 1) << signal;
    std::raise(SIGTERM);
    EXPECT_EQ(interrupts.count(), 2) << signal;
  }
}

TEST_F(InterruptCounterTest, LeavesIgnoredWhatWasIgnored) {
  std::signal(SIGHUP, SIG_IGN);
  {
    const InterruptCounter interrupts;
    std::raise(SIGHUP);
    EXPECT_EQ(interrupts.count(), 0);
  }
  EXPECT_EQ(std::signal(SIGHUP, SIG_DFL), SIG_IGN);
}

TEST_F(InterruptCounterTest, GivesTheSignalsBack) {
  { const InterruptCounter interrupts; }
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU}) {
    EXPECT_EQ(std::signal(signal, SIG_DFL), SIG_DFL) << signal;
  }
}

}  // namespace
}  // namespace barlow
