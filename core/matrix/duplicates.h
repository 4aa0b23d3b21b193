#pragma once

#include "core/base/job_control.h"
#include "core/matrix/matrix.h"
#include "core/matrix/statistics.h"
#include "core/params/objective_params.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace barlow {

/// Dimensions of one view that say the same.
struct DuplicateDimensions {
  std::vector<RankedCell> strongest;  // pairs i < j with their correlation, strongest first
  std::int64_t count = 0;             // all such pairs
};

/// Pairs of columns of `standard` [N, D], standardised as `how`, whose correlation is at least
/// `least` (above 0) in magnitude; the first `most` of them. Exact: correlations over a few rows
/// rule pairs out by the Cauchy-Schwarz inequality, the rest is summed in double; where too many
/// pairs remain all of C is made. Nothing after a stop.
std::optional<DuplicateDimensions> findDuplicates(const Matrix& standard,
                                                  Standardization how,
                                                  float least,
                                                  std::size_t most,
                                                  const JobControl& control = {},
                                                  ProgressShare share = {});

}  // namespace barlow
