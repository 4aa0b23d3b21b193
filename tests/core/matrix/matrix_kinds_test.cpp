#include "core/matrix/matrix_kinds.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/matrix/correlate.h"
#include "core/matrix/prototype_use.h"
#include "core/matrix/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace barlow {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Matrix randomMatrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  Rng rng(seed);
  return Matrix::generated(rows,
                           columns,
                           [&](auto, auto) { return static_cast<float>(rng.uniform(-2, 1)); },
                           {.n = rows, .lambda = 0.01, .name = "run", .step = 7});
}

EmbeddingBatch batchOf(std::int64_t n, std::int64_t d) {
  return {.a = randomMatrix(n, d, 1), .b = randomMatrix(n, d, 2), .samples = {}};
}

double value(const Matrix& z, std::int64_t i, std::int64_t j) {
  return static_cast<double>(z.at(i, j));
}

void expectCells(const Matrix& made,
                 std::int64_t rows,
                 std::int64_t columns,
                 const std::function<double(std::int64_t, std::int64_t)>& expected) {
  ASSERT_EQ(made.rows(), rows);
  ASSERT_EQ(made.columns(), columns);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      ASSERT_NEAR(value(made, i, j), expected(i, j), 2e-6) << i << ", " << j;
    }
  }
}

double covariance(const Matrix& z, std::int64_t i, std::int64_t j) {
  double meanI = 0;
  double meanJ = 0;
  for (std::int64_t n = 0; n < z.rows(); ++n) {
    meanI += value(z, n, i) / static_cast<double>(z.rows());
    meanJ += value(z, n, j) / static_cast<double>(z.rows());
  }
  double sum = 0;
  for (std::int64_t n = 0; n < z.rows(); ++n) {
    sum += (value(z, n, i) - meanI) * (value(z, n, j) - meanJ);
  }
  return sum / static_cast<double>(z.rows() - 1);
}

TEST(MatrixKinds, CovarianceByHand) {
  // Columns 1, 3, 5 and 2, 6, 1 about 3 and 3: variances 4 and 7, covariance (2 + 0 - 4) / 2.
  const float cells[3][2] = {{1, 2}, {3, 6}, {5, 1}};
  const Matrix z = Matrix::generated(
      3, 2, [&](std::int64_t i, std::int64_t j) { return cells[i][j]; }, {.n = 3});
  const Matrix made = *matrixOf({.a = z, .b = z, .samples = {}}, MatrixKind::CovarianceA);
  EXPECT_FLOAT_EQ(made.at(0, 0), 4);
  EXPECT_FLOAT_EQ(made.at(1, 1), 7);
  EXPECT_FLOAT_EQ(made.at(0, 1), -1);
  EXPECT_EQ(made.at(1, 0), made.at(0, 1)) << "to the bit";
}

TEST(MatrixKinds, CovarianceIsEitherViewsOwn) {
  for (const auto& [n, d] : {std::pair{9, 31}, std::pair{40, 7}}) {
    const EmbeddingBatch batch = batchOf(n, d);
    expectCells(*matrixOf(batch, MatrixKind::CovarianceA), d, d, [&](auto i, auto j) {
      return covariance(batch.a, i, j);
    });
    expectCells(*matrixOf(batch, MatrixKind::CovarianceB), d, d, [&](auto i, auto j) {
      return covariance(batch.b, i, j);
    });
  }
}

TEST(MatrixKinds, SimilarityHasTheTwoViewsOfAnImageOnItsDiagonal) {
  for (const auto& [n, d] : {std::pair{9, 31}, std::pair{40, 7}}) {
    const EmbeddingBatch batch = batchOf(n, d);
    const auto dot = [](const Matrix& x, std::int64_t i, const Matrix& y, std::int64_t j) {
      double sum = 0;
      for (std::int64_t k = 0; k < x.columns(); ++k) {
        sum += value(x, i, k) * value(y, j, k);
      }
      return sum;
    };
    expectCells(*matrixOf(batch, MatrixKind::SampleSimilarity), n, n, [&](auto i, auto j) {
      return dot(batch.a, i, batch.b, j) /
             std::sqrt(dot(batch.a, i, batch.a, i) * dot(batch.b, j, batch.b, j));
    });
  }
}

