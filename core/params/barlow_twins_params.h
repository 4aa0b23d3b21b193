#pragma once

#include "core/params/objective_info.h"
#include "core/params/param_info.h"

#include <array>

namespace barlow {

/// How each view's embeddings are standardised before they are correlated.
enum class Standardization { BatchNorm, Hsic, Features, None };
template <>
inline constexpr std::array<EnumName<Standardization>, 4> kEnumNames<Standardization> = {{
    {Standardization::BatchNorm, "batch_norm", "Over the batch (reference)"},
    {Standardization::Hsic, "hsic", "Unbiased (HSIC paper's code)"},
    {Standardization::Features, "features", "Over the features (ablation)"},
    {Standardization::None, "none", "Not at all (ablation)"},
}};

/// Which computation of the loss; both are exact.
enum class LossForm { Auto, Direct, Gram };
template <>
inline constexpr std::array<EnumName<LossForm>, 3> kEnumNames<LossForm> = {{
    {LossForm::Auto, "auto", "Automatic"},
    {LossForm::Direct, "direct", "Direct (D x D)"},
    {LossForm::Gram, "gram", "Gram (N x N)"},
}};

/// Which of the two terms count.
enum class BarlowTerms { Both, Invariance, Redundancy };
template <>
inline constexpr std::array<EnumName<BarlowTerms>, 3> kEnumNames<BarlowTerms> = {{
    {BarlowTerms::Both, "both", "Both"},
    {BarlowTerms::Invariance, "invariance", "Invariance only (ablation)"},
    {BarlowTerms::Redundancy, "redundancy", "Redundancy only (ablation)"},
}};

/// What draws the matrix towards the identity.
enum class BarlowCriterion { Squares, CrossEntropy };
template <>
inline constexpr std::array<EnumName<BarlowCriterion>, 2> kEnumNames<BarlowCriterion> = {{
    {BarlowCriterion::Squares, "squares", "Squares (reference)"},
    {BarlowCriterion::CrossEntropy, "cross_entropy", "Cross-entropy (ablation)"},
}};

/// Barlow Twins (arXiv 2103.03230) and the ablations of its tables 5 and 6.
struct BarlowTwinsParams {
  double lambda = 0.0051;  // main.py; the paper says 5e-3
  Standardization standardization = Standardization::BatchNorm;
  LossForm form = LossForm::Auto;
  BarlowTerms terms = BarlowTerms::Both;
  BarlowCriterion criterion = BarlowCriterion::Squares;
  double temperature = 0.1;
  bool stopGradient = false;
  int predictor = 0;
  bool operator==(const BarlowTwinsParams&) const = default;

  static constexpr ObjectiveInfo kInfo = {
      .does =
          "Draws the cross-correlation matrix of the two views' embeddings towards "
          "the identity: ones on the diagonal, zeros elsewhere.",
      .prevents =
          "The off-diagonal term: dimensions that say the same are pulled apart, so "
          "that not all can become constant or equal.",
      .healthy =
          "The mean of the diagonal ends near 1, the off-diagonal RMS near the "
          "noise of the batch, 1/sqrt(N), and the loss near its lower bound.",
      .paper =
          "Zbontar, Jing, Misra, LeCun, Deny: Barlow Twins, ICML 2021, arXiv "
          "2103.03230",
      .ownMatrix = MatrixKind::CrossCorrelation};

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"objective.barlow_twins.lambda",
                    "Lambda",
                    "weight",
                    "Weight of the off-diagonal (redundancy) term against the "
                    "diagonal (invariance) term.",
                    true}
              .where("objective.name", "barlow_twins")
              .formerly("objective.lambda"),
          self.lambda,
          Range<double>{0.0, 0.999, 0.0001});
    visit(ParamInfo{"objective.barlow_twins.standardization",
                    "Standardisation",
                    "",
                    "batch_norm as the reference; hsic is the unbiased variant, "
                    "which divides every row by its length and every column by "
                    "the unbiased deviation; features (after the batch also "
                    "every row, to the length sqrt(D); 69.8 %) and none (only "
                    "the means are subtracted) are ablations of the paper's "
                    "table 5.",
                    false}
              .where("objective.name", "barlow_twins")
              .formerly("objective.standardization"),
          self.standardization,
          Choice{});
    visit(ParamInfo{"objective.barlow_twins.form",
                    "Form of the loss",
                    "",
                    "Both are exact: direct makes the D x D matrix in tiles, "
                    "gram needs two N x N ones; auto takes the faster.",
                    false}
              .where("objective.name", "barlow_twins")
              .formerly("objective.form"),
          self.form,
          Choice{});
    visit(ParamInfo{"objective.barlow_twins.terms",
                    "Terms",
                    "",
                    "The paper's table 5 reports 57.3 % for the invariance term "
                    "alone and 0.1 % for the redundancy term alone (71.4 % for "
                    "both).",
                    false}
              .where("objective.name", "barlow_twins"),
          self.terms,
          Choice{});
    visit(ParamInfo{"objective.barlow_twins.criterion",
                    "Criterion",
                    "",
                    "squares as the paper; cross_entropy with a temperature is "
                    "its ablation (63.3 %, table 5).",
                    false}
              .where("objective.name", "barlow_twins"),
          self.criterion,
          Choice{});
    visit(ParamInfo{"objective.barlow_twins.temperature",
                    "Temperature",
                    "",
                    "Divides the correlations where the criterion is "
                    "cross_entropy.",
                    false}
              .where("objective.name", "barlow_twins"),
          self.temperature,
          Range<double>{0.001, 100.0, 0.01});
    visit(ParamInfo{"objective.barlow_twins.stop_gradient",
                    "Stop-gradient",
                    "",
                    "No gradient through view B's branch (table 6: 70.5 %).",
                    false}
              .where("objective.name", "barlow_twins"),
          self.stopGradient,
          Flag{});
    visit(ParamInfo{"objective.barlow_twins.predictor",
                    "Predictor",
                    "width",
                    "A network of this hidden width behind view A, as BYOL "
                    "has it; 0 for none (table 6: 70.2 %, with stop-gradient "
                    "61.3 %).",
                    false}
              .where("objective.name", "barlow_twins")
              .atStart(),
          self.predictor,
          Range<int>{0, 65536, 256});
  }

  /// Numbers that are saved with a run.
  double stateNumbers(const ObjectiveSizes& sizes) const {
    return 2.0 * predictor * static_cast<double>(sizes.dimensions);
  }
  /// Numbers in memory beside the network's, at the most.
  double workNumbers(const ObjectiveSizes& sizes) const {
    return 4 * stateNumbers(sizes);  // with gradient and momenta
  }

  /// What is known to fail, said before a run; empty: nothing.
  std::string caution() const {
    if (terms == BarlowTerms::Redundancy) {
      return "Only the redundancy term counts: nothing draws the two views together, so that this "
             "run cannot learn (the paper's table 5 reports 0.1 %).";
    }
    if (terms == BarlowTerms::Invariance) {
      return "Only the invariance term counts: dimensions may all come to say the same (the "
             "paper's table 5 reports 57.3 % instead of 71.4 %).";
    }
    return {};
  }
};

}  // namespace barlow
