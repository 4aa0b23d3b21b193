#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace barlow {

/// How far the embeddings (view A of the batch, [N, D]) are from collapse.
struct CollapseNumbers {
  std::int64_t step = 0;  // whose embeddings; on an accelerator somewhat before the row's
  double effectiveRank =
      0;  // exp of the entropy of the normalised eigenvalues of the centred covariance
  std::int64_t deadDimensions =
      0;  // columns with a standard deviation below 1e-4 of the median column's
  double embeddingStd =
      0;  // mean standard deviation of L2-normalised embeddings; healthy: about 1/sqrt(D)
  bool operator==(const CollapseNumbers&) const = default;
};

/// One row of metrics.jsonl: the scalars of one training step.
struct MetricPoint {
  std::int64_t step = 0;   // completed steps, the first is 1
  std::int64_t epoch = 0;  // from 0
  double loss = 0;
  double onDiagonal = 0;   // sum of (C_ii - 1)^2
  double offDiagonal = 0;  // sum of C_ij^2 over i != j, without lambda
  double floor = 0;        // L*: the lowest loss that N, D and lambda allow
  double meanDiagonal = 0;
  double rmsOffDiagonal = 0;
  double learningRate = 0;
  double pairsPerSecond = 0;
  double dataWaitMs = 0;  // time this step waited for the loader
  double seconds = 0;     // training time since the run's start, over all its parts
  std::optional<CollapseNumbers> collapse;
  bool operator==(const MetricPoint&) const = default;
};

/// One line of metrics.jsonl, without the newline. NaN and infinities are the strings "nan", "inf",
/// "-inf".
std::string toJson(const MetricPoint& point);
/// The reverse; nothing when the line is torn or not of this shape.
std::optional<MetricPoint> metricPointFromJson(const std::string& line);

}  // namespace barlow
