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

MetricSchema schemaOf(const BarlowTwinsParams& params, const ObjectiveSizes& sizes) {
  MetricSchema schema = barlowTwinsSchema(sizes.batch, sizes.dimensions, params.lambda);
  if (std::isnan(lossFloor(sizes.batch, sizes.dimensions, params))) {
    schema.loss.range = {};  // an ablation without a lower bound has nothing to judge its loss by
    schema.loss.hints = {};
  }
  return schema;
}

}  // namespace barlow
