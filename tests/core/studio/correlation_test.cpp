#include "core/studio/correlation.h"

#include "core/base/error.h"
#include "core/files/tensor_files.h"
#include "core/studio/matrix_files.h"
#include "core/torch.h"
#include "tests/support/temp_dir.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

using testing::AllOf;
using testing::HasSubstr;

torch::Tensor noise(std::int64_t n, std::int64_t d, std::uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  return torch::randn({n, d}, generator, torch::kFloat64);
}

struct Written {
  double onDiagonal = 0;
  double offDiagonal = 0;
};

// The definition, in double and one cell after the other.
Written writtenOut(const torch::Tensor& floatA, const torch::Tensor& floatB) {
  const auto standard = [](const torch::Tensor& z) {
    torch::Tensor x = z.to(torch::kFloat64).clone();
    for (std::int64_t j = 0; j < x.size(1); ++j) {
      double mean = 0;
      double variance = 0;
      const auto n = static_cast<double>(x.size(0));
      for (std::int64_t i = 0; i < x.size(0); ++i) {
        mean += x[i][j].item<double>() / n;
      }
      for (std::int64_t i = 0; i < x.size(0); ++i) {
        variance += std::pow(x[i][j].item<double>() - mean, 2) / n;
      }
      x.select(1, j).sub_(mean).div_(std::sqrt(variance + 1e-5));
    }
    return x;
  };
  const torch::Tensor a = standard(floatA);
  const torch::Tensor b = standard(floatB);
  Written sums;
  for (std::int64_t i = 0; i < a.size(1); ++i) {
    for (std::int64_t j = 0; j < b.size(1); ++j) {
      const double c = (a.select(1, i) * b.select(1, j)).mean().item<double>();
      (i == j ? sums.onDiagonal : sums.offDiagonal) += i == j ? (c - 1) * (c - 1) : c * c;
    }
  }
  return sums;
}

// Issue 16: float32 files were standardised in float32, where a mean of 1e4 costs four digits.
TEST(Correlate, IsExactFarFromZeroWhateverTheFilesHold) {
  const TempDir dir;
  const torch::Tensor base = noise(64, 6, 1);
  const torch::Tensor a = (base + 1e4).to(torch::kFloat32);
  const torch::Tensor b = (base + 0.5 * noise(64, 6, 2) - 1e4).to(torch::kFloat32);
  writeNpy(dir / "a.npy", a);
  writeNpy(dir / "b.npy", b);
  const CorrelationReport report = correlate(
      {.a = dir / "a.npy", .b = dir / "b.npy", .matrixFile = dir / "c.npy", .pictureFile = {}});
  const Written expected = writtenOut(a, b);
  EXPECT_NEAR(report.onDiagonal, expected.onDiagonal, 1e-9);
  EXPECT_NEAR(report.offDiagonal, expected.offDiagonal, 1e-9);
  const auto window = withStatistics(pictureOf({dir / "a.npy", dir / "b.npy"}));
  EXPECT_NEAR(window->statistics->loss->loss, report.loss, 1e-5 * report.loss);
  EXPECT_NEAR(readNpy(dir / "c.npy")[2][3].item<double>(), window->matrix().at(2, 3), 1e-6);
}

TEST(Correlate, TakesBothViewsFromOneFile) {
  const TempDir dir;
  const torch::Tensor a = noise(20, 5, 1);
  const torch::Tensor b = a + noise(20, 5, 2);
  writeNpy(dir / "a.npy", a);
  writeNpy(dir / "b.npy", b);
  writeSafetensors(dir / "both", {{"z_b", b}, {"z_a", a}, {"labels", torch::arange(20)}});
  const double loss = correlate({.a = dir / "a.npy", .b = dir / "b.npy"}).loss;
  EXPECT_EQ(correlate({.a = dir / "both", .b = {}}).loss, loss);
  EXPECT_EQ(correlate({.a = dir / "both:z_a", .b = dir / "both:z_b"}).loss, loss);
  writeSafetensors(dir / "both", {{"z_b", b.slice(0, 1)}, {"z_a", a}});
  try {
    correlate({.a = dir / "both", .b = {}});
    FAIL();
  } catch (const Exception& error) {
    EXPECT_THAT(error.info().message,
                AllOf(HasSubstr("[20, 5]"), HasSubstr("[19, 5]"), HasSubstr("both")));
  }
}

// Issue 16, p31: a set with rows of length 1, or a smaller one, correlated with itself.
TEST(Correlate, SaysWhereSmallVariancesHoldTheDiagonalBack) {
  const TempDir dir;
  const torch::Tensor z = noise(128, 16, 3);
  writeNpy(dir / "small.npy", z * 1e-3);
  writeNpy(dir / "usual.npy", z);
  const CorrelationReport small = correlate({.a = dir / "small.npy", .b = dir / "small.npy"});
  ASSERT_EQ(small.notes.size(), 1u);
  EXPECT_LT(small.meanDiagonal, 0.12);
  EXPECT_THAT(small.notes[0], AllOf(HasSubstr("1e-5"), HasSubstr("Multiply")));
  EXPECT_THAT(toJson(small), HasSubstr(R"("notes":["Variances)"));
  const CorrelationReport usual = correlate({.a = dir / "usual.npy", .b = dir / "usual.npy"});
  EXPECT_GT(usual.meanDiagonal, 0.999);
  EXPECT_TRUE(usual.notes.empty());
  EXPECT_THAT(toJson(usual), HasSubstr(R"("notes":[])"));
}

}  // namespace
}  // namespace barlow
