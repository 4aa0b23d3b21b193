#pragma once

#include "core/report/metric_schema.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barlow {

/// How far the embeddings (view A of the batch, [N, D]) are from collapse; of some steps only.
struct CollapseNumbers {
  std::int64_t step = 0;  // whose embeddings; on an accelerator somewhat before the row's
  double effectiveRank =
      0;  // exp of the entropy of the normalised eigenvalues of the centred covariance
  std::int64_t deadDimensions =
      0;  // columns with a standard deviation below 1e-4 of the median column's
  double embeddingStd =
      0;  // mean standard deviation of L2-normalised embeddings; healthy: about 1/sqrt(D)
  // Of C, the cross-correlation of the two views, where the objective has no such terms of its own.
  std::optional<double> meanDiagonal;
  std::optional<double> rmsOffDiagonal;
  bool operator==(const CollapseNumbers&) const = default;
};

/// One row of metrics.jsonl: the scalars of one training step.
struct MetricPoint {
  std::int64_t step = 0;   // completed steps, the first is 1
  std::int64_t epoch = 0;  // from 0
  double loss = 0;
  std::vector<double> terms;  // as the run's schema says; NaN: not known
  double learningRate = 0;
  double pairsPerSecond = 0;
  double dataWaitMs = 0;  // time this step waited for the loader
  double seconds = 0;     // training time since the run's start, over all its parts
  std::optional<CollapseNumbers> collapse;
  bool operator==(const MetricPoint&) const = default;
};

/// "loss", or a term by its key; NaN where there is none.
double valueOf(const MetricPoint& point, const MetricSchema& schema, std::string_view key);

/// The last of `points`, which are not empty, with the newest of what only some rows have: numbers
/// of collapse, and terms that are measured now and then.
MetricPoint newestOf(const std::vector<MetricPoint>& points, const MetricSchema& schema);
/// Takes over from an older row what only some rows have.
void addMissing(MetricPoint& point, const MetricPoint& older, const MetricSchema& schema);

/// One line of metrics.jsonl, without the newline: step, epoch, loss, the terms in the schema's
/// order, rates and times, numbers of collapse. NaN and infinities are the strings "nan", "inf",
/// "-inf".
std::string toJson(const MetricPoint& point, const MetricSchema& schema);
/// The reverse; nothing when the line is torn or has no step. A column that it does not have is
/// NaN.
std::optional<MetricPoint> metricPointFromJson(const std::string& line, const MetricSchema& schema);

}  // namespace barlow
