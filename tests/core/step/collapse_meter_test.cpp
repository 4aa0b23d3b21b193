#include "core/step/collapse_meter.h"

#include "core/evaluation/collapse.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <limits>

namespace barlow {
namespace {

torch::Tensor embeddings(std::uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  return torch::randn({24, 8}, generator, torch::kFloat32);
}

TEST(CollapseMeter, KnowsAtOnceWhereItWorksInTurn) {
  CollapseMeter meter(/*isBeside=*/false);
  EXPECT_FALSE(meter.take(false));
  meter.measure(7, embeddings(1));
  CollapseNumbers expected = collapseNumbers(embeddings(1));
  expected.step = 7;
  EXPECT_EQ(meter.take(false), expected);
  EXPECT_FALSE(meter.take(true)) << "given once";
}

// What is asked for while a worker is busy is left out; what it works on comes whole.
TEST(CollapseMeter, WorksBesideOnOneAtATime) {
  CollapseMeter meter(/*isBeside=*/true);
  meter.measure(1, embeddings(1));
  meter.measure(2, embeddings(2));
  const auto first = meter.take(/*isLast=*/true);
  ASSERT_TRUE(first);
  CollapseNumbers expected = collapseNumbers(embeddings(1));
  expected.step = 1;
  EXPECT_EQ(*first, expected);
  EXPECT_FALSE(meter.take(true));
  meter.measure(3, embeddings(3));
  const auto next = meter.take(true);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->step, 3);
}

TEST(CollapseMeter, SaysNothingAboutWhatIsNotFinite) {
  for (const bool isBeside : {false, true}) {
    CollapseMeter meter(isBeside);
    torch::Tensor z = embeddings(1);
    z[3][2] = std::numeric_limits<float>::quiet_NaN();
    meter.measure(1, z);
    EXPECT_FALSE(meter.take(true));
  }
}

TEST(CollapseMeter, CanBeLeftWhileItWorks) {
  CollapseMeter meter(/*isBeside=*/true);
  meter.measure(1, embeddings(1));
}

}  // namespace
}  // namespace barlow
