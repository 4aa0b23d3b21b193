#include "core/matrix/statistics.h"

#include "core/base/check.h"
#include "core/matrix/statistics_kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace barlow {
namespace {

constexpr std::int64_t kChunk = 512;  // cells whose indices are made at a time
constexpr std::int64_t kRanked = 32;  // cells of which few are among the strongest
constexpr float kInfinity = std::numeric_limits<float>::infinity();

bool ranksHigher(const RankedCell& a, const RankedCell& b) {
  return a.value != b.value ? a.value > b.value : a.cell < b.cell;
}

bool ranksLower(const RankedCell& a, const RankedCell& b) {
  return a.value != b.value ? a.value < b.value : a.cell < b.cell;
}

// The first `count` cells by `Before`, of cells that come in row-major order: among equal values
// those that came first stay.
template <bool (*Before)(const RankedCell&, const RankedCell&)>
class Ranking {
 public:
  explicit Ranking(std::size_t count, float bound) : count_(count), bound_(bound) {}

  /// Values that are not beyond this one are of no interest.
  float bound() const { return bound_; }
  void add(const RankedCell& cell) {
    cells_.push_back(cell);
    if (cells_.size() >= 2 * count_ + 64) {
      prune();
    }
  }
  std::vector<RankedCell> take() && {
    prune();
    return std::move(cells_);
  }

 private:
  void prune() {
    if (cells_.size() > count_) {
      const auto end = cells_.begin() + static_cast<std::ptrdiff_t>(count_);
      std::nth_element(cells_.begin(), end - 1, cells_.end(), Before);
      cells_.erase(end, cells_.end());
      bound_ = cells_.back().value;
    }
  }

  std::size_t count_;
  float bound_;
  std::vector<RankedCell> cells_;
};

// Cells that come from two threads, put together.
template <bool (*Before)(const RankedCell&, const RankedCell&)>
std::vector<RankedCell> merged(std::vector<RankedCell> a,
                               const std::vector<RankedCell>& b,
                               std::size_t count) {
  a.insert(a.end(), b.begin(), b.end());
  std::sort(a.begin(), a.end(), Before);
  a.resize(std::min(a.size(), count));
  return a;
}

// What one thread gathers of the off-diagonal cells.
struct Gatherer {
  Gatherer(const StatisticsOptions& options, const Histogram& shape)
      : binning(binningOf(shape)),
        bins(static_cast<std::size_t>(options.bins) + 3, 0),
        otherBins(bins),
        magnitudes(static_cast<std::size_t>(MagnitudeHistogram::kBins) + 1, 0),
        largest(static_cast<std::size_t>(options.topCount), -kInfinity),
        smallest(static_cast<std::size_t>(options.topCount), kInfinity) {}

  // Row `row`, columns [first, first + count).
  void add(const float* values, std::int64_t row, std::int64_t first, std::int64_t count) {
    std::array<std::int32_t, kChunk> indices;
    for (std::int64_t begin = 0; begin < count; begin += kChunk) {
      const std::int64_t size = std::min(kChunk, count - begin);
      const float* chunk = values + begin;
      binIndices(chunk, size, binning, indices.data());
      // Neighbours are often alike: two tables, so that one count need not wait for the other.
      for (std::int64_t k = 0; k + 1 < size; k += 2) {
        ++bins[static_cast<std::size_t>(indices[static_cast<std::size_t>(k)])];
        ++otherBins[static_cast<std::size_t>(indices[static_cast<std::size_t>(k + 1)])];
      }
      if (size % 2 == 1) {
        ++bins[static_cast<std::size_t>(indices[static_cast<std::size_t>(size - 1)])];
      }
      magnitudeIndices(chunk, size, indices.data());
      for (std::int64_t k = 0; k < size; ++k) {
        ++magnitudes[static_cast<std::size_t>(indices[static_cast<std::size_t>(k)])];
      }
      const bool isFilling = largest.bound() == -kInfinity || smallest.bound() == kInfinity;
      for (std::int64_t from = 0; from < size; from += kRanked) {
        const std::int64_t part = std::min(kRanked, size - from);
        if (isFilling || hasBeyond(chunk + from, part, smallest.bound(), largest.bound())) {
          rank(chunk + from, row, first + begin + from, part);
        }
      }
    }
  }

