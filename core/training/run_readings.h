#pragma once

#include "core/recording/run_recorder.h"
#include "core/recording/snapshot_readback.h"
#include "core/step/collapse_meter.h"
#include "core/step/metric_readback.h"
#include "core/step/training_step.h"
#include "core/training/training_clock.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace barlow {

/// What is learnt of a run's steps: numbers, signs of collapse, embeddings. On the CPU it is there
/// at once; where a device is still at work it comes some steps later, and only then a step counts
/// as made. All of it is recorded as it comes. One thread.
class RunReadings {
 public:
  struct Run {
    const RunConfig& config;
    const RunPlan& plan;
    const Learner& learner;
    RunRecorder& recorder;
    TrainingClock& clock;
    TrainingPosition& position;  // its seconds move with the numbers; its step goes back when a
                                 // loss is not finite
  };
  /// Everything in `run` outlives this. `lag`: steps that may be queued; `isBeside`: collapse
  /// numbers on a thread of their own.
  RunReadings(const Run& run, std::size_t lag, bool isBeside);

  /// A step's numbers, and its embeddings where a summary is due or they are to be kept.
  void push(const MetricPoint& point, const DeviceBatch& batch, const TrainingStep::Output& output);
  /// Asks for the embeddings and views of the newest step; nothing before the first.
  void ask(const SnapshotReadback::Purpose& purpose);
  /// Takes what has come; all that is under way when `isLast`. Throws NonFiniteLoss.
  void collect(bool isLast);

  /// The steps known by now and not yet given.
  std::vector<MetricPoint> take();
  /// The newest embeddings for a viewer, not yet given; or null.
  std::shared_ptr<const LiveSnapshot> takeSnapshot();
  /// Of the steps known; its step is 0 before the first.
  const MetricPoint& newest() const { return newest_; }
  /// Whether there was a step, and the newest known one had a finite loss.
  bool isSound() const;
  /// matrix.png and views.png of the newest step, which is kept as well. Waits.
  void writePictures();
  RunSummary summary(RunEnd end, const std::optional<EvaluationResult>& evaluation) const;
  /// Lets go of the newest step's embeddings, before a step is recorded.
  void forget() { inputs_ = {}; }

 private:
  /// Of a step: how far the momentum network is from the other is among its numbers.
  bool hasDistance(std::int64_t step) const;
  void complete(MetricReadback::Step step, bool isLast);
  void request(const SnapshotReadback::Purpose& purpose);
  void collectSnapshots(bool isLast);

  Run run_;
  MetricReadback numbers_;
  std::vector<MetricPoint> arrived_;
  MetricPoint newest_;
  CollapseMeter collapseMeter_;
  std::optional<CollapseNumbers> collapse_;  // known, not yet in a row
  std::optional<double> distance_;           // the last one known
  bool hasOwnCorrelation_;                   // among the objective's own columns
  SnapshotReadback snapshots_;
  std::shared_ptr<const LiveSnapshot> snapshot_;
  std::int64_t snapshotEvery_;
  double secondsBefore_;  // of training in the run's earlier parts

  // Of the newest step.
  std::optional<DeviceBatch> batch_;
  ObjectiveInputs inputs_;
};

}  // namespace barlow
