#pragma once

#include "core/params/param_info.h"

#include <array>
#include <string>
#include <vector>

namespace barlow {

enum class Backbone { Tiny, ResNet18, ResNet34, ResNet50 };
template <>
inline constexpr std::array<EnumName<Backbone>, 4> kEnumNames<Backbone> = {{
    {Backbone::Tiny, "tiny", "Tiny (four convolutions)"},
    {Backbone::ResNet18, "resnet18", "ResNet-18"},
    {Backbone::ResNet34, "resnet34", "ResNet-34"},
    {Backbone::ResNet50, "resnet50", "ResNet-50"},
}};

enum class Stem { Cifar, Imagenet };
template <>
inline constexpr std::array<EnumName<Stem>, 2> kEnumNames<Stem> = {{
    {Stem::Cifar, "cifar", "CIFAR (3x3, stride 1, no pooling)"},
    {Stem::Imagenet, "imagenet", "ImageNet (7x7, stride 2, pooling)"},
}};

/// The network: a backbone, whose output is kept, and a projector, which only the loss sees.
struct ModelParams {
  Backbone backbone = Backbone::ResNet18;
  Stem stem = Stem::Cifar;
  int width = 64;
  std::vector<int> projector = {2048, 2048, 2048};
  bool projectorBias = false;
  bool projectorNorm = true;
  bool projectorLastNorm = false;
  bool projectorLastAffine = true;
  bool zeroInitResidual = true;
  std::string init;
  bool operator==(const ModelParams&) const = default;

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"model.backbone",
                    "Backbone",
                    "",
                    "The network whose output is the representation.",
                    true}
              .atStart(),
          self.backbone,
          Choice{});
    visit(ParamInfo{"model.stem",
                    "Stem",
                    "",
                    "First layers of a ResNet: cifar keeps small images large, imagenet shrinks "
                    "them fourfold.",
                    true}
              .atStart(),
          self.stem,
          Choice{});
    visit(ParamInfo{"model.width",
                    "Width",
                    "channels",
                    "Channels of the first stage; 64 is the published network.",
                    true}
              .atStart(),
          self.width,
          Range<int>{4, 512, 4});
    visit(ParamInfo{"model.projector",
                    "Projector",
                    "widths",
                    "Widths of the projector's layers; the last one is the side D of the "
                    "correlation matrix.",
                    true}
              .atStart(),
          self.projector,
          NumberList{1, 65536, 1, 6});
    visit(ParamInfo{"model.projector_bias",
                    "Projector bias",
                    "",
                    "Linear layers of the projector with a bias (solo-learn has one, the reference "
                    "none).",
                    false}
              .atStart(),
          self.projectorBias,
          Flag{});
    visit(ParamInfo{"model.projector_norm",
                    "BatchNorm between",
                    "",
                    "A BatchNorm behind every layer of the projector but the last (SimCLR and MoCo "
                    "have none; an ablation of the paper's table 5).",
                    false}
              .atStart(),
          self.projectorNorm,
          Flag{});
    visit(
        ParamInfo{"model.projector_last_norm",
                  "Last BatchNorm",
                  "",
                  "A BatchNorm after the projector's last layer (the reference has none: the loss "
                  "standardises).",
                  false}
            .atStart(),
        self.projectorLastNorm,
        Flag{});
    visit(ParamInfo{"model.projector_last_affine",
                    "Last BatchNorm learns",
                    "",
                    "That BatchNorm has a scale and a shift of its own (SimSiam's has none).",
                    false}
              .atStart(),
          self.projectorLastAffine,
          Flag{});
    visit(ParamInfo{"model.zero_init_residual",
                    "Zero-init residual",
                    "",
                    "Start every residual block as the identity (the reference does).",
                    false}
              .atStart(),
          self.zeroInitResidual,
          Flag{});
    visit(ParamInfo{"model.init",
                    "Start from",
                    "file",
                    "Weights to begin with: a .safetensors or .pth file of this program, "
                    "torchvision, timm, lightly or solo-learn; its backbone must be this one, its "
                    "projector comes along where it is. Empty: chance.",
                    false}
              .atStart(),
          self.init,
          Text{});
  }
};

}  // namespace barlow
