#pragma once

#include "core/dataset/dataset.h"
#include "core/params/run_config.h"

namespace barlow {

/// Seconds that one thread takes to decode and distort one pair of views of this data: the median
/// of a few images spread over it. 0 when none of them can be read. Blocks for that long.
double secondsPerPair(const std::shared_ptr<const Dataset>& dataset, const RunConfig& config);

/// How many loader threads keep up with steps of `stepSeconds` for `batchSize` pairs, with a
/// quarter to spare; at least 1, at most `cores`. All of them where either time is unknown (0).
/// Their number changes no batch.
int loaderShare(double secondsPerPair, double stepSeconds, int batchSize, int cores);

}  // namespace barlow
