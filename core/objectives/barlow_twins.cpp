#include "core/objectives/barlow_twins_loss.h"
#include "core/objectives/embedding_rows.h"
#include "core/objectives/objective_list.h"
#include "core/objectives/predictor.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace barlow {
namespace {

class BarlowTwins final : public Objective {
 public:
  BarlowTwins(const BarlowTwinsParams& params, const ObjectiveSizes& sizes)
      : params_(params), sizes_(sizes) {
    if (params.predictor > 0) {
      predictor_ = makePredictor(params.predictor, /*hasHiddenBias=*/true, sizes);
      addHead("predictor.", *predictor_);
    }
  }

  std::vector<MetricColumn> columns() const override {
    const double noise = 1 / std::sqrt(static_cast<double>(sizes_.batch));
    return {{.key = "on_diagonal",
             .label = "Diagonal term",
             .help = "Sum of (C_ii - 1)²: how far the two views' embeddings are from saying the "
                     "same in every dimension. It falls; at D it has learned nothing.",
             .chart = "Loss",
             .isLogarithmic = true},
            {.key = "off_diagonal",
             .label = "Off-diagonal term",
             .help = "Sum of C_ij² over different dimensions, before lambda: how much they repeat "
                     "each other. It falls first and then stays small.",
             .chart = "Loss",
             .isLogarithmic = true},
            {.key = "floor",
             .label = "Lower bound",
             .help = "The lowest loss that the batch, the width and lambda allow.",
             .chart = "Loss",
             .isReference = true,
             .isLogarithmic = true},
            {.key = "mean_diagonal",
             .label = "Mean diagonal",
             .help = "Correlation of the two views, mean over dimensions. Good: it rises towards "
                     "1; near 0 the views have nothing in common.",
             .chart = "Correlations",
             .isCard = true,
             .range = {.good = 0.8, .poor = 0.5}},
            {.key = "rms_off_diagonal",
             .label = "Off-diagonal RMS",
             .help = "Correlation of different dimensions, root of the mean square. Good: it falls "
                     "to the noise of the batch, 1/sqrt(N); near 1 all dimensions say the same.",
             .chart = "Correlations",
             .isCard = true,
             .range = {.good = 2 * noise, .poor = 4 * noise}}};
  }

  // From {on, off, mean diagonal}; with cross-entropy also {sum of C_ij^2}.
  std::vector<double> values(std::span<const double> numbers) const override {
    const auto d = static_cast<double>(sizes_.dimensions);
    const double squares = numbers.size() > 3 ? numbers[3] : numbers[1];
    // The Gram form finds the off-diagonal part by subtraction, which can leave a tiny negative
    // rest.
    return {numbers[0],
            numbers[1],
            lossFloor(sizes_.batch, sizes_.dimensions, params_),
            numbers[2],
            std::sqrt(std::max(0.0, squares) / (d * (d - 1)))};
  }

  ObjectiveTerms loss(const ObjectiveInputs& inputs) override {
    checkEmbeddings(inputs.online);
    const torch::Tensor& zA = inputs.online.at(0);
    const BarlowTwinsTerms terms = barlowTwinsLoss(
        predictor_ ? predictor_->forward(inLossPrecision(zA)) : zA, inputs.online.at(1), params_);
    std::vector<torch::Tensor> numbers = {
        terms.onDiagonal, terms.offDiagonal, terms.diagonal.mean()};
    if (params_.criterion == BarlowCriterion::CrossEntropy) {
      numbers.push_back(terms.squares);
    }
    return {.loss = terms.loss, .numbers = torch::stack(numbers)};
  }

  void train(bool isTraining) override {
    if (predictor_) {
      predictor_->train(isTraining);
    }
  }

 private:
  BarlowTwinsParams params_;
  ObjectiveSizes sizes_;
  std::optional<MlpHead> predictor_;
};

}  // namespace

std::unique_ptr<Objective> make(const BarlowTwinsParams& params, const ObjectiveSizes& sizes) {
  return std::make_unique<BarlowTwins>(params, sizes);
}

}  // namespace barlow
