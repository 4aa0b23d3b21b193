#pragma once

#include "core/params/objective_info.h"
#include "core/params/param_info.h"

namespace barlow {

/// SwAV (arXiv 2006.09882).
struct SwavParams {
  double temperature = 0.1;
  int prototypes = 3000;
  double epsilon = 0.05;
  int sinkhornIterations = 3;
  int queue = 3840;
  int queueFromEpoch = 50;
  int freezeEpochs = 2;
  bool operator==(const SwavParams&) const = default;

  static constexpr ObjectiveInfo kInfo = {
      .does =
          "Assigns each view to prototypes, evenly over the batch, and predicts "
          "that assignment from the other view.",
      .prevents =
          "Sinkhorn's algorithm, which gives every prototype the same share of the "
          "batch: not all images can go to one.",
      .healthy =
          "The loss starts at ln(prototypes) or somewhat above and falls; most "
          "prototypes are in use.",
      .paper =
          "Caron, Misra, Mairal, Goyal, Bojanowski, Joulin: SwAV, NeurIPS 2020, "
          "arXiv 2006.09882",
      .projector = {.hasBias = true},
      .takesMoreViews = true,
      .ownMatrix = MatrixKind::Assignments};

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"objective.swav.temperature",
                    "Temperature",
                    "",
                    "Similarities are divided by it: the smaller, the more the "
                    "nearest wrong images count.",
                    true}
              .where("objective.name", "swav"),
          self.temperature,
          Range<double>{0.001, 100.0, 0.01});
    visit(ParamInfo{"objective.swav.prototypes", "Prototypes", "", "How many there are.", true}
              .where("objective.name", "swav")
              .atStart(),
          self.prototypes,
          Range<int>{2, 1000000, 100});
    visit(ParamInfo{"objective.swav.epsilon",
                    "Epsilon",
                    "",
                    "How soft the assignments are: the smaller, the nearer to "
                    "one prototype each.",
                    false}
              .where("objective.name", "swav"),
          self.epsilon,
          Range<double>{0.001, 10.0, 0.01});
    visit(ParamInfo{"objective.swav.sinkhorn_iterations",
                    "Sinkhorn iterations",
                    "",
                    "Rounds that even out the assignment.",
                    false}
              .where("objective.name", "swav"),
          self.sinkhornIterations,
          Range<int>{1, 100, 1});
    visit(ParamInfo{"objective.swav.queue",
                    "Queue",
                    "embeddings",
                    "Embeddings of earlier batches that take part in the "
                    "assignment, so that a small batch is spread well; a "
                    "multiple of the batch, or 0.",
                    false}
              .where("objective.name", "swav")
              .atStart(),
          self.queue,
          Range<int>{0, 10000000, 256});
    visit(ParamInfo{"objective.swav.queue_from_epoch",
                    "Queue from epoch",
                    "",
                    "The queue is used from this epoch on (the first is 0), "
                    "when embeddings have settled.",
                    false}
              .where("objective.name", "swav"),
          self.queueFromEpoch,
          Range<int>{0, 100000, 5});
    visit(ParamInfo{"objective.swav.freeze_epochs",
                    "Freeze prototypes",
                    "epochs",
                    "So long the prototypes stay as they began.",
                    false}
              .where("objective.name", "swav"),
          self.freezeEpochs,
          Range<int>{0, 100000, 1});
  }

  /// What is wrong with it for a run of these sizes.
  std::vector<Problem> problems(const ObjectiveSizes& sizes) const {
    if (queue % sizes.batch == 0) {
      return {};
    }
    return {{"objective.swav.queue",
             std::to_string(queue) + " is no multiple of the batch of " +
                 std::to_string(sizes.batch) +
                 ": every batch takes the place of an older one as a whole, or take 0"}};
  }

  PrototypeForm prototypeForm() const { return {prototypes, temperature}; }
  /// Numbers that are saved with a run.
  double stateNumbers(const ObjectiveSizes& sizes) const {
    return (prototypes + 2.0 * queue) * static_cast<double>(sizes.dimensions);
  }
  /// Numbers in memory beside the network's, at the most.
  double workNumbers(const ObjectiveSizes& sizes) const {
    const double rows = 2.0 * (static_cast<double>(sizes.batch) + queue);
    return 4 * stateNumbers(sizes) + 2 * rows * prototypes;  // and scores
  }
};

}  // namespace barlow
