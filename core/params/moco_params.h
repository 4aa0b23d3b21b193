#pragma once

#include "core/params/objective_info.h"
#include "core/params/param_info.h"

namespace barlow {

/// MoCo v2, symmetric (arXiv 2003.04297), as solo-learn.
struct MocoParams {
  double temperature = 0.2;  // solo-learn
  int queue = 32768;
  double momentum = 0.99;
  double finalMomentum = 0.999;
  bool operator==(const MocoParams&) const = default;

  static constexpr ObjectiveInfo kInfo = {
      .does =
          "Asks for every view which of many keys is of the same image: one from "
          "this batch, the others from a queue of earlier batches.",
      .prevents =
          "The queue of other images' keys, which a slowly moving copy of the "
          "network makes.",
      .healthy =
          "The loss rises while the queue fills with keys of the network, towards "
          "ln(queue + 1), and then falls; the share of right answers rises.",
      .paper =
          "He, Fan, Wu, Xie, Girshick: MoCo, CVPR 2020, arXiv 1911.05722; v2: arXiv "
          "2003.04297",
      .projector = {.hasBias = true, .hasNorm = false},
      .hasMomentumEncoder = true,
      .ownMatrix = MatrixKind::SampleSimilarity};

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"objective.moco.temperature",
                    "Temperature",
                    "",
                    "Similarities are divided by it: the smaller, the more the "
                    "nearest wrong images count.",
                    true}
              .where("objective.name", "moco"),
          self.temperature,
          Range<double>{0.001, 100.0, 0.01});
    visit(ParamInfo{"objective.moco.queue",
                    "Queue",
                    "keys",
                    "Keys of earlier batches that each view is compared with; a "
                    "multiple of the batch.",
                    true}
              .where("objective.name", "moco")
              .atStart(),
          self.queue,
          Range<int>{2, 10000000, 1024});
    visit(ParamInfo{"objective.moco.momentum",
                    "Momentum",
                    "",
                    "Share of the momentum network that stays in each step, at "
                    "the beginning.",
                    false}
              .where("objective.name", "moco"),
          self.momentum,
          Range<double>{0.0, 1.0, 0.001});
    visit(ParamInfo{"objective.moco.final_momentum",
                    "Final momentum",
                    "",
                    "The same at the end; it gets there on a cosine.",
                    false}
              .where("objective.name", "moco"),
          self.finalMomentum,
          Range<double>{0.0, 1.0, 0.001});
  }

  /// What is wrong with it for a run of these sizes.
  std::vector<Problem> problems(const ObjectiveSizes& sizes) const {
    if (queue % sizes.batch == 0) {
      return {};
    }
    return {{"objective.moco.queue",
             std::to_string(queue) + " is no multiple of the batch of " +
                 std::to_string(sizes.batch) +
                 ": every batch takes the place of an older one as a whole"}};
  }

  /// Numbers that are saved with a run.
  double stateNumbers(const ObjectiveSizes& sizes) const {
    return 2.0 * queue * static_cast<double>(sizes.dimensions);
  }
  /// Numbers in memory beside the network's, at the most.
  double workNumbers(const ObjectiveSizes& sizes) const {
    return stateNumbers(sizes) + 4.0 * queue * static_cast<double>(sizes.batch);  // logits
  }
};

}  // namespace barlow
