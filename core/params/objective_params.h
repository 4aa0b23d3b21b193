#pragma once

#include "core/params/param_info.h"

#include <array>

namespace barlow {

enum class ObjectiveName { BarlowTwins };
template <>
inline constexpr std::array<EnumName<ObjectiveName>, 1> kEnumNames<ObjectiveName> = {{
    {ObjectiveName::BarlowTwins, "barlow_twins", "Barlow Twins"},
}};

/// How each view's embeddings are standardised before they are correlated.
enum class Standardization { BatchNorm, Hsic };
template <>
inline constexpr std::array<EnumName<Standardization>, 2> kEnumNames<Standardization> = {{
    {Standardization::BatchNorm, "batch_norm", "BatchNorm (reference)"},
    {Standardization::Hsic, "hsic", "Unbiased (HSIC paper's code)"},
}};

/// Which computation of the loss; both are exact.
enum class LossForm { Auto, Direct, Gram };
template <>
inline constexpr std::array<EnumName<LossForm>, 3> kEnumNames<LossForm> = {{
    {LossForm::Auto, "auto", "Automatic"},
    {LossForm::Direct, "direct", "Direct (D x D)"},
    {LossForm::Gram, "gram", "Gram (N x N)"},
}};

/// What training minimises.
struct ObjectiveParams {
  ObjectiveName name = ObjectiveName::BarlowTwins;
  double lambda = 0.0051;  // main.py; the paper says 5e-3
  Standardization standardization = Standardization::BatchNorm;
  LossForm form = LossForm::Auto;
  bool operator==(const ObjectiveParams&) const = default;

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"objective.name", "Objective", "", "What training minimises.", false},
          self.name,
          Choice{});
    visit(
        ParamInfo{
            "objective.lambda",
            "Lambda",
            "weight",
            "Weight of the off-diagonal (redundancy) term against the diagonal (invariance) term.",
            true},
        self.lambda,
        Range<double>{0.0, 0.999, 0.0001});
    visit(
        ParamInfo{"objective.standardization",
                  "Standardisation",
                  "",
                  "batch_norm as the reference; hsic is the unbiased variant, which divides every "
                  "row by its length and every column by the unbiased deviation.",
                  false},
        self.standardization,
        Choice{});
    visit(ParamInfo{"objective.form",
                    "Form of the loss",
                    "",
                    "Both are exact: direct makes the D x D matrix in tiles, gram needs two N x N "
                    "ones; auto takes the faster.",
                    false},
          self.form,
          Choice{});
  }
};

}  // namespace barlow
