#pragma once

#include "core/models/encoder.h"
#include "core/params/run_config.h"
#include "core/report/evaluation_report.h"
#include "core/torch.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace barlow {

/// Where a model's weights came from.
struct ModelOrigin {
  std::filesystem::path path;  // what was asked for
  std::filesystem::path run;   // the run's folder; empty where there is none
  std::string checkpoint;      // the checkpoint folder's name, or the file's
  std::int64_t step = 0;
  std::int64_t epoch = 0;  // completed
  std::string weights;     // SHA-256 of the file of weights
};

/// A network with its weights, in evaluation mode, and what its images must look like.
struct TrainedModel {
  Encoder network{nullptr};
  /// model, data (size, mean, standard deviation), augment and run.batch_size are its; where there
  /// was no run, what its kind of weights is known for.
  RunConfig config;
  bool hasProjector =
      true;  // some files of weights have none, and then the network's means nothing
  ModelOrigin origin;
  std::vector<std::string> notes;  // what a person should know: a damaged checkpoint passed over
};

/// `path`: a run's folder (its newest sound checkpoint), a checkpoint's (RUN/checkpoints/step-N),
/// or a file of weights of any program (weight_model.h). Throws Exception: none of them, no
/// checkpoint, none that is sound, weights of another network.
TrainedModel openTrainedModel(const std::filesystem::path& path, const torch::Device& device);

EvaluatedModel describe(const TrainedModel& model, bool isProjected);

/// Steps of an epoch of a run, as far as its records tell; 0: they do not.
std::int64_t stepsPerEpoch(const std::filesystem::path& run);

}  // namespace barlow
