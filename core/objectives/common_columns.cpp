#include "core/objectives/common_columns.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace barlow {

MetricColumn lossColumn(std::string hint, double reference) {
  MetricColumn loss = MetricSchema{}.loss;
  loss.chartLabel = "loss";
  loss.range.reference = reference;
  loss.hints.aim = std::move(hint);
  return loss;
}

std::vector<MetricColumn> contrastColumns() {
  return {{.key = "contrastive_accuracy",
           .label = "Right answers",
           .help = "Share of the views to which another view of the same image is nearer than all "
                   "other images. It should rise towards 1; near 0 the embeddings tell nothing "
                   "apart.",
           .chart = "Right answers",
           .chartLabel = "right",
           .isCard = true,
           .range = {.good = 0.5, .poor = 0.05, .least = 0, .most = 1},
           .hints = {.aim = "good: rises towards 1",
                     .good = "good: images are told apart",
                     .fair = "fair: train longer, towards 1",
                     .poor = "poor: images are hardly told apart"}},
          {.key = "positive_similarity",
           .label = "Similarity of views",
           .help = "Mean cosine of two views of an image. It should rise while right answers "
                   "rise; near 1 with hardly any right answers is collapse.",
           .chart = "Right answers",
           .chartLabel = "similarity",
           .isCard = true,
           .range = {.least = -kOneWithRounding, .most = kOneWithRounding},
           .hints = {.aim = "rises while right answers rise"}}};
}

MetricColumn spreadColumn(std::int64_t dimensions) {
  const double healthy = 1 / std::sqrt(static_cast<double>(dimensions));
  return {.key = "z_std",
          .label = "Spread of directions",
          .help = fmt::format("Standard deviation of the embeddings of length 1, mean over "
                              "dimensions. Healthy: near 1/sqrt(D) = {:.3g}; 0 is collapse, when "
                              "all images have the same embedding.",
                              healthy),
          .chart = "Spread of directions",
          .chartLabel = "now",
          .isCard = true,
          .range = {.good = 0.8 * healthy, .poor = 0.3 * healthy, .least = 0, .reference = healthy},
          .hints = {.aim = "good: near {}",
                    .good = "good: near {}, images differ",
                    .fair = "fair: below {}",
                    .poor = "poor: near collapse, far below {}"}};
}

MetricColumn momentumDistanceColumn() {
  return {.key = "momentum_distance",
          .label = "Momentum distance",
          .help =
              "How far the slowly moving copy of the network is behind it: the length of the "
              "difference of their weights over that of the network's, several times an epoch. It "
              "grows with the learning rate and shrinks as the rate falls; near 0 from the start "
              "the copy is no other network, and a growing distance makes its targets stale.",
          .chart = "Momentum distance",
          .chartLabel = "distance",
          .isCard = true,
          .comesLater = true,
          .range = {.least = 0},
          .hints = {.aim = "small, and falls with the learning rate"}};
}

MetricColumn predictionColumn() {
  return {.key = "prediction_similarity",
          .label = "Similarity of predictions",
          .help =
              "Mean cosine of what is predicted from one view with the other view's "
              "embedding. It should rise towards 1 over many epochs; at 1 within the first "
              "steps it is a sign of collapse.",
          .chart = "Predictions",
          .chartLabel = "similarity",
          .isCard = true,
          .range = {.least = -kOneWithRounding, .most = kOneWithRounding},
          .hints = {.aim = "rises towards 1 over many epochs"}};
}

}  // namespace barlow