  void rank(const float* values, std::int64_t row, std::int64_t first, std::int64_t count) {
    for (std::int64_t k = 0; k < count; ++k) {
      // An infinity has no bound beyond it: while nothing was pruned everything counts.
      const float value = values[k];
      if (value > largest.bound() || (value == value && largest.bound() == -kInfinity)) {
        largest.add({{row, first + k}, value});
      }
      if (value < smallest.bound() || (value == value && smallest.bound() == kInfinity)) {
        smallest.add({{row, first + k}, value});
      }
    }
  }

  Binning binning;
  std::vector<std::uint32_t> bins;  // as binIndices numbers them; a matrix has below 2^32 cells
  std::vector<std::uint32_t> otherBins;  // to be added
  std::vector<std::uint32_t> magnitudes;
  Ranking<ranksHigher> largest;
  Ranking<ranksLower> smallest;
};

void putTogether(std::vector<Gatherer>& parts, std::size_t count, MatrixStatistics& result) {
  Histogram& histogram = result.offDiagonalHistogram;
  std::vector<std::uint64_t> magnitudes(static_cast<std::size_t>(MagnitudeHistogram::kBins), 0);
  for (Gatherer& part : parts) {
    const std::size_t bins = histogram.counts.size();
    for (std::size_t bin = 0; bin < part.bins.size(); ++bin) {
      part.bins[bin] += part.otherBins[bin];
    }
    histogram.below += part.bins.front();
    for (std::size_t bin = 0; bin < bins; ++bin) {
      histogram.counts[bin] += part.bins[bin + 1];
    }
    histogram.above += part.bins[bins + 1];
    histogram.nan += part.bins[bins + 2];
    for (std::size_t bin = 0; bin < magnitudes.size(); ++bin) {
      magnitudes[bin] += part.magnitudes[bin];
    }
    result.largest =
        merged<ranksHigher>(std::move(result.largest), std::move(part.largest).take(), count);
    result.smallest =
        merged<ranksLower>(std::move(result.smallest), std::move(part.smallest).take(), count);
  }
  result.magnitudes = MagnitudeHistogram(magnitudes);
}

void addDiagonal(const Matrix& matrix, double offDiagonal, MatrixStatistics& result) {
  LossNumbers loss;
  double sum = 0;
  result.minDiagonal = std::numeric_limits<double>::infinity();
  for (std::int64_t i = 0; i < matrix.rows(); ++i) {
    const float value = matrix.at(i, i);
    result.diagonal.push_back(value);
    result.diagonalHistogram.add(value);
    sum += value;
    loss.onDiagonal += (static_cast<double>(value) - 1) * (static_cast<double>(value) - 1);
    if (value < result.minDiagonal) {
      result.minDiagonal = value;
      result.minDiagonalIndex = i;
    }
  }
  if (result.minDiagonalIndex < 0) {
    result.minDiagonal = std::nan("");
  }
  result.meanDiagonal = sum / static_cast<double>(matrix.rows());
  if (matrix.origin().kind != MatrixKind::CrossCorrelation) {
    return;
  }
  loss.offDiagonal = offDiagonal;
  loss.loss = loss.onDiagonal + matrix.origin().lambda * offDiagonal;
  if (matrix.origin().n > 1) {
    loss.floor = lowestLoss(matrix.origin().n, matrix.rows(), matrix.origin().lambda);
  }
  result.loss = loss;
}

Histogram emptyHistogram(const StatisticsOptions& options, const Matrix& matrix) {
  const float limit =
      options.histogramLimit > 0 ? options.histogramLimit : histogramLimitOf(matrix);
  return {.low = -limit,
          .high = limit,
          .counts = std::vector<std::uint64_t>(static_cast<std::size_t>(options.bins), 0)};
}

}  // namespace

float histogramLimitOf(const Matrix& matrix) {
  if (!isCovariance(matrix.origin().kind) && matrix.origin().kind != MatrixKind::Assignments) {
    return 1;
  }
  float limit = 0;
  const std::int64_t cells = matrix.rows() * matrix.columns();
  for (std::int64_t i = 0; i < cells; ++i) {
    const float size = std::abs(matrix.values()[i]);
    limit = std::isfinite(size) && size > limit ? size : limit;
  }
  return limit > 0 ? limit : 1;
}

