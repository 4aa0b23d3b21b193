#include "core/studio/matrix_files.h"

#include "core/base/error.h"
#include "core/files/tensor_files.h"
#include "core/torch.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace barlow {
namespace {

torch::Tensor formula(std::int64_t n, std::int64_t d, double speed) {
  return torch::arange(n * d, torch::kFloat32).mul(speed).sin().view({n, d}).contiguous();
}

TEST(Inspection, OfEmbeddingsTellsEverything) {
  const TempDir dir;
  torch::Tensor zA = formula(40, 12, 0.37);
  zA.select(1, 3).fill_(0.5f);                     // dead
  zA.select(1, 7).copy_(zA.select(1, 2) * -2.0f);  // says the same as dimension 2
  writeNpy(dir / "a.npy", zA);
  writeNpy(dir / "b.npy", formula(40, 9, 0.53).to(torch::kFloat64));
  const auto inspection = completed(pictureOf(
      std::make_shared<const EmbeddingBatch>(readEmbeddings(dir / "a.npy", dir / "b.npy", 0.01))));
  ASSERT_TRUE(inspection);
  EXPECT_EQ(inspection->matrix().rows(), 12);
  EXPECT_EQ(inspection->matrix().columns(), 9);
  EXPECT_EQ(inspection->origin().n, 40);
  EXPECT_EQ(inspection->origin().lambda, 0.01);
  EXPECT_EQ(inspection->statistics->rows, 12);
  const ViewHealth& a = inspection->health->a;
  EXPECT_EQ(a.dead, std::vector<std::int32_t>{3});
  ASSERT_EQ(a.duplicateCount, 1);
  EXPECT_EQ(a.duplicates.at(0).cell, (CellIndex{2, 7}));
  EXPECT_NEAR(a.duplicates.at(0).value, -1, 1e-4);
  EXPECT_GT(a.effectiveRank, 1);
  EXPECT_LT(a.effectiveRank, 11);
  EXPECT_EQ(a.spectrum.size(), 12u);
  EXPECT_TRUE(std::is_sorted(a.spectrum.rbegin(), a.spectrum.rend()));
  float sum = 0;
  for (const float share : a.spectrum) {
    sum += share;
  }
  EXPECT_NEAR(sum, 1, 1e-5);
  EXPECT_EQ(inspection->health->b.variances.size(), 9u);
}

TEST(Inspection, LetsNanInToBeSeen) {
  const TempDir dir;
  torch::Tensor z = formula(10, 4, 0.37);
  z[2][1] = std::numeric_limits<float>::quiet_NaN();
  writeNpy(dir / "a.npy", z);
  const auto inspection = completed(pictureOf(
      std::make_shared<const EmbeddingBatch>(readEmbeddings(dir / "a.npy", dir / "a.npy"))));
  ASSERT_TRUE(inspection);
  EXPECT_EQ(inspection->statistics->nanCells, 7u) << "a row and a column";
  EXPECT_EQ(inspection->health->a.effectiveRank, 0);
}

// Against LibTorch's own formulas.
TEST(Inspection, EveryKindOfMatrixIsWhatLibTorchMakesOfTheSameEmbeddings) {
  const TempDir dir;
  const torch::Tensor zA = formula(40, 12, 0.37) + 0.4;
  const torch::Tensor zB = zA + 0.3 * formula(40, 12, 0.91);
  writeNpy(dir / "a.npy", zA);
  writeNpy(dir / "b.npy", zB);
  const auto unit = [](const torch::Tensor& z) { return z / z.norm(2, 1, true); };
  const std::vector<std::pair<MatrixKind, torch::Tensor>> expected = {
      {MatrixKind::CovarianceA, torch::cov(zA.t())},
      {MatrixKind::CovarianceB, torch::cov(zB.t())},
      {MatrixKind::SampleSimilarity, torch::mm(unit(zA), unit(zB).t())}};
  for (const auto& [kind, matrix] : expected) {
    SCOPED_TRACE(toText(kind));
    const auto inspection = completed(pictureOf({dir / "a.npy", dir / "b.npy"}, kind));
    ASSERT_TRUE(inspection && inspection->isComplete());
    const Matrix& made = inspection->matrix();
    ASSERT_EQ(made.rows(), matrix.size(0));
    for (std::int64_t i = 0; i < made.rows(); ++i) {
      for (std::int64_t j = 0; j < made.columns(); ++j) {
        ASSERT_NEAR(made.at(i, j), matrix[i][j].item<float>(), 1e-5) << i << ", " << j;
      }
    }
    EXPECT_EQ(inspection->statistics->diagonal.size(), static_cast<std::size_t>(made.rows()));
  }
  EXPECT_THROW(pictureOf({dir / "a.npy", dir / "b.npy"}, MatrixKind::Assignments), Exception);
  EXPECT_EQ(pictureOf({dir / "a.npy"}, MatrixKind::Assignments)->matrix().rows(), 40)
      << "a matrix alone is what it is";
}

TEST(Inspection, ReadsBothViewsFromOneFile) {
  const TempDir dir;
  writeSafetensors(
      dir / "both.safetensors",
      {{"samples", torch::arange(8)}, {"z_a", formula(8, 3, 0.37)}, {"z_b", formula(8, 3, 0.5)}});
  EXPECT_EQ(readEmbeddings(dir / "both.safetensors").b.columns(), 3);
  writeSafetensors(dir / "one.safetensors", {{"z", formula(8, 3, 0.37)}});
  EXPECT_THROW(readEmbeddings(dir / "one.safetensors"), Exception);
}

TEST(Inspection, OpensBothViewsOrOneArrayOfAFile) {
  const TempDir dir;
  writeSafetensors(
      dir / "x.safetensors",
      {{"z_a", formula(8, 3, 0.37)}, {"z_b", formula(8, 3, 0.5)}, {"c", torch::eye(4)}});
  EXPECT_EQ(fileOf(dir / "x.safetensors:c"), dir / "x.safetensors");
  const auto both = pictureOf({dir / "x.safetensors"});
  EXPECT_EQ(both->matrix().rows(), 3);
  EXPECT_NE(both->embeddings, nullptr);
  const auto matrix = pictureOf({dir / "x.safetensors:c"});
  EXPECT_EQ(matrix->matrix().rows(), 4);
  EXPECT_EQ(matrix->embeddings, nullptr);
  EXPECT_EQ(pictureOf({dir / "x.safetensors:z_a", dir / "x.safetensors:z_b"})->matrix().at(1, 2),
            both->matrix().at(1, 2));
}

TEST(Inspection, KeepsTheDigitsOfDoublesFarFromZero) {
  const TempDir dir;
  const torch::Tensor a = formula(50, 6, 0.37).to(torch::kFloat64);
  const torch::Tensor b = formula(50, 6, 0.41).to(torch::kFloat64);
  writeNpy(dir / "a.npy", a);
  writeNpy(dir / "b.npy", b);
  writeNpy(dir / "far_a.npy", a + 1e8);
  writeNpy(dir / "far_b.npy", b + 1e8);
  const auto near = pictureOf({dir / "a.npy", dir / "b.npy"});
  const auto far = pictureOf({dir / "far_a.npy", dir / "far_b.npy"});
  for (std::int64_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(far->matrix().at(i, i), near->matrix().at(i, i), 1e-6) << i;
  }
}

TEST(Inspection, SaysWhatDoesNotFit) {
  const TempDir dir;
  writeNpy(dir / "a.npy", formula(8, 3, 0.37));
  writeNpy(dir / "b.npy", formula(9, 3, 0.37));
  writeNpy(dir / "whole.npy", torch::arange(6).view({2, 3}));
  try {
    readEmbeddings(dir / "a.npy", dir / "b.npy");
    FAIL();
  } catch (const Exception& error) {
    EXPECT_NE(error.info().message.find("8 rows"), std::string::npos) << error.info().message;
    EXPECT_NE(error.info().message.find("9"), std::string::npos);
  }
  EXPECT_THROW(readEmbeddings(dir / "a.npy", dir / "whole.npy"), Exception);
  EXPECT_THROW(readEmbeddings(dir / "a.npy", dir / "missing.npy"), Exception);
}

TEST(Inspection, OfAMatrixAlone) {
  const TempDir dir;
  writeNpy(dir / "c.npy", torch::eye(5));
  const auto inspection = completed(pictureOf({dir / "c.npy"}));
  ASSERT_TRUE(inspection);
  EXPECT_EQ(inspection->embeddings, nullptr);
  EXPECT_EQ(inspection->health, nullptr);
  EXPECT_EQ(inspection->statistics->meanDiagonal, 1);
  EXPECT_FALSE(inspection->statistics->noiseLevel) << "N is not known";
}

TEST(Inspection, GrowsStepByStepAndSharesWhatThereIs) {
  const TempDir dir;
  writeNpy(dir / "a.npy", formula(10, 4, 0.37));
  const auto pair =
      std::make_shared<const EmbeddingBatch>(readEmbeddings(dir / "a.npy", dir / "a.npy"));
  const auto picture = pictureOf(pair);
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->matrix().rows(), 4);
  EXPECT_EQ(picture->embeddings, pair);
  EXPECT_EQ(picture->statistics, nullptr);
  EXPECT_FALSE(picture->isComplete());
  const auto measured = withStatistics(picture);
  ASSERT_TRUE(measured && measured->statistics);
  EXPECT_EQ(measured->pyramid, picture->pyramid);
  EXPECT_EQ(measured->health, nullptr);
  const auto whole = completed(measured);
  ASSERT_TRUE(whole && whole->isComplete());
  EXPECT_EQ(whole->statistics, measured->statistics);
  EXPECT_EQ(whole->standard, picture->standard);
  EXPECT_EQ(completed(whole), whole) << "nothing is worked out twice";
}

TEST(Inspection, EndsWhenStopped) {
  const TempDir dir;
  writeNpy(dir / "a.npy", formula(10, 4, 0.37));
  const auto pair =
      std::make_shared<const EmbeddingBatch>(readEmbeddings(dir / "a.npy", dir / "a.npy"));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(pictureOf(pair, {.stop = stop.get_token()}), nullptr);
  EXPECT_EQ(completed(pictureOf(pair), {.stop = stop.get_token()}), nullptr);
}

TEST(Inspection, ReportsProgressThatNeverFalls) {
  const TempDir dir;
  writeNpy(dir / "a.npy", formula(10, 300, 0.37));
  const auto pair =
      std::make_shared<const EmbeddingBatch>(readEmbeddings(dir / "a.npy", dir / "a.npy"));
  std::vector<double> seen;
  const JobControl control{.progress = [&](double done) { seen.push_back(done); }, .threads = 1};
  const auto picture = pictureOf(pair, control);
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_NEAR(seen.back(), 1, 1e-9);
  seen.clear();
  completed(picture, control);
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

}  // namespace
}  // namespace barlow
