#include "core/matrix/correlate.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/matrix/correlate_kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

namespace barlow {
namespace {

constexpr double kEpsilon = 1e-5;               // BatchNorm1d's default, as main.py uses it
constexpr std::int64_t kBand = 16 * kTileRows;  // rows of C made together: their part of `a` stays
                                                // in the second cache
constexpr std::int64_t kChunkTiles = 16;        // of columns made together, as above
constexpr std::int64_t kChunk = 512;            // samples summed before they join the others

struct Columns {
  std::vector<double> mean;
  std::vector<double> variance;  // biased
};

// Two passes: the variance of values far from zero would drown in their squares.
Columns columnsOf(const Matrix& z) {
  const auto n = static_cast<double>(z.rows());
  const auto width = static_cast<std::size_t>(z.columns());
  Columns columns{std::vector<double>(width), std::vector<double>(width)};
  for (std::int64_t i = 0; i < z.rows(); ++i) {
    const float* row = z.row(i);
    for (std::size_t j = 0; j < width; ++j) {
      columns.mean[j] += row[j];
    }
  }
  for (double& mean : columns.mean) {
    mean /= n;
  }
  for (std::int64_t i = 0; i < z.rows(); ++i) {
    const float* row = z.row(i);
    for (std::size_t j = 0; j < width; ++j) {
      const double difference = row[j] - columns.mean[j];
      columns.variance[j] += difference * difference;
    }
  }
  for (double& variance : columns.variance) {
    variance /= n;
  }
  return columns;
}

// Rows divided by their length; a row of zeros stays.
Matrix unitRows(const Matrix& z) {
  const auto values = uninitializedFloats(z.rows() * z.columns());
  for (std::int64_t i = 0; i < z.rows(); ++i) {
    const float* row = z.row(i);
    double squares = 0;
    for (std::int64_t j = 0; j < z.columns(); ++j) {
      squares += static_cast<double>(row[j]) * row[j];
    }
    const double length = std::max(std::sqrt(squares), 1e-12);
    for (std::int64_t j = 0; j < z.columns(); ++j) {
      values[i * z.columns() + j] = static_cast<float>(row[j] / length);
    }
  }
  return {z.rows(), z.columns(), values, z.origin()};
}

// Columns [first, first + width) of z as [n, width], zeros beyond its end.
void pack(const Matrix& z, std::int64_t first, std::int64_t width, float* out) {
  const std::int64_t used = std::clamp<std::int64_t>(z.columns() - first, 0, width);
  for (std::int64_t n = 0; n < z.rows(); ++n, out += width) {
    std::memcpy(out, z.row(n) + first, static_cast<std::size_t>(used) * sizeof(float));
    std::fill(out + used, out + width, 0.0f);
  }
}

std::int64_t tilesOf(std::int64_t size, std::int64_t tile) { return (size + tile - 1) / tile; }

using Tile = std::array<float, kTileRows * kTileColumns>;

// One tile of a^T b from packed columns of both, chunk by chunk.
Tile tileOf(const float* a, const float* b, std::int64_t samples) {
  Tile tile{};
  for (std::int64_t first = 0; first < samples; first += kChunk) {
    addTile(a + first * kTileRows,
            b + first * kTileColumns,
            std::min(kChunk, samples - first),
            tile.data());
  }
  return tile;
}

}  // namespace

Matrix standardized(const Matrix& z, Standardization how) {
  if (z.rows() < 2) {
    throw Exception(fmt::format(
        "Embeddings of {} images cannot be standardised; give at least two.", z.rows()));
  }
  const bool isHsic = how == Standardization::Hsic;
  const Matrix rows = isHsic ? unitRows(z) : z;
  const Columns columns = columnsOf(rows);
  const auto n = static_cast<double>(z.rows());
  std::vector<double> scale;
  for (const double variance : columns.variance) {
    scale.push_back(1 / std::sqrt(isHsic ? variance * n / (n - 1) : variance + kEpsilon));
  }
  const auto values = uninitializedFloats(z.rows() * z.columns());
  float* out = values.get();
  for (std::int64_t i = 0; i < z.rows(); ++i) {
    const float* row = rows.row(i);
    for (std::size_t j = 0; j < scale.size(); ++j) {
      *out++ = static_cast<float>((row[j] - columns.mean[j]) * scale[j]);
    }
  }
  return {z.rows(), z.columns(), values, z.origin()};
}

EmbeddingBatch standardized(const EmbeddingBatch& embeddings) {
  if (embeddings.exactStandard) {
    return *embeddings.exactStandard;
  }
  return {.a = standardized(embeddings.a, embeddings.standardization),
          .b = standardized(embeddings.b, embeddings.standardization),
          .samples = embeddings.samples,
          .standardization = embeddings.standardization};
}

std::vector<double> columnVariances(const Matrix& z) { return columnsOf(z).variance; }

std::vector<std::int32_t> deadDimensions(std::span<const double> variances) {
  std::vector<double> sorted(variances.begin(), variances.end());
  std::vector<std::int32_t> dead;
  if (sorted.empty()) {
    return dead;
  }
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() - 1) / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const double limit = 1e-8 * *middle;  // of variances: squares
  for (std::size_t i = 0; i < variances.size(); ++i) {
    if (variances[i] < limit || variances[i] == 0) {
      dead.push_back(static_cast<std::int32_t>(i));
    }
  }
  return dead;
}

