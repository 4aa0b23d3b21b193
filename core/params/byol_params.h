#pragma once

#include "core/params/objective_info.h"
#include "core/params/param_info.h"

namespace barlow {

/// BYOL (arXiv 2006.07733).
struct ByolParams {
  int predictor = 4096;
  double momentum = 0.99;
  double finalMomentum = 1.0;
  bool operator==(const ByolParams&) const = default;

  static constexpr ObjectiveInfo kInfo = {
      .does =
          "Predicts from one view what a slowly moving copy of the network says of "
          "the other view.",
      .prevents =
          "Nothing in the loss: the predictor and the slow copy together make the "
          "collapsed answer one that training does not reach.",
      .healthy =
          "The loss falls from about 4 towards 0; the standard deviation of the "
          "normalised embeddings stays near 1/sqrt(D), and 0 is collapse.",
      .paper = "Grill and others: BYOL, NeurIPS 2020, arXiv 2006.07733",
      .projector = {.hasBias = true},
      .hasMomentumEncoder = true,
      .takesMoreViews = true};

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"objective.byol.predictor",
                    "Predictor",
                    "width",
                    "Hidden width of the predictor.",
                    true}
              .where("objective.name", "byol")
              .atStart(),
          self.predictor,
          Range<int>{1, 65536, 256});
    visit(ParamInfo{"objective.byol.momentum",
                    "Momentum",
                    "",
                    "Share of the momentum network that stays in each step, at "
                    "the beginning.",
                    false}
              .where("objective.name", "byol"),
          self.momentum,
          Range<double>{0.0, 1.0, 0.001});
    visit(ParamInfo{"objective.byol.final_momentum",
                    "Final momentum",
                    "",
                    "The same at the end; it gets there on a cosine.",
                    false}
              .where("objective.name", "byol"),
          self.finalMomentum,
          Range<double>{0.0, 1.0, 0.001});
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
