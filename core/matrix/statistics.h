#pragma once

#include "core/base/job_control.h"
#include "core/matrix/histogram.h"
#include "core/matrix/matrix.h"
#include "core/matrix/prototype_use.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace barlow {

/// The lowest loss that N samples allow for D dimensions, for any data and any network: rank(C) <=
/// N - 1, so that |C|^2 >= tr(C)^2 / (N - 1). With k = lambda (D / (N - 1) - 1) > 0 and lambda < 1
/// it is D k / (1 + k), reached with a mean diagonal of 1 / (1 + k); otherwise 0 with 1.
struct LossFloor {
  double loss = 0;
  double meanDiagonal = 1;
};
LossFloor lowestLoss(std::int64_t n, std::int64_t dimensions, double lambda);

struct RankedCell {
  CellIndex cell;
  float value = 0;
  bool operator==(const RankedCell&) const = default;
};

/// Larger magnitude first, equal ones by row and column.
bool isStronger(const RankedCell& a, const RankedCell& b);

/// The loss of a square matrix (Eq. 1).
struct LossNumbers {
  double onDiagonal = 0;           // sum of (C_ii - 1)^2
  double offDiagonal = 0;          // sum of C_ij^2 over i != j, without lambda
  double loss = 0;                 // onDiagonal + lambda offDiagonal
  std::optional<LossFloor> floor;  // where N is known
};

struct StatisticsOptions {
  int topCount = 1000;       // pairs at each end, 1 to 10,000
  int bins = 2048;           // of both histograms
  float histogramLimit = 0;  // they span [-limit, limit]; 0: histogramLimitOf() the matrix
};

/// Everything that one pass over a matrix tells. NaN: sums that cover one are NaN; counts,
/// extremes, percentiles and ranks leave it out.
struct MatrixStatistics {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  MatrixOrigin origin;
  std::vector<float> diagonal;  // [D] C_ii; empty where the matrix is not square
  std::vector<float> rowRms;    // [rows] root of the mean square of the row's off-diagonal
                                // cells, 0 where it has none
  Histogram diagonalHistogram;
  Histogram offDiagonalHistogram;
  MagnitudeHistogram magnitudes;  // |C_ij| of the off-diagonal cells
  std::uint64_t nanCells = 0;
  double meanDiagonal = 0;  // these two 0 where the matrix is not square
  double minDiagonal = 0;
  std::int64_t minDiagonalIndex = -1;
  double rmsOffDiagonal = 0;
  double maxOffDiagonal = 0;  // |C_ij|
  // These two of a cross-correlation only.
  std::optional<LossNumbers> loss;       // where it is square
  std::optional<double> noiseLevel;      // 1 / sqrt(N): RMS off-diagonal of independent dimensions
  std::vector<PrototypeUse> prototypes;  // of assignments: those in use, most used first
  std::vector<RankedCell> largest;       // off-diagonal cells from the largest value down
  std::vector<RankedCell> smallest;      // and from the smallest one up; equal values in row-major
                                         // order
  /// The `count` (at most topCount) off-diagonal cells of largest |C_ij|.
  std::vector<RankedCell> strongest(std::size_t count) const;
};

/// 1 for what is between -1 and 1 by its kind, else the largest magnitude there is.
float histogramLimitOf(const Matrix& matrix);

/// Null after a stop. The same for any number of threads. Throws CheckFailure for options outside
/// their limits.
std::shared_ptr<const MatrixStatistics> computeStatistics(const Matrix& matrix,
                                                          const StatisticsOptions& options = {},
                                                          const JobControl& control = {});

enum class CellPart { Diagonal, OffDiagonal };

struct CellSelection {
  std::vector<CellIndex> cells;  // the first ones in row-major order
  std::uint64_t total = 0;       // all there are: the bin's count
};
/// The cells that a bin of one of the statistics' histograms counted. Bin -1: below, bins: above.
std::optional<CellSelection> cellsOfBin(const Matrix& matrix,
                                        const Histogram& histogram,
                                        std::int64_t bin,
                                        CellPart part,
                                        std::size_t most = 100'000,
                                        const JobControl& control = {});

enum class LimitsRule {
  Fixed,             // [-1, 1]
  MinMax,            // smallest to largest value
  MinMaxSymmetric,   // +- the larger magnitude
  OffDiagonalShare,  // +- the magnitude that `share` of the off-diagonal cells are below
  ThreeSigma,        // +- three times the RMS off-diagonal
};
struct ColorLimits {
  float low = -1;
  float high = 1;
  bool operator==(const ColorLimits&) const = default;
};
/// Always a range that ColorScale takes; [-1, 1] where the values give none.
ColorLimits limitsBy(const MatrixStatistics& statistics, LimitsRule rule, double share = 0.99);

}  // namespace barlow
