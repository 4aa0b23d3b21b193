#pragma once

#include "core/params/objective_info.h"
#include "core/params/param_info.h"

namespace barlow {

/// SimCLR (arXiv 2002.05709): NT-Xent.
struct SimclrParams {
  double temperature = 0.2;  // solo-learn; the authors take 0.5 for CIFAR
  bool operator==(const SimclrParams&) const = default;

  static constexpr ObjectiveInfo kInfo = {
      .does =
          "Asks for every view which of all other views in the batch is of the same "
          "image.",
      .prevents =
          "The other images of the batch: embeddings that are all equal could not "
          "tell them apart.",
      .healthy =
          "The loss starts near ln(2N - 1) and falls; the share of right answers "
          "rises towards 1.",
      .paper = "Chen, Kornblith, Norouzi, Hinton: SimCLR, ICML 2020, arXiv 2002.05709",
      .projector = {.hasBias = true, .hasNorm = false},
      .takesMoreViews = true,
      .ownMatrix = MatrixKind::SampleSimilarity};

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"objective.simclr.temperature",
                    "Temperature",
                    "",
                    "Similarities are divided by it: the smaller, the more the "
                    "nearest wrong images count.",
                    true}
              .where("objective.name", "simclr"),
          self.temperature,
          Range<double>{0.001, 100.0, 0.01});
  }

  double stateNumbers(const ObjectiveSizes&) const { return 0; }
  /// Numbers in memory beside the network's, at the most.
  double workNumbers(const ObjectiveSizes& sizes) const {
    const double rows = 2 * static_cast<double>(sizes.batch);
    return 2 * rows * rows;  // similarities and their gradient
  }
};

}  // namespace barlow
