#pragma once

#include "core/dataset/dataset.h"
#include "core/evaluation/feature_extractor.h"
#include "core/evaluation/learning_progress.h"
#include "core/evaluation/logistic_regression.h"
#include "core/evaluation/trained_model.h"
#include "core/torch.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

/// Images with labels: some of a data set.
struct LabelledImages {
  const Dataset* dataset = nullptr;
  std::vector<std::int64_t> indices;
};

enum class RateSchedule {
  CosineByEpoch,  // as torch's CosineAnnealingLR, stepped after every epoch
  CosineByStep,
  Steps,  // a tenth after 60 % and after 80 % of the epochs
};

/// SGD with momentum on random-resized crops that are mirrored half of the time, in the order of a
/// permutation drawn from (seed, epoch).
struct SupervisedOptions {
  int epochs = 100;
  int batchSize = 256;
  double classifierRate = 0.3;
  double backboneRate = 0;  // 0: the backbone is frozen, in evaluation mode
  double momentum = 0.9;
  double weightDecay = 0;
  RateSchedule schedule = RateSchedule::CosineByEpoch;
  bool isProjected = false;
  int classes = 0;
  std::int64_t seed = 0;
  LearningProgress progress;  // is written after every epoch but the last
};

/// The factor of both rates in the step after `step` completed ones.
double rateFactor(const SupervisedOptions& options, std::int64_t step, std::int64_t stepsPerEpoch);

struct SupervisedResult {
  LinearHead head;
  torch::Tensor ranked;      // of the images that were judged, after the last epoch: [n, best]
  std::vector<double> top1;  // after every epoch
  std::vector<std::int64_t> labels;  // of the images that were judged
  std::int64_t trained = 0;          // images that could be read
};

/// Learns from `train` and judges `test` after every epoch by its centre views. A frozen backbone
/// is shown not to have moved (CheckFailure); else the model's network learns and is changed.
/// Where options.progress has what an earlier call kept it goes on there, and ends (on the CPU,
/// byte for byte) where it would have ended. `progress`: 0 to 1, `tell`: a line an epoch, both on
/// this thread. Nothing when stopped. Throws Exception where no image can be read, or what the
/// network makes of them is not finite.
std::optional<SupervisedResult> trainSupervised(
    const TrainedModel& model,
    const LabelledImages& train,
    const LabelledImages& test,
    const SupervisedOptions& options,
    const std::stop_token& stop,
    const std::function<void(double)>& progress,
    const std::function<void(const std::string&)>& tell);

}  // namespace barlow
