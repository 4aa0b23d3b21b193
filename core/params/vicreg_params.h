#pragma once

#include "core/params/objective_info.h"
#include "core/params/param_info.h"

#include <algorithm>

namespace barlow {

/// VICReg (arXiv 2105.04906): defaults of solo-learn's CIFAR rows.
struct VicregParams {
  double invariance = 25.0;
  double variance = 25.0;
  double covariance = 1.0;
  bool halvesVariance = false;
  bool operator==(const VicregParams&) const = default;

  static constexpr ObjectiveInfo kInfo = {
      .does =
          "Draws the two views together, keeps the standard deviation of every "
          "dimension above 1, and the covariances of different dimensions at 0.",
      .prevents =
          "The variance term: a hinge that no dimension may fall below, in each "
          "view on its own.",
      .healthy =
          "The invariance term falls, the variance term nears 0, and the covariance "
          "term stays small.",
      .paper = "Bardes, Ponce, LeCun: VICReg, ICLR 2022, arXiv 2105.04906",
      .projector = {.hasBias = true},
      .ownMatrix = MatrixKind::CovarianceA};

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"objective.vicreg.invariance",
                    "Invariance",
                    "weight",
                    "Weight of the distance between the views.",
                    true}
              .where("objective.name", "vicreg"),
          self.invariance,
          Range<double>{0.0, 10000.0, 1.0});
    visit(ParamInfo{"objective.vicreg.variance",
                    "Variance",
                    "weight",
                    "Weight of the hinge on the standard deviations.",
                    true}
              .where("objective.name", "vicreg"),
          self.variance,
          Range<double>{0.0, 10000.0, 1.0});
    visit(ParamInfo{"objective.vicreg.covariance",
                    "Covariance",
                    "weight",
                    "Weight of the squared covariances.",
                    true}
              .where("objective.name", "vicreg"),
          self.covariance,
          Range<double>{0.0, 10000.0, 0.1});
    visit(ParamInfo{"objective.vicreg.halve_variance",
                    "Halve the hinge",
                    "",
                    "Takes the mean of the two views' variance terms, as the "
                    "authors' code, instead of their sum, as solo-learn and the "
                    "paper's formula.",
                    false}
              .where("objective.name", "vicreg"),
          self.halvesVariance,
          Flag{});
  }

  double stateNumbers(const ObjectiveSizes&) const { return 0; }
  /// Numbers in memory beside the network's, at the most.
  double workNumbers(const ObjectiveSizes& sizes) const {
    const double narrow = static_cast<double>(std::min(sizes.batch, sizes.dimensions));
    return 4 * narrow * narrow;  // covariances, or products of samples
  }
};

}  // namespace barlow
