#pragma once

#include "core/params/barlow_twins_params.h"
#include "core/params/byol_params.h"
#include "core/params/deepcluster_params.h"
#include "core/params/lejepa_params.h"
#include "core/params/moco_params.h"
#include "core/params/param_info.h"
#include "core/params/simclr_params.h"
#include "core/params/simsiam_params.h"
#include "core/params/swav_params.h"
#include "core/params/vicreg_params.h"

#include <array>

namespace barlow {

enum class ObjectiveName {
  BarlowTwins,
  Vicreg,
  Simclr,
  Moco,
  Byol,
  Simsiam,
  Swav,
  DeepCluster,
  Lejepa
};
template <>
inline constexpr std::array<EnumName<ObjectiveName>, 9> kEnumNames<ObjectiveName> = {{
    {ObjectiveName::BarlowTwins, "barlow_twins", "Barlow Twins"},
    {ObjectiveName::Vicreg, "vicreg", "VICReg"},
    {ObjectiveName::Simclr, "simclr", "SimCLR"},
    {ObjectiveName::Moco, "moco", "MoCo v2"},
    {ObjectiveName::Byol, "byol", "BYOL"},
    {ObjectiveName::Simsiam, "simsiam", "SimSiam"},
    {ObjectiveName::Swav, "swav", "SwAV"},
    {ObjectiveName::DeepCluster, "deepcluster", "DeepCluster v2"},
    {ObjectiveName::Lejepa, "lejepa", "LeJEPA"},
}};

/// What training minimises. The settings of all objectives are kept; those of the chosen one count.
struct ObjectiveParams {
  ObjectiveName name = ObjectiveName::BarlowTwins;
  BarlowTwinsParams barlowTwins;
  VicregParams vicreg;
  SimclrParams simclr;
  MocoParams moco;
  ByolParams byol;
  SimsiamParams simsiam;
  SwavParams swav;
  DeepClusterParams deepCluster;
  LejepaParams lejepa;
  bool operator==(const ObjectiveParams&) const = default;

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"objective.name",
                    "Objective",
                    "",
                    "What training minimises; taking another one brings the projector's form along "
                    "that it is published with.",
                    true}
              .atStart(),
          self.name,
          Choice{});
    BarlowTwinsParams::describe(self.barlowTwins, visit);
    VicregParams::describe(self.vicreg, visit);
    SimclrParams::describe(self.simclr, visit);
    MocoParams::describe(self.moco, visit);
    ByolParams::describe(self.byol, visit);
    SimsiamParams::describe(self.simsiam, visit);
    SwavParams::describe(self.swav, visit);
    DeepClusterParams::describe(self.deepCluster, visit);
    LejepaParams::describe(self.lejepa, visit);
  }

  /// Calls `visit` with the settings of the chosen objective: SimclrParams, ...
  template <class Visitor>
  decltype(auto) withChosen(Visitor&& visit) const {
    switch (name) {
      case ObjectiveName::Vicreg:
        return visit(vicreg);
      case ObjectiveName::Simclr:
        return visit(simclr);
      case ObjectiveName::Moco:
        return visit(moco);
      case ObjectiveName::Byol:
        return visit(byol);
      case ObjectiveName::Simsiam:
        return visit(simsiam);
      case ObjectiveName::Swav:
        return visit(swav);
      case ObjectiveName::DeepCluster:
        return visit(deepCluster);
      case ObjectiveName::Lejepa:
        return visit(lejepa);
      case ObjectiveName::BarlowTwins:
        break;
    }
    return visit(barlowTwins);
  }
  /// What is known to fail, said before a run; empty: nothing.
  std::string caution() const {
    return withChosen([](const auto& own) -> std::string {
      if constexpr (requires { own.caution(); }) {
        return own.caution();
      }
      return {};
    });
  }
  PrototypeForm prototypeForm() const {
    return withChosen([](const auto& own) -> PrototypeForm {
      if constexpr (requires { own.prototypeForm(); }) {
        return own.prototypeForm();
      }
      return {};
    });
  }
  const ObjectiveInfo& info() const {
    return withChosen([](const auto& own) -> const ObjectiveInfo& { return own.kInfo; });
  }
};

}  // namespace barlow
