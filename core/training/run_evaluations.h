#pragma once

#include "core/dataset/open_dataset.h"
#include "core/recording/run_recorder.h"
#include "core/report/events.h"

#include <cstdint>
#include <optional>
#include <stop_token>

namespace barlow {

/// The evaluations of a run while it trains: the kNN probe on held-out images. One thread.
class RunEvaluations {
 public:
  struct Run {
    const RunConfig& config;
    const RunPlan& plan;
    const OpenedDataset& data;
    const Learner& learner;
    RunRecorder& recorder;
  };
  /// Everything in `run` outlives this.
  explicit RunEvaluations(const Run& run) : run_(run) {}

  /// After `step` completed steps, once; never without held-out images.
  bool isDue(std::int64_t step) const;
  /// Recorded as well. Nothing when stopped, or without labels.
  std::optional<EvaluationResult> evaluate(std::int64_t step, const std::stop_token& stop);
  const std::optional<EvaluationResult>& newest() const { return newest_; }

 private:
  Run run_;
  std::optional<EvaluationResult> newest_;
};

}  // namespace barlow
