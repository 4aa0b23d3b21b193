#include "core/matrix/matrix_kinds.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/matrix/correlate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace barlow {
namespace {

constexpr MatrixWords kCovarianceWords = {
    .means =
        "Cell (i, j) is the covariance, over the images of a batch, of dimensions i and j of "
        "one view, not standardised (divided by N - 1). VICReg keeps the diagonal, the "
        "variances, from falling below 1 and draws the rest to 0.",
    .value = "cov",
    .row = "dimension {} of view A",
    .rowBrief = "{} of view A",
    .rowLetter = "i",
    .column = "dimension {} of view A",
    .columnBrief = "{} of view A",
    .columnLetter = "j",
    .cell = "row {}, column {}"};

constexpr MatrixWords inViewB(MatrixWords words) {
  words.row = words.column = "dimension {} of view B";
  words.rowBrief = words.columnBrief = "{} of view B";
  return words;
}

// In the order of the kinds.
const std::array<MatrixWords, kEnumNames<MatrixKind>.size()> kWords = {{
    {.means = "Cell (i, j) is the correlation, over the images of a batch, of dimension i of view "
              "A with dimension j of view B. Barlow Twins drives the diagonal to 1 and the rest to "
              "0; what other objectives arrive at shows here as well.",
     .value = "C",
     .row = "dimension {} of view A",
     .rowBrief = "{} of view A",
     .rowLetter = "i",
     .column = "dimension {} of view B",
     .columnBrief = "{} of view B",
     .columnLetter = "j",
     .cell = "row {}, column {}"},
    kCovarianceWords,
    inViewB(kCovarianceWords),
    {.means = "Cell (n, m) is the cosine of image n in view A with image m in view B. On the "
              "diagonal are the two views of one image, which contrastive methods draw together; "
              "the rest are different images, which they push apart.",
     .value = "cos",
     .row = "image {} of the batch, view A",
     .rowBrief = "image {}, A",
     .rowLetter = "n",
     .column = "image {} of the batch, view B",
     .columnBrief = "image {}, B",
     .columnLetter = "m",
     .cell = "image {} in A, image {} in B"},
    {.means = "Cell (n, k) is the share with which image n of view A is at prototype k: a softmax "
              "over its cosines with all prototypes, at the method's temperature. Healthy: images "
              "at many different prototypes; a single bright column is collapse.",
     .value = "p",
     .row = "image {} of the batch, view A",
     .rowBrief = "image {}, A",
     .rowLetter = "n",
     .column = "prototype {}",
     .columnBrief = "prototype {}",
     .columnLetter = "k",
     .cell = "image {}, prototype {}"},
}};

std::vector<double> columnMeans(const Matrix& z) {
  std::vector<double> means(static_cast<std::size_t>(z.columns()));
  for (std::int64_t n = 0; n < z.rows(); ++n) {
    for (std::size_t i = 0; i < means.size(); ++i) {
      means[i] += static_cast<double>(z.row(n)[i]);
    }
  }
  for (double& mean : means) {
    mean /= static_cast<double>(z.rows());
  }
  return means;
}

// crossCorrelation() divides by N.
Matrix centered(const Matrix& z) {
  const std::vector<double> means = columnMeans(z);
  const auto n = static_cast<double>(z.rows());
  const double scale = std::sqrt(n / (n - 1));
  return Matrix::generated(z.rows(), z.columns(), [&](std::int64_t row, std::int64_t column) {
    const double value = static_cast<double>(z.at(row, column));
    return static_cast<float>((value - means[static_cast<std::size_t>(column)]) * scale);
  });
}

// [D, N] images as columns, of the length sqrt(D): crossCorrelation() divides by their D rows.
// Zeros stay.
Matrix directions(const Matrix& z) {
  std::vector<double> scales(static_cast<std::size_t>(z.rows()));
  for (std::int64_t n = 0; n < z.rows(); ++n) {
    double squares = 0;
    for (std::int64_t i = 0; i < z.columns(); ++i) {
      squares += static_cast<double>(z.at(n, i)) * static_cast<double>(z.at(n, i));
    }
    scales[static_cast<std::size_t>(n)] =
        std::sqrt(static_cast<double>(z.columns())) / std::max(std::sqrt(squares), 1e-12);
  }
  return Matrix::generated(z.columns(), z.rows(), [&](std::int64_t i, std::int64_t n) {
    return static_cast<float>(static_cast<double>(z.at(n, i)) *
                              scales[static_cast<std::size_t>(n)]);
  });
}

Matrix softmax(const Matrix& scores, double temperature) {
  const std::int64_t columns = scores.columns();
  const auto values = uninitializedFloats(scores.rows() * columns);
  std::vector<double> terms(static_cast<std::size_t>(columns));
  for (std::int64_t n = 0; n < scores.rows(); ++n) {
    const float* row = scores.row(n);
    const double most = static_cast<double>(*std::max_element(row, row + columns));
    double sum = 0;
    for (std::int64_t k = 0; k < columns; ++k) {
      double& term = terms[static_cast<std::size_t>(k)];
      term = std::exp((static_cast<double>(row[k]) - most) / temperature);
      sum += term;
    }
    for (std::int64_t k = 0; k < columns; ++k) {
      values[n * columns + k] = static_cast<float>(terms[static_cast<std::size_t>(k)] / sum);
    }
  }
  return {scores.rows(), columns, values, scores.origin()};
}

// 1, 2 or 5 times a power of ten, not below `size`.
float roundLimit(float size) {
  if (!std::isfinite(size) || size < 1e-30f) {
    return 1;
  }
  const double power = std::pow(10, std::floor(std::log10(static_cast<double>(size))));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (const auto limit = static_cast<float>(factor * power); limit >= size) {
      return limit;
    }
  }
  return static_cast<float>(10 * power);
}

}  // namespace

