#include "core/objectives/common_columns.h"
#include "core/objectives/nt_xent_loss.h"
#include "core/objectives/objective_list.h"

#include <cmath>

namespace barlow {
namespace {

class Simclr final : public Objective {
 public:
  explicit Simclr(const SimclrParams& params) : params_(params) {}

  ObjectiveTerms loss(const ObjectiveInputs& inputs) override {
    const ContrastTerms terms = ntXentLoss(inputs.online, params_.temperature);
    return {.loss = terms.loss, .numbers = torch::stack({terms.accuracy, terms.similarity})};
  }

 private:
  SimclrParams params_;
};

}  // namespace

std::unique_ptr<Objective> make(const SimclrParams& params, const ObjectiveSizes&) {
  return std::make_unique<Simclr>(params);
}

MetricSchema schemaOf(const SimclrParams&, const ObjectiveSizes& sizes) {
  const auto others = static_cast<double>(2 * sizes.batch - 1);
  return {.loss = lossColumn("falls from about {}", std::log(others)), .terms = contrastColumns()};
}

}  // namespace barlow
