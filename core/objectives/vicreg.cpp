#include "core/objectives/common_columns.h"
#include "core/objectives/objective_list.h"
#include "core/objectives/vicreg_loss.h"

namespace barlow {
namespace {

class Vicreg final : public Objective {
 public:
  explicit Vicreg(const VicregParams& params) : params_(params) {}

  ObjectiveTerms loss(const ObjectiveInputs& inputs) override {
    const VicregTerms terms = vicregLoss(inputs.online.at(0), inputs.online.at(1), params_);
    return {.loss = terms.loss,
            .numbers = torch::stack({terms.invariance, terms.variance, terms.covariance})};
  }

 private:
  VicregParams params_;
};

}  // namespace

std::unique_ptr<Objective> make(const VicregParams& params, const ObjectiveSizes&) {
  return std::make_unique<Vicreg>(params);
}

MetricSchema schemaOf(const VicregParams& params, const ObjectiveSizes&) {
  const double views = params.halvesVariance ? 1 : 2;
  return {.loss = lossColumn("falls; the weighted sum of the terms"),
          .terms = {
              {.key = "invariance",
               .label = "Invariance term",
               .help = "Mean squared distance of the two views' embeddings, before its weight. It "
                       "falls; 0 together with a high variance term is collapse.",
               .chart = "Terms",
               .chartLabel = "invariance",
               .isCard = true,
               .isLogarithmic = true,
               .range = {.least = 0},
               .hints = {.aim = "falls while the variance term stays near 0"}},
              {.key = "variance",
               .label = "Variance term",
               .help = "How far the dimensions' standard deviations are below 1, mean over "
                       "dimensions, of both views. Healthy: near 0; near 1 for each view, all "
                       "images have the same embedding.",
               .chart = "Terms",
               .chartLabel = "variance",
               .isCard = true,
               .isLogarithmic = true,
               .range = {.good = 0.15 * views, .poor = 0.6 * views, .least = 0},
               .hints = {.aim = "good: towards 0, every dimension varies",
                         .good = "good: every dimension varies",
                         .fair = "fair: train longer, towards 0",
                         .poor = "poor: images look alike; train longer"}},
              {.key = "covariance",
               .label = "Covariance term",
               .help = "Squared covariances of different dimensions, of both views, divided by D. "
                       "It stays small while the variance term is near 0; exactly 0 from the first "
                       "step on is collapse.",
               .chart = "Terms",
               .chartLabel = "covariance",
               .isCard = true,
               .isLogarithmic = true,
               .range = {.least = 0},
               .hints = {.aim = "stays small: dimensions repeat little"}}}};
}

}  // namespace barlow