const MatrixWords& wordsOf(MatrixKind kind) { return kWords[static_cast<std::size_t>(kind)]; }

std::string filledIn(std::string_view text, std::string_view what) {
  const auto place = text.find("{}");
  BARLOW_CHECK(place != std::string_view::npos) << text;
  return std::string(text.substr(0, place)).append(what).append(text.substr(place + 2));
}

std::string whyNot(const EmbeddingBatch& embeddings, MatrixKind kind) {
  switch (kind) {
    case MatrixKind::CrossCorrelation:
      return {};
    case MatrixKind::CovarianceA:
    case MatrixKind::CovarianceB:
      return embeddings.a.rows() < 2
                 ? fmt::format("Embeddings of {} images have no covariance; give at least two.",
                               embeddings.a.rows())
                 : std::string();
    case MatrixKind::SampleSimilarity:
      if (embeddings.a.columns() != embeddings.b.columns()) {
        return fmt::format(
            "The views' embeddings have {} and {} dimensions, so that images of one cannot be "
            "compared with images of the other; take embeddings of one width.",
            embeddings.a.columns(),
            embeddings.b.columns());
      }
      if (embeddings.a.rows() > kMaxMatrixSide) {
        return fmt::format(
            "The similarity of {} images is too large to be shown; give at most {} rows.",
            embeddings.a.rows(),
            kMaxMatrixSide);
      }
      return {};
    case MatrixKind::Assignments:
      return embeddings.scores.isEmpty()
                 ? "There are no prototypes beside these embeddings: SwAV has them from the first "
                   "step, DeepCluster from its second epoch, other methods and steps that were "
                   "kept by older versions have none. Choose another matrix."
                 : std::string();
  }
  return {};
}

std::optional<Matrix> matrixOf(const EmbeddingBatch& embeddings,
                               MatrixKind kind,
                               const JobControl& control,
                               ProgressShare share) {
  if (const std::string problem = whyNot(embeddings, kind); !problem.empty()) {
    throw Exception(problem);
  }
  std::optional<Matrix> made;
  switch (kind) {
    case MatrixKind::CrossCorrelation:
      return correlationOf(embeddings, control, share);
    case MatrixKind::CovarianceA:
    case MatrixKind::CovarianceB: {
      const Matrix z = centered(kind == MatrixKind::CovarianceA ? embeddings.a : embeddings.b);
      made = crossCorrelation(z, z, control, share);
      break;
    }
    case MatrixKind::SampleSimilarity:
      made = crossCorrelation(directions(embeddings.a), directions(embeddings.b), control, share);
      break;
    case MatrixKind::Assignments:
      made = softmax(embeddings.scores, embeddings.temperature);
      break;
  }
  if (!made) {
    return std::nullopt;
  }
  MatrixOrigin origin = embeddings.a.origin();
  origin.n = embeddings.a.rows();
  origin.lambda = 0;  // no loss is made of it
  origin.kind = kind;
  return made->withOrigin(std::move(origin));
}

ColorSettings firstColors(const MatrixPyramid& pyramid) {
  ColorSettings colors;
  const MatrixKind kind = pyramid.matrix().origin().kind;
  const bool isAssignments = kind == MatrixKind::Assignments;
  if (isCovariance(kind) || isAssignments) {
    colors.high = roundLimit(std::abs(pyramid.value(Reduction::Peak, pyramid.levels() - 1, 0, 0)));
    colors.low = isAssignments ? 0 : -colors.high;
  }
  if (isAssignments) {
    colors.map = ColorMapName::LightnessSteps;
  }
  return colors;
}

}  // namespace barlow
