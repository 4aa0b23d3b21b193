#include "core/device/view_difference.h"

#include "core/device/batch_source.h"
#include "tests/core/device/pictures.h"

#include <gtest/gtest.h>

#include <limits>

namespace barlow {
namespace {

TEST(ViewDifference, CountsWhatIsNotTheKernels) {
  const Pictures pictures(8);
  RunConfig config;
  config.run.batchSize = 8;
  std::string whyNot;
  const auto images = ResidentImages::load(
      pictures, torch::kCPU, {.bytes = 1u << 30, .side = 512, .threads = 1}, {}, whyNot);
  ASSERT_TRUE(images) << whyNot;
  const auto source = makeResidentSource({.images = images, .config = config, .lastStep = 1});
  auto batch = source->next({});
  ASSERT_TRUE(batch);
  const ViewDifference same = differenceFromKernel(*batch, pictures, config);
  EXPECT_EQ(same.numbers, 2 * 8 * 32 * 32 * 3);
  EXPECT_EQ(same.unequal, 0);
  EXPECT_EQ(same.unequalLevels, 0);

  // A last bit, a level, and no number at all.
  batch->views[0].pixels[3][1][4][5] += 1e-5;
  batch->views[1].pixels[0][2][0][0] += 0.02;
  batch->views[1].pixels[7][0][31][31] = std::numeric_limits<float>::quiet_NaN();
  const ViewDifference changed = differenceFromKernel(*batch, pictures, config);
  EXPECT_EQ(changed.unequal, 3);
  EXPECT_EQ(changed.unequalLevels, 2);
}

}  // namespace
}  // namespace barlow
