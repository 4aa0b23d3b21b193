#pragma once

#include "core/params/param_info.h"

#include <array>

namespace barlow {

enum class ObjectiveName { BarlowTwins };
template <>
inline constexpr std::array<EnumName<ObjectiveName>, 1> kEnumNames<ObjectiveName> = {{
    {ObjectiveName::BarlowTwins, "barlow_twins", "Barlow Twins"},
}};

/// What training minimises.
struct ObjectiveParams {
  ObjectiveName name = ObjectiveName::BarlowTwins;
  double lambda = 0.0051;  // main.py; the paper says 5e-3
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
  }
};

}  // namespace barlow