TEST(MatrixKinds, AnImageOfZerosIsLikeNoneAndNanIsSeen) {
  EmbeddingBatch batch = batchOf(4, 3);
  batch.a = Matrix::generated(4, 3, [](std::int64_t i, std::int64_t j) {
    return i == 1 ? 0.0f : i == 2 && j == 0 ? kNan : 1.0f;
  });
  const Matrix made = *matrixOf(batch, MatrixKind::SampleSimilarity);
  EXPECT_EQ(made.at(1, 3), 0);
  EXPECT_TRUE(std::isnan(made.at(2, 0)));
  EXPECT_TRUE(std::isfinite(made.at(3, 0)));
}

TEST(MatrixKinds, AssignmentsAreASoftmaxAtTheMethodsTemperature) {
  EmbeddingBatch batch = batchOf(2, 3);
  const float scores[2][3] = {{0.3f, 0.1f, -0.2f}, {-1, 1, 1}};
  batch.scores = Matrix::generated(
      2, 3, [&](std::int64_t i, std::int64_t j) { return scores[i][j]; }, batch.a.origin());
  batch.temperature = 0.1;
  const Matrix made = *matrixOf(batch, MatrixKind::Assignments);
  expectCells(made, 2, 3, [&](std::int64_t i, std::int64_t k) {
    double sum = 0;
    for (int other = 0; other < 3; ++other) {
      sum += std::exp(static_cast<double>(scores[i][other]) / 0.1);
    }
    return std::exp(static_cast<double>(scores[i][k]) / 0.1) / sum;
  });
}

TEST(MatrixKinds, AsManyImagesAsPrototypesMakeNoDiagonal) {
  EmbeddingBatch batch = batchOf(3, 2);
  batch.scores = Matrix::generated(3, 3, [](auto i, auto j) { return i == j ? 1.0f : 0.0f; });
  const Matrix made = *matrixOf(batch, MatrixKind::Assignments);
  EXPECT_FALSE(made.isSquare());
  const auto statistics = computeStatistics(made);
  EXPECT_TRUE(statistics->diagonal.empty());
  EXPECT_EQ(statistics->prototypes.size(), 3u);
}

TEST(MatrixKinds, TheCrossCorrelationIsWhatItWas) {
  const EmbeddingBatch batch = batchOf(12, 5);
  const Matrix made = *matrixOf(batch, MatrixKind::CrossCorrelation);
  const Matrix before = *correlationOf(batch);
  EXPECT_EQ(made.origin(), before.origin());
  for (std::int64_t i = 0; i < 25; ++i) {
    EXPECT_EQ(made.values()[i], before.values()[i]);
  }
}

TEST(MatrixKinds, OnlyTheCrossCorrelationHasALossAndANoise) {
  EmbeddingBatch batch = batchOf(12, 5);
  batch.scores = randomMatrix(12, 4, 3);
  for (const auto& name : kEnumNames<MatrixKind>) {
    SCOPED_TRACE(name.text);
    const Matrix made = *matrixOf(batch, name.value);
    EXPECT_EQ(made.origin().kind, name.value);
    EXPECT_EQ(made.origin().name, "run");
    EXPECT_EQ(made.origin().step, 7);
    EXPECT_EQ(made.origin().n, 12);
    const bool isCorrelation = name.value == MatrixKind::CrossCorrelation;
    EXPECT_EQ(made.origin().lambda > 0, isCorrelation);
    const auto statistics = computeStatistics(made);
    EXPECT_EQ(statistics->loss.has_value(), isCorrelation);
    EXPECT_EQ(statistics->noiseLevel.has_value(), isCorrelation);
    EXPECT_EQ(statistics->offDiagonalHistogram.above + statistics->offDiagonalHistogram.below, 0u);
    EXPECT_EQ(statistics->diagonalHistogram.above + statistics->diagonalHistogram.below, 0u);
    const MatrixWords& words = wordsOf(name.value);
    for (const std::string_view text : {words.row, words.rowBrief, words.column, words.cell}) {
      EXPECT_NE(text.find("{}"), std::string_view::npos) << text;
    }
    EXPECT_GT(words.means.size(), 40u);
  }
}