bool isStronger(const RankedCell& a, const RankedCell& b) {
  const float left = std::abs(a.value);
  const float right = std::abs(b.value);
  return left != right ? left > right : a.cell < b.cell;
}

LossFloor lowestLoss(std::int64_t n, std::int64_t dimensions, double lambda) {
  BARLOW_CHECK(n > 1 && dimensions > 0) << n << " samples, " << dimensions << " dimensions";
  const auto d = static_cast<double>(dimensions);
  const double k = lambda * (d / static_cast<double>(n - 1) - 1);
  if (k <= 0 || lambda >= 1) {
    return {};
  }
  return {.loss = d * k / (1 + k), .meanDiagonal = 1 / (1 + k)};
}

std::vector<RankedCell> MatrixStatistics::strongest(std::size_t count) const {
  // The strongest cells are among the largest and the smallest ones, some of them in both.
  std::vector<RankedCell> cells = largest;
  cells.insert(cells.end(), smallest.begin(), smallest.end());
  std::sort(cells.begin(), cells.end(), isStronger);
  cells.erase(std::unique(cells.begin(),
                          cells.end(),
                          [](const auto& a, const auto& b) { return a.cell == b.cell; }),
              cells.end());
  cells.resize(std::min({cells.size(), count, std::max(largest.size(), smallest.size())}));
  return cells;
}

std::shared_ptr<const MatrixStatistics> computeStatistics(const Matrix& matrix,
                                                          const StatisticsOptions& options,
                                                          const JobControl& control) {
  BARLOW_CHECK(options.topCount >= 1 && options.topCount <= 10'000 && options.bins >= 1 &&
               options.bins <= 1 << 20 && options.histogramLimit >= 0 &&
               std::isfinite(options.histogramLimit))
      << options.topCount << " pairs, " << options.bins << " bins, limit "
      << options.histogramLimit;
  const auto result = std::make_shared<MatrixStatistics>();
  result->rows = matrix.rows();
  result->columns = matrix.columns();
  result->origin = matrix.origin();
  result->diagonalHistogram = result->offDiagonalHistogram = emptyHistogram(options, matrix);
  std::vector<Gatherer> parts(2, Gatherer(options, result->offDiagonalHistogram));
  std::vector<double> rowSquares(static_cast<std::size_t>(matrix.rows()), 0);
  const bool isDone = forEachBand(
      matrix.rows(), 32, control, [&](std::int64_t first, std::int64_t last, int worker) {
        for (std::int64_t i = first; i < last; ++i) {
          const std::int64_t left = matrix.isSquare() ? i : matrix.columns();
          const std::int64_t right = std::max<std::int64_t>(0, matrix.columns() - left - 1);
          Gatherer& part = parts[static_cast<std::size_t>(worker)];
          part.add(matrix.row(i), i, 0, left);
          part.add(matrix.row(i) + left + 1, i, left + 1, right);
          rowSquares[static_cast<std::size_t>(i)] =
              sumOfSquares(matrix.row(i), left) + sumOfSquares(matrix.row(i) + left + 1, right);
        }
      });
  if (!isDone) {
    return nullptr;
  }
  putTogether(parts, static_cast<std::size_t>(options.topCount), *result);
  const std::int64_t perRow = matrix.columns() - (matrix.isSquare() ? 1 : 0);
  double squares = 0;
  for (const double row : rowSquares) {
    squares += row;
    result->rowRms.push_back(
        perRow > 0 ? static_cast<float>(std::sqrt(row / static_cast<double>(perRow))) : 0.0f);
  }
  if (perRow > 0 && matrix.rows() > 0) {
    result->rmsOffDiagonal = std::sqrt(squares / static_cast<double>(perRow * matrix.rows()));
  }
  for (const auto* cells : {&result->largest, &result->smallest}) {
    if (!cells->empty()) {
      result->maxOffDiagonal =
          std::max(result->maxOffDiagonal, std::abs(static_cast<double>(cells->front().value)));
    }
  }
  if (matrix.isSquare() && !matrix.isEmpty()) {
    addDiagonal(matrix, squares, *result);
  }
  if (matrix.origin().n > 0 && matrix.origin().kind == MatrixKind::CrossCorrelation) {
    result->noiseLevel = 1 / std::sqrt(static_cast<double>(matrix.origin().n));
  }
  if (matrix.origin().kind == MatrixKind::Assignments) {
    result->prototypes = prototypeUse(matrix);
  }
  result->nanCells = result->offDiagonalHistogram.nan + result->diagonalHistogram.nan;
  return result;
}

