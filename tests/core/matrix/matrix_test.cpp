#include "core/matrix/matrix.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/job_control.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace barlow {
namespace {

TEST(Matrix, HoldsRowMajorValuesOfAnyShape) {
  const Matrix matrix = Matrix::generated(
      2,
      3,
      [](std::int64_t i, std::int64_t j) { return static_cast<float>(10 * i + j); },
      {.n = 64, .lambda = 0.0051, .name = "run", .step = 7});
  EXPECT_EQ(matrix.at(1, 2), 12.0f);
  EXPECT_EQ(matrix.values()[3], 10.0f);
  EXPECT_FALSE(matrix.isSquare());
  EXPECT_EQ(matrix.bytes(), 24u);
  EXPECT_EQ(matrix.origin().step, 7);
  EXPECT_EQ(matrix.withOrigin({.name = "other"}).values(), matrix.values());
  EXPECT_THROW(matrix.checkedAt({2, 0}), CheckFailure);
  EXPECT_THROW(Matrix(2, 2, nullptr), CheckFailure);
  EXPECT_TRUE(Matrix().isEmpty());
}

TEST(ForEachBand, CoversEveryIndexOnce) {
  for (const int threads : {1, 2}) {
    std::vector<std::atomic<int>> seen(1001);
    double last = 0;
    const bool isDone = forEachBand(1001,
                                    64,
                                    {.stop = {},
                                     .progress =
                                         [&](double share) {
                                           EXPECT_GE(share, last);
                                           last = share;
                                         },
                                     .threads = threads},
                                    [&](std::int64_t first, std::int64_t end, int worker) {
                                      EXPECT_LT(worker, threads);
                                      for (std::int64_t i = first; i < end; ++i) {
                                        ++seen[static_cast<std::size_t>(i)];
                                      }
                                    });
    EXPECT_TRUE(isDone);
    for (const auto& count : seen) {
      EXPECT_EQ(count, 1);
    }
  }
}

TEST(ForEachBand, StopsAndRethrows) {
  std::stop_source stop;
  std::atomic<int> calls{0};
  EXPECT_FALSE(forEachBand(1000, 1, {.stop = stop.get_token()}, [&](auto, auto, int) {
    ++calls;
    stop.request_stop();
  }));
  EXPECT_LE(calls, 2);
  EXPECT_THROW(forEachBand(1000, 1, {}, [](auto, auto, int) { throw Exception("broken"); }),
               Exception);
  EXPECT_TRUE(forEachBand(0, 1, {}, [](auto, auto, int) { FAIL(); }));
}

}  // namespace
}  // namespace barlow
