#include "core/base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace barlow {
namespace {

TEST(RunOnThreads, SharesTheWorkAndWaitsForAllOfIt) {
  std::atomic<int> next = 0;
  std::atomic<int> sum = 0;
  runOnThreads(4, "test", [&] {
    for (int i = next++; i < 1000; i = next++) {
      sum += i;
    }
  });
  EXPECT_EQ(sum, 999 * 1000 / 2);
}

TEST(RunOnThreads, WorksWithOneThreadWhereNoneIsAskedFor) {
  int calls = 0;
  runOnThreads(0, "test", [&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(RunOnThreads, ThrowsWhatAThreadThrewOnceAllHaveEnded) {
  std::atomic<int> ended = 0;
  std::atomic<int> next = 0;
  const auto work = [&] {
    const int mine = next++;
    ++ended;
    if (mine == 1) {
      throw std::runtime_error("broken");
    }
  };
  EXPECT_THROW(runOnThreads(3, "test", work), std::runtime_error);
  EXPECT_EQ(ended, 3);
}

}  // namespace
}  // namespace barlow