namespace {

// Calls found(column) for the cells of a row that the bin counted.
template <class Found>
void eachOfBin(const Matrix& matrix,
               std::int64_t row,
               const Binning& binning,
               std::int64_t bin,
               CellPart part,
               Found found) {
  const std::int64_t diagonal = matrix.isSquare() ? row : -1;
  const bool ofDiagonal = part == CellPart::Diagonal;
  const std::int64_t from = ofDiagonal ? std::max<std::int64_t>(diagonal, 0) : 0;
  const std::int64_t end = ofDiagonal ? diagonal + 1 : matrix.columns();
  std::array<std::int32_t, kChunk> indices;
  for (std::int64_t begin = from; begin < end; begin += kChunk) {
    const std::int64_t size = std::min(kChunk, end - begin);
    binIndices(matrix.row(row) + begin, size, binning, indices.data());
    for (std::int64_t k = 0; k < size; ++k) {
      if (indices[static_cast<std::size_t>(k)] == bin + 1 &&
          (begin + k == diagonal) == ofDiagonal) {
        found(begin + k);
      }
    }
  }
}

}  // namespace

std::optional<CellSelection> cellsOfBin(const Matrix& matrix,
                                        const Histogram& histogram,
                                        std::int64_t bin,
                                        CellPart part,
                                        std::size_t most,
                                        const JobControl& control) {
  // Counted first: a bin may hold the whole matrix.
  const Binning binning = binningOf(histogram);
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(matrix.rows()), 0);
  const bool isDone =
      forEachBand(matrix.rows(), 32, control, [&](std::int64_t first, std::int64_t last, int) {
        for (std::int64_t row = first; row < last; ++row) {
          std::uint64_t& count = counts[static_cast<std::size_t>(row)];
          eachOfBin(matrix, row, binning, bin, part, [&](std::int64_t) { ++count; });
        }
      });
  if (!isDone) {
    return std::nullopt;
  }
  CellSelection selection;
  for (std::int64_t row = 0; row < matrix.rows(); ++row) {
    selection.total += counts[static_cast<std::size_t>(row)];
    if (counts[static_cast<std::size_t>(row)] > 0 && selection.cells.size() < most) {
      eachOfBin(matrix, row, binning, bin, part, [&](std::int64_t column) {
        if (selection.cells.size() < most) {
          selection.cells.push_back({row, column});
        }
      });
    }
  }
  return selection;
}

ColorLimits limitsBy(const MatrixStatistics& statistics, LimitsRule rule, double share) {
  const auto symmetric = [](double size) -> ColorLimits {
    const auto limit = static_cast<float>(size);
    return std::isfinite(limit) && limit > 1e-30f ? ColorLimits{-limit, limit} : ColorLimits{};
  };
  float low = kInfinity;
  float high = -kInfinity;
  for (const auto* cells : {&statistics.largest, &statistics.smallest}) {
    if (!cells->empty()) {
      low = std::min(low, cells->front().value);
      high = std::max(high, cells->front().value);
    }
  }
  for (const float value : statistics.diagonal) {
    low = value < low ? value : low;
    high = value > high ? value : high;
  }
  switch (rule) {
    case LimitsRule::Fixed:
      break;
    case LimitsRule::MinMax:
      return low < high && std::isfinite(low) && std::isfinite(high) ? ColorLimits{low, high}
                                                                     : ColorLimits{};
    case LimitsRule::MinMaxSymmetric:
      return symmetric(std::max(std::abs(low), std::abs(high)));
    case LimitsRule::OffDiagonalShare:
      return symmetric(statistics.magnitudes.quantile(share));
    case LimitsRule::ThreeSigma:
      return symmetric(3 * statistics.rmsOffDiagonal);
  }
  return {};
}

}  // namespace barlow