TEST(MatrixKinds, SayWhyThereIsNone) {
  EmbeddingBatch batch = batchOf(6, 5);
  EXPECT_NE(whyNot(batch, MatrixKind::Assignments).find("no prototypes"), std::string::npos);
  EXPECT_THROW(matrixOf(batch, MatrixKind::Assignments), Exception);
  batch.b = randomMatrix(6, 4, 2);
  EXPECT_NE(whyNot(batch, MatrixKind::SampleSimilarity).find("5 and 4 dimensions"),
            std::string::npos);
  EXPECT_THROW(matrixOf(batch, MatrixKind::SampleSimilarity), Exception);
  EXPECT_EQ(matrixOf(batch, MatrixKind::CovarianceB)->rows(), 4);
  EXPECT_EQ(whyNot(batch, MatrixKind::CrossCorrelation), "");
  const EmbeddingBatch many{.a = Matrix::generated(16385, 1, [](auto, auto) { return 1.0f; }),
                            .b = Matrix::generated(16385, 1, [](auto, auto) { return 1.0f; }),
                            .samples = {}};
  EXPECT_THROW(matrixOf(many, MatrixKind::SampleSimilarity), Exception);
}

TEST(MatrixKinds, StopWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  for (const MatrixKind kind : {MatrixKind::CovarianceA, MatrixKind::SampleSimilarity}) {
    EXPECT_FALSE(matrixOf(batchOf(64, 200), kind, {.stop = stop.get_token()}));
  }
}

TEST(MatrixKinds, ColoursBeginWithARoundLimitThatNothingIsBeyond) {
  const auto colorsOf = [](MatrixKind kind, float most) {
    return firstColors(*MatrixPyramid::build(Matrix::generated(
        3, 3, [&](auto i, auto j) { return i == 1 && j == 2 ? -most : 0.0f; }, {.kind = kind})));
  };
  EXPECT_EQ(colorsOf(MatrixKind::CrossCorrelation, 7), ColorSettings{});
  EXPECT_EQ(colorsOf(MatrixKind::SampleSimilarity, 0.5f), ColorSettings{});
  EXPECT_FLOAT_EQ(colorsOf(MatrixKind::CovarianceA, 0.034f).high, 0.05f);
  EXPECT_FLOAT_EQ(colorsOf(MatrixKind::CovarianceA, 0.034f).low, -0.05f);
  EXPECT_FLOAT_EQ(colorsOf(MatrixKind::CovarianceB, 2).high, 2);
  EXPECT_FLOAT_EQ(colorsOf(MatrixKind::CovarianceB, 700).high, 1000);
  EXPECT_EQ(colorsOf(MatrixKind::Assignments, 0.3f).low, 0);
  EXPECT_EQ(colorsOf(MatrixKind::CovarianceA, kNan).high, 1) << "a range in any case";
  EXPECT_EQ(colorsOf(MatrixKind::CovarianceA, 0).high, 1);
}

TEST(PrototypeUse, CountsTheNearestOfEveryImage) {
  // Nearest: 2, 0, 2, 4, none, 2.
  const int nearest[6] = {2, 0, 2, 4, -1, 2};
  const Matrix p = Matrix::generated(6, 5, [&](std::int64_t n, std::int64_t k) {
    return nearest[n] < 0 ? kNan : nearest[n] == k ? 0.5f + 0.01f * static_cast<float>(n) : 0.1f;
  });
  const std::vector<PrototypeUse> expected = {{2, 3}, {0, 1}, {4, 1}};
  EXPECT_EQ(prototypeUse(p), expected);
  const std::vector<Activation> images = imagesOf(p, 2);
  ASSERT_EQ(images.size(), 3u);
  EXPECT_EQ(images[0].sample, 5) << "the surest first";
  EXPECT_EQ(images[2].sample, 0);
  EXPECT_TRUE(imagesOf(p, 3).empty());
  EXPECT_THROW(imagesOf(p, 5), CheckFailure);
  EXPECT_TRUE(prototypeUse(Matrix()).empty());
}

}  // namespace
}  // namespace barlow
