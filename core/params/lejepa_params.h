#pragma once

#include "core/params/objective_info.h"
#include "core/params/param_info.h"

#include <array>

namespace barlow {

/// What all views are drawn towards.
enum class LejepaCenter { GlobalViews, AllViews };
template <>
inline constexpr std::array<EnumName<LejepaCenter>, 2> kEnumNames<LejepaCenter> = {{
    {LejepaCenter::GlobalViews, "global_views", "Mean of A and B (paper)"},
    {LejepaCenter::AllViews, "all_views", "Mean of all views (authors' minimal example)"},
}};

/// LeJEPA (arXiv 2511.08544): SIGReg.
struct LejepaParams {
  double lambda = 0.05;
  int slices = 256;
  int knots = 17;
  double range = 3.0;
  LejepaCenter center = LejepaCenter::GlobalViews;
  bool operator==(const LejepaParams&) const = default;

  static constexpr ObjectiveInfo kInfo = {
      .does =
          "Draws the views together and the distribution of the embeddings towards "
          "a Gaussian of unit covariance, seen along random directions.",
      .prevents =
          "SIGReg: a Gaussian has spread in every direction, so neither points nor "
          "lines are left.",
      .healthy =
          "The distance to the Gaussian nears 1.05, what samples of a Gaussian "
          "have; 0.4 N is collapse.",
      .paper = "Balestriero, LeCun: LeJEPA, 2025, arXiv 2511.08544",
      .takesMoreViews = true,
      .ownMatrix = MatrixKind::CovarianceA};

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"objective.lejepa.lambda",
                    "Lambda",
                    "weight",
                    "Weight of SIGReg; the invariance weighs 1 - lambda.",
                    true}
              .where("objective.name", "lejepa"),
          self.lambda,
          Range<double>{0.0, 1.0, 0.01});
    visit(
        ParamInfo{"objective.lejepa.slices", "Slices", "", "Random directions in each step.", false}
            .where("objective.name", "lejepa"),
        self.slices,
        Range<int>{1, 100000, 64});
    visit(
        ParamInfo{
            "objective.lejepa.knots", "Knots", "", "Points of the quadrature on [0, range].", false}
            .where("objective.name", "lejepa"),
        self.knots,
        Range<int>{2, 1000, 1});
    visit(
        ParamInfo{"objective.lejepa.range", "Range", "", "The quadrature ends there.", false}.where(
            "objective.name", "lejepa"),
        self.range,
        Range<double>{0.1, 100.0, 0.5});
    visit(
        ParamInfo{"objective.lejepa.center",
                  "Centre",
                  "",
                  "What the views of an image are drawn towards. Without small crops both are the "
                  "same.",
                  false}
            .where("objective.name", "lejepa"),
        self.center,
        Choice{});
  }

  double stateNumbers(const ObjectiveSizes&) const { return 0; }
  /// Numbers in memory beside the network's, at the most.
  double workNumbers(const ObjectiveSizes& sizes) const {
    return 4.0 * static_cast<double>(sizes.batch) * slices;  // projections
  }
};

}  // namespace barlow
