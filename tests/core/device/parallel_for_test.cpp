#include "core/device/parallel_for.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <barrier>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace barlow {
namespace {

class Threads {
 public:
  explicit Threads(int count) : before_(at::get_num_threads()) { at::set_num_threads(count); }
  ~Threads() { at::set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

// Each part waits for the other, which a single thread would do for ever.
TEST(ParallelFor, WorksOnSeveralThreadsAtOnce) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "built without OpenMP, whose barriers the sanitizer does not see";
#endif
  const Threads two(2);
  std::barrier together(2);
  std::mutex mutex;
  std::set<std::thread::id> seen;
  parallelFor(0, 2, 1, [&](std::int64_t first, std::int64_t last) {
    EXPECT_EQ(last, first + 1);
    together.arrive_and_wait();
    const std::lock_guard lock(mutex);
    seen.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(seen.size(), 2u);
}

TEST(ParallelFor, CoversTheRangeOnce) {
  for (const int threads : {1, 2, 3}) {
    const Threads some(threads);
    for (const std::int64_t grain : {1, 7, 1000}) {
      std::vector<int> count(101, 0);
      parallelFor(0, 101, grain, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) {
          ++count[static_cast<std::size_t>(i)];
        }
      });
      EXPECT_EQ(count, std::vector<int>(101, 1)) << threads << " threads, " << grain;
    }
  }
  parallelFor(5, 5, 1, [](std::int64_t, std::int64_t) { FAIL() << "nothing to do"; });
}

TEST(ParallelFor, RethrowsAndIsOneThreadWithinItself) {
  const Threads two(2);
  EXPECT_THROW(parallelFor(0,
                           2,
                           1,
                           [](std::int64_t first, std::int64_t) {
                             if (first == 1) {
                               throw std::runtime_error("here");
                             }
                           }),
               std::runtime_error);
  parallelFor(0, 2, 1, [](std::int64_t, std::int64_t) {
    const auto outer = std::this_thread::get_id();
    parallelFor(0, 4, 1, [outer](std::int64_t, std::int64_t) {
      EXPECT_EQ(std::this_thread::get_id(), outer);
    });
  });
}

}  // namespace
}  // namespace barlow
