#pragma once

#include "core/studio/evaluation.h"
#include "core/studio/feature_map.h"
#include "core/studio/feature_space.h"
#include "core/studio/run_browser.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace barlow::ui {

/// What the workspace asks of core; tests put their own in place. All of them block and are called
/// on workers.
struct EvaluateDoors {
  using Tell = std::function<void(const std::string&)>;
  std::function<std::optional<EvaluationReport>(
      const EvaluationRequest&, const JobControl&, const Tell&)>
      evaluate = barlow::evaluate;
  std::function<StoredEvaluations(const std::filesystem::path&)> list = listEvaluations;
  std::function<std::vector<EvaluationResult>(const std::filesystem::path&)> trained =
      listTrainingEvaluations;
  std::function<std::vector<StoredCheckpoint>(const std::filesystem::path&)> checkpoints =
      listCheckpoints;
  std::function<std::shared_ptr<const FeatureSpace>(
      const EvaluationRequest&, const JobControl&, const Tell&)>
      open = openFeatureSpace;
  std::function<std::vector<float>(const EvaluationRequest&, const std::filesystem::path&)>
      featuresOfFile = barlow::featuresOfFile;
  std::function<std::optional<std::vector<int>>(
      const FeatureSpace&, const StoredEvaluation&, const JobControl&)>
      predictions = predictionsOf;
  std::function<std::optional<FeatureMap>(const FeatureSpace&,
                                          const MapRequest&,
                                          const JobControl&,
                                          const std::function<void(const FeatureMap&)>&)>
      map = mapOf;
};

}  // namespace barlow::ui