namespace {

std::vector<std::size_t> livingDimensions(std::span<const double> a, std::span<const double> b) {
  std::vector<bool> isDead(a.size());
  for (const auto variances : {a, b}) {
    for (const std::int32_t i : deadDimensions(variances)) {
      isDead[static_cast<std::size_t>(i)] = true;
    }
  }
  std::vector<std::size_t> living;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!isDead[i]) {
      living.push_back(i);
    }
  }
  return living;
}

}  // namespace

double diagonalCeiling(std::span<const double> variancesA, std::span<const double> variancesB) {
  BARLOW_CHECK(variancesA.size() == variancesB.size())
      << variancesA.size() << " and " << variancesB.size() << " dimensions";
  const auto living = livingDimensions(variancesA, variancesB);
  double sum = 0;
  for (const std::size_t i : living) {
    const double a = variancesA[i];
    const double b = variancesB[i];
    sum += std::sqrt(a / (a + kEpsilon) * (b / (b + kEpsilon)));
  }
  return living.empty() ? 1 : sum / static_cast<double>(living.size());
}

std::string smallVarianceNote(std::span<const double> variancesA,
                              std::span<const double> variancesB) {
  constexpr double kEnough = 0.99;
  const auto isFinite = [](double variance) { return std::isfinite(variance); };
  if (variancesA.size() != variancesB.size() || !std::ranges::all_of(variancesA, isFinite) ||
      !std::ranges::all_of(variancesB, isFinite)) {
    return {};
  }
  const double ceiling = diagonalCeiling(variancesA, variancesB);
  if (ceiling >= kEnough) {
    return {};
  }
  std::vector<double> variances;
  for (const std::size_t i : livingDimensions(variancesA, variancesB)) {
    variances.push_back(std::sqrt(variancesA[i] * variancesB[i]));
  }
  const auto middle = variances.begin() + static_cast<std::ptrdiff_t>(variances.size() / 2);
  std::nth_element(variances.begin(), middle, variances.end());
  const double factor = 1 / std::sqrt(*middle);
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(factor)) - 1));
  return fmt::format(
      "Variances are small (median {:.2g}) beside the 1e-5 that BatchNorm adds to them, which "
      "alone holds the mean diagonal at {:.3g} or below. Multiply the embeddings of both views by "
      "about {:.0f} to see their correlation itself.",
      *middle,
      ceiling,
      std::ceil(factor / unit) * unit);
}

