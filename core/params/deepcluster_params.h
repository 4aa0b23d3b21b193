#pragma once

#include "core/params/objective_info.h"
#include "core/params/param_info.h"

namespace barlow {

/// DeepCluster v2 (arXiv 2006.09882, appendix; solo-learn).
struct DeepClusterParams {
  double temperature = 0.1;
  int clusters = 3000;
  int heads = 3;
  int kmeansIterations = 10;
  bool operator==(const DeepClusterParams&) const = default;

  static constexpr ObjectiveInfo kInfo = {
      .does =
          "Sorts the embeddings of the last epoch into clusters and predicts each "
          "image's cluster from its views.",
      .prevents =
          "The clusters themselves: they are found by k-means over all images, so "
          "that different images have different labels.",
      .healthy =
          "The loss starts near ln(clusters) and falls within each epoch; fewer "
          "images change their cluster from epoch to epoch.",
      .paper =
          "Caron and others: DeepCluster, ECCV 2018, arXiv 1807.05520; v2: arXiv "
          "2006.09882",
      .projector = {.hasBias = true},
      .takesMoreViews = true,
      .ownMatrix = MatrixKind::Assignments};

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"objective.deepcluster.temperature",
                    "Temperature",
                    "",
                    "Similarities are divided by it: the smaller, the more the "
                    "nearest wrong images count.",
                    true}
              .where("objective.name", "deepcluster"),
          self.temperature,
          Range<double>{0.001, 100.0, 0.01});
    visit(ParamInfo{"objective.deepcluster.clusters",
                    "Clusters",
                    "",
                    "How many for each head; fewer than there are images.",
                    true}
              .where("objective.name", "deepcluster")
              .atStart(),
          self.clusters,
          Range<int>{2, 1000000, 100});
    visit(ParamInfo{"objective.deepcluster.heads",
                    "Heads",
                    "",
                    "How many sortings are predicted side by side.",
                    false}
              .where("objective.name", "deepcluster")
              .atStart(),
          self.heads,
          Range<int>{1, 16, 1});
    visit(ParamInfo{"objective.deepcluster.kmeans_iterations",
                    "k-means iterations",
                    "",
                    "Rounds of k-means before each epoch.",
                    false}
              .where("objective.name", "deepcluster"),
          self.kmeansIterations,
          Range<int>{1, 1000, 1});
  }

  PrototypeForm prototypeForm() const { return {clusters, temperature}; }
  /// Numbers that are saved with a run.
  double stateNumbers(const ObjectiveSizes& sizes) const {
    return (2.0 * static_cast<double>(sizes.images) + 1.0 * heads * clusters) *
           static_cast<double>(sizes.dimensions);
  }
  /// Numbers in memory beside the network's, at the most.
  double workNumbers(const ObjectiveSizes& sizes) const {
    constexpr double kStrip = 4e6;  // of scores while it sorts
    return stateNumbers(sizes) + kStrip +
           4.0 * heads * clusters * static_cast<double>(sizes.batch);  // and logits
  }

  /// What is wrong with it for a run of these sizes.
  std::vector<Problem> problems(const ObjectiveSizes& sizes) const {
    const std::int64_t kept = sizes.images - sizes.images % sizes.batch;  // whole batches
    if (sizes.images == 0 || clusters <= kept) {
      return {};
    }
    return {{"objective.deepcluster.clusters",
             "there are " + std::to_string(kept) + " images in an epoch for " +
                 std::to_string(clusters) + " clusters: use fewer, at most one for three images"}};
  }
};

}  // namespace barlow
