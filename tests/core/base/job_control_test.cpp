#include "core/base/job_control.h"

#include <gtest/gtest.h>

#include <array>
#include <barrier>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace barlow {
namespace {

int niceOfThisThread() {
  return getpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)));
}

// Of the caller and the helper, who have to do one band each.
std::array<int, 2> niceOfBoth(const JobControl& control) {
  std::array<int, 2> nice{-100, -100};
  std::barrier<> both(2);
  forEachBand(2, 1, control, [&](std::int64_t, std::int64_t, int worker) {
    nice.at(static_cast<std::size_t>(worker)) = niceOfThisThread();
    both.arrive_and_wait();
  });
  return nice;
}

// Issue 16: the caller waits for the helper, which beside a busy program would get no time.
TEST(JobControl, TheHelperHasThePriorityOfWhoWaitsForIt) {
  const int own = niceOfThisThread();
  EXPECT_EQ(niceOfBoth({}), (std::array{own, own}));
}

TEST(JobControl, TheHelperYieldsToATraining) {
  const int own = niceOfThisThread();
  const auto nice = niceOfBoth({.stop = {}, .progress = {}, .yields = true});
  EXPECT_EQ(nice[0], own);
  EXPECT_GT(nice[1], own);
}

}  // namespace
}  // namespace barlow
