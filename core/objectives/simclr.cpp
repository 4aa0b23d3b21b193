#include "core/objectives/common_columns.h"
#include "core/objectives/nt_xent_loss.h"
#include "core/objectives/objective_list.h"

namespace barlow {
namespace {

class Simclr final : public Objective {
 public:
  explicit Simclr(const SimclrParams& params) : params_(params) {}

  std::vector<MetricColumn> columns() const override { return contrastColumns(); }

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

}  // namespace barlow
