#pragma once

#include "core/report/metric_schema.h"

#include <cstdint>
#include <string>
#include <vector>

namespace barlow {

/// What a run will take, before it starts. Bytes of memory, seconds of time; 0: unknown.
struct ResourceEstimate {
  std::uint64_t memoryBytes = 0;     // the most that is expected, on the device that would be used
  std::uint64_t availableBytes = 0;  // there
  std::uint64_t hostBytes = 0;       // in the machine's own memory, beside an accelerator's
  std::uint64_t availableHostBytes = 0;
  std::uint64_t checkpointBytes = 0;  // on disk, each
  double secondsPerEpoch = 0;
  std::string proposal;  // set when it cannot fit: what would
  bool fits() const { return proposal.empty(); }
};

/// What prepare() settled: sizes and choices that stay for the whole run.
struct RunPlan {
  std::string runId;
  std::string folder;
  std::int64_t images = 0;  // in the training split
  std::int64_t stepsPerEpoch = 0;
  std::int64_t totalSteps = 0;  // the schedule's length
  std::int64_t lastStep = 0;    // where this run ends: totalSteps, or run.max_steps
  std::int64_t firstStep =
      0;  // completed steps when training begins (after a resume: the checkpoint's)
  std::int64_t batchSize = 0;   // N
  std::int64_t dimensions = 0;  // D
  std::string device;           // "cpu", "cuda:0"
  std::string precision;
  int threads = 0;
  int loaderWorkers = 0;
  bool hasLabels = false;
  std::vector<std::string> classNames;
  MetricSchema metrics;  // what every step measures
  ResourceEstimate estimate;
  std::string memoryAdvice;  // what to set should memory run out all the same; an imperative
};

}  // namespace barlow
