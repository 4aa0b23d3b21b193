#pragma once

#include "core/params/objective_info.h"
#include "core/params/param_info.h"

namespace barlow {

/// SimSiam (arXiv 2011.10566).
struct SimsiamParams {
  int predictor = 512;
  bool constantRate = true;
  bool operator==(const SimsiamParams&) const = default;

  static constexpr ObjectiveInfo kInfo = {
      .does =
          "Predicts from one view the embedding of the other, with the same network "
          "for both.",
      .prevents =
          "The stop-gradient: the embedding that is predicted is taken as it is, so "
          "that it cannot move to meet the prediction.",
      .healthy =
          "The loss falls from 0 towards -1; the standard deviation of the "
          "normalised embeddings stays near 1/sqrt(D), and 0 is collapse.",
      .paper = "Chen, He: SimSiam, CVPR 2021, arXiv 2011.10566",
      .projector = {.hasLastNorm = true, .lastNormLearns = false}};

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"objective.simsiam.predictor",
                    "Predictor",
                    "width",
                    "Hidden width of the predictor.",
                    true}
              .where("objective.name", "simsiam")
              .atStart(),
          self.predictor,
          Range<int>{1, 65536, 128});
    visit(ParamInfo{"objective.simsiam.constant_rate",
                    "Constant rate",
                    "",
                    "The predictor keeps its full learning rate: no warm-up and "
                    "no schedule.",
                    false}
              .where("objective.name", "simsiam")
              .atStart(),
          self.constantRate,
          Flag{});
  }

  /// Numbers that are saved with a run.
  double stateNumbers(const ObjectiveSizes& sizes) const {
    return 2.0 * predictor * static_cast<double>(sizes.dimensions);
  }
  /// Numbers in memory beside the network's, at the most.
  double workNumbers(const ObjectiveSizes& sizes) const {
    return 4 * stateNumbers(sizes);  // with gradient and momenta
  }
};

}  // namespace barlow