namespace {

// Where a worker may write the band of rows that begins at `first`.
using BandMemory = std::function<float*(std::int64_t first, std::int64_t rows, int worker)>;

bool makeBands(const Matrix& a,
               const Matrix& b,
               const BandMemory& memory,
               const BandVisitor& visit,
               const JobControl& control,
               ProgressShare share) {
  BARLOW_CHECK(a.rows() == b.rows() && a.rows() > 0)
      << a.rows() << " and " << b.rows() << " samples";
  const std::int64_t samples = a.rows();
  const auto scale = static_cast<float>(1.0 / static_cast<double>(samples));
  const std::int64_t columnTiles = tilesOf(b.columns(), kTileColumns);
  const auto packedB = uninitializedFloats(columnTiles * samples * kTileColumns);
  for (std::int64_t tile = 0; tile < columnTiles; ++tile) {
    pack(b, tile * kTileColumns, kTileColumns, packedB.get() + tile * samples * kTileColumns);
  }
  std::vector<float> packedA[2];  // per worker
  const auto makeBand = [&](std::int64_t first, std::int64_t last, int worker) {
    const std::int64_t usedTiles = tilesOf(last - first, kTileRows);
    std::vector<float>& rows = packedA[worker];
    rows.resize(static_cast<std::size_t>(usedTiles * samples * kTileRows));
    float* band = memory(first, last - first, worker);
    for (std::int64_t tile = 0; tile < usedTiles; ++tile) {
      pack(a, first + tile * kTileRows, kTileRows, rows.data() + tile * samples * kTileRows);
    }
    const auto makeTile = [&](std::int64_t tileI, std::int64_t tileJ) {
      const std::int64_t width = std::min(kTileColumns, b.columns() - tileJ * kTileColumns);
      const std::int64_t height = std::min(kTileRows, last - first - tileI * kTileRows);
      const Tile tile = tileOf(rows.data() + tileI * samples * kTileRows,
                               packedB.get() + tileJ * samples * kTileColumns,
                               samples);
      for (std::int64_t r = 0; r < height; ++r) {
        float* out = band + (tileI * kTileRows + r) * b.columns() + tileJ * kTileColumns;
        for (std::int64_t c = 0; c < width; ++c) {
          out[c] = tile[static_cast<std::size_t>(r * kTileColumns + c)] * scale;
        }
      }
    };
    // A few rows are written at a time: rows of a large C are a power of two apart, and many of
    // them would take the same places in the caches.
    for (std::int64_t chunk = 0; chunk < columnTiles; chunk += kChunkTiles) {
      const std::int64_t end = std::min(columnTiles, chunk + kChunkTiles);
      for (std::int64_t tileI = 0; tileI < usedTiles; ++tileI) {
        for (std::int64_t tileJ = chunk; tileJ < end; ++tileJ) {
          makeTile(tileI, tileJ);
        }
      }
    }
    visit(first, last - first, band, worker);
  };
  return forEachBand(a.columns(), kBand, control, makeBand, share);
}

}  // namespace

bool visitCorrelation(const Matrix& a,
                      const Matrix& b,
                      const BandVisitor& visit,
                      const JobControl& control,
                      ProgressShare share) {
  std::vector<float> bands[2];  // per worker
  const auto memory = [&](std::int64_t, std::int64_t rows, int worker) {
    bands[worker].resize(static_cast<std::size_t>(rows * b.columns()));
    return bands[worker].data();
  };
  return makeBands(a, b, memory, visit, control, share);
}

std::optional<Matrix> crossCorrelation(const Matrix& a,
                                       const Matrix& b,
                                       const JobControl& control,
                                       ProgressShare share) {
  const auto values = uninitializedFloats(a.columns() * b.columns());
  const auto inPlace = [&](std::int64_t first, std::int64_t, int) {
    return values.get() + first * b.columns();
  };
  if (!makeBands(
          a, b, inPlace, [](auto, auto, auto, auto) {}, control, share)) {
    return std::nullopt;
  }
  MatrixOrigin origin = a.origin();
  origin.n = a.rows();
  return Matrix(a.columns(), b.columns(), values, std::move(origin));
}

std::optional<Matrix> correlationOf(const EmbeddingBatch& embeddings,
                                    const JobControl& control,
                                    ProgressShare share) {
  const EmbeddingBatch standard = standardized(embeddings);
  return crossCorrelation(standard.a, standard.b, control, share);
}

}  // namespace barlow
