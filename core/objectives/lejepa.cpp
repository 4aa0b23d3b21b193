#include "core/objectives/common_columns.h"
#include "core/objectives/embedding_rows.h"
#include "core/objectives/objective_list.h"
#include "core/objectives/sigreg_loss.h"

#include <algorithm>

namespace barlow {
namespace {

class Lejepa final : public Objective {
 public:
  Lejepa(const LejepaParams& params, const ObjectiveSizes& sizes)
      : params_(params), sizes_(sizes) {}

  bool isRecordable() const override { return false; }  // directions come from the host

  ObjectiveTerms loss(const ObjectiveInputs& inputs) override {
    const LejepaTerms terms = lejepaLoss(inputs.online, directions(inputs), params_);
    return {.loss = terms.loss,
            .numbers = torch::stack({terms.invariance, terms.gaussianDistance})};
  }

  std::vector<std::pair<std::string, torch::Tensor>> drawn(
      const ObjectiveInputs& inputs) const override {
    return {{"directions", directions(inputs)}};
  }

 private:
  // [D, slices], from seed and step alone, so that a resumed run goes on with the same.
  torch::Tensor directions(const ObjectiveInputs& inputs) const {
    const torch::Tensor& z = inputs.online.at(0);
    return normalNumbers(z.size(1),
                         params_.slices,
                         startSeed(sizes_.seed, static_cast<std::uint64_t>(inputs.at.step)))
        .to(inLossPrecision(z).options());
  }

  LejepaParams params_;
  ObjectiveSizes sizes_;
};

}  // namespace

std::unique_ptr<Objective> make(const LejepaParams& params, const ObjectiveSizes& sizes) {
  return std::make_unique<Lejepa>(params, sizes);
}

MetricSchema schemaOf(const LejepaParams&, const ObjectiveSizes& sizes) {
  const auto n = static_cast<double>(sizes.batch);
  return {.loss = lossColumn("falls; the weighted sum of the terms"),
          .terms = {
              {.key = "invariance",
               .label = "Invariance term",
               .help = "Mean squared distance of the views' embeddings from their mean, before its "
                       "weight. It falls; 0 together with a large distance to the Gaussian is "
                       "collapse.",
               .chart = "Terms",
               .chartLabel = "invariance",
               .isCard = true,
               .isLogarithmic = true,
               .range = {.least = 0},
               .hints = {.aim = "falls while the distance does too"}},
              {.key = "gaussian_distance",
               .label = "Distance to the Gaussian",
               .help = "SIGReg: how far the embeddings are from samples of a Gaussian of unit "
                       "covariance. Healthy: it nears 1.05, what such samples have; 0.4 N is "
                       "collapse.",
               .chart = "Terms",
               .chartLabel = "distance",
               .isCard = true,
               .isLogarithmic = true,
               .range = {.good = 2, .poor = std::max(4.0, 0.1 * n), .least = 0, .reference = 1.05},
               .hints = {.aim = "good: towards {}",
                         .good = "good: samples of a Gaussian have {}",
                         .fair = "fair: train longer, towards {}",
                         .poor = "poor: far from {}, what a Gaussian has"}}}};
}

}  // namespace barlow
