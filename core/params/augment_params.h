#pragma once

#include "core/params/param_info.h"

#include <array>
#include <string>

namespace barlow {

/// Named sets of distortions (after the reference codes: main.py, solo-learn asymmetric.yaml, ...).
enum class Recipe { Imagenet, CifarSolo, CifarLightly, CifarHsic, None };
template <>
inline constexpr std::array<EnumName<Recipe>, 5> kEnumNames<Recipe> = {{
    {Recipe::Imagenet, "imagenet", "ImageNet (paper)"},
    {Recipe::CifarSolo, "cifar-solo", "CIFAR, solo-learn's"},
    {Recipe::CifarLightly, "cifar-lightly", "CIFAR, lightly's"},
    {Recipe::CifarHsic, "cifar-hsic", "CIFAR, HSIC paper's"},
    {Recipe::None, "none", "No distortion"},
}};

enum class AugmentKernel { Exact, Fast };
template <>
inline constexpr std::array<EnumName<AugmentKernel>, 2> kEnumNames<AugmentKernel> = {{
    {AugmentKernel::Exact, "exact", "Exact (as Pillow)"},
    {AugmentKernel::Fast, "fast", "Fast (approximate)"},
}};

enum class Interpolation { Bicubic, Bilinear };
template <>
inline constexpr std::array<EnumName<Interpolation>, 2> kEnumNames<Interpolation> = {{
    {Interpolation::Bicubic, "bicubic", "Bicubic"},
    {Interpolation::Bilinear, "bilinear", "Bilinear"},
}};

/// The distortions of one of the two views. Defaults: view A of the paper.
struct BranchParams {
  double cropScaleMin = 0.08;
  double cropScaleMax = 1.0;
  double cropRatioMin = 0.75;
  double cropRatioMax = 4.0 / 3.0;
  double flipProbability = 0.5;
  double jitterProbability = 0.8;
  double brightness = 0.4;
  double contrast = 0.4;
  double saturation = 0.2;
  double hue = 0.1;
  double grayProbability = 0.2;
  double blurProbability = 1.0;
  double blurSigmaMin = 0.1;
  double blurSigmaMax = 2.0;
  double solarizeProbability = 0.0;
  int solarizeThreshold = 128;
  bool operator==(const BranchParams&) const = default;

  /// `prefix` is "augment.a." or "augment.b.".
  template <class Self, class Visitor>
  static void describe(Self& self, const std::string& prefix, Visitor&& visit) {
    const Range<double> share{0.0, 1.0, 0.05};
    visit(ParamInfo{prefix + "crop_scale_min",
                    "Smallest crop",
                    "of the area",
                    "Smallest share of the image's area that a crop may have.",
                    true},
          self.cropScaleMin,
          Range<double>{0.001, 1.0, 0.01});
    visit(ParamInfo{prefix + "crop_scale_max",
                    "Largest crop",
                    "of the area",
                    "Largest share of the image's area that a crop may have.",
                    true},
          self.cropScaleMax,
          Range<double>{0.001, 1.0, 0.01});
    visit(ParamInfo{prefix + "crop_ratio_min",
                    "Narrowest crop",
                    "width / height",
                    "Smallest aspect ratio of a crop; drawn log-uniformly up to the widest.",
                    false},
          self.cropRatioMin,
          Range<double>{0.1, 10.0, 0.05});
    visit(ParamInfo{prefix + "crop_ratio_max",
                    "Widest crop",
                    "width / height",
                    "Largest aspect ratio of a crop.",
                    false},
          self.cropRatioMax,
          Range<double>{0.1, 10.0, 0.05});
    visit(ParamInfo{prefix + "flip_probability",
                    "Flip",
                    "probability",
                    "How often the view is mirrored left to right.",
                    true},
          self.flipProbability,
          share);
    visit(ParamInfo{prefix + "jitter_probability",
                    "Colour jitter",
                    "probability",
                    "How often brightness, contrast, saturation and hue change, in random order.",
                    true},
          self.jitterProbability,
          share);
    visit(ParamInfo{prefix + "brightness",
                    "Brightness",
                    "± factor",
                    "The brightness factor is drawn from 1 - x to 1 + x.",
                    true},
          self.brightness,
          Range<double>{0.0, 2.0, 0.05});
    visit(ParamInfo{prefix + "contrast",
                    "Contrast",
                    "± factor",
                    "The contrast factor is drawn from 1 - x to 1 + x.",
                    true},
          self.contrast,
          Range<double>{0.0, 2.0, 0.05});
    visit(ParamInfo{prefix + "saturation",
                    "Saturation",
                    "± factor",
                    "The saturation factor is drawn from 1 - x to 1 + x.",
                    true},
          self.saturation,
          Range<double>{0.0, 2.0, 0.05});
    visit(ParamInfo{prefix + "hue",
                    "Hue",
                    "± turns",
                    "The hue moves by up to this share of the colour circle.",
                    true},
          self.hue,
          Range<double>{0.0, 0.5, 0.01});
    visit(ParamInfo{prefix + "gray_probability",
                    "Gray",
                    "probability",
                    "How often the view loses its colour.",
                    true},
          self.grayProbability,
          share);
    visit(ParamInfo{prefix + "blur_probability",
                    "Blur",
                    "probability",
                    "How often the view is blurred.",
                    true},
          self.blurProbability,
          share);
    visit(ParamInfo{prefix + "blur_sigma_min",
                    "Weakest blur",
                    "pixels (sigma)",
                    "Smallest standard deviation of the Gaussian blur.",
                    false},
          self.blurSigmaMin,
          Range<double>{0.0, 20.0, 0.1});
    visit(ParamInfo{prefix + "blur_sigma_max",
                    "Strongest blur",
                    "pixels (sigma)",
                    "Largest standard deviation of the Gaussian blur.",
                    false},
          self.blurSigmaMax,
          Range<double>{0.0, 20.0, 0.1});
    visit(ParamInfo{prefix + "solarize_probability",
                    "Solarise",
                    "probability",
                    "How often bright pixels are inverted.",
                    true},
          self.solarizeProbability,
          share);
    visit(ParamInfo{prefix + "solarize_threshold",
                    "Solarise from",
                    "gray level",
                    "Pixels at or above this level are inverted.",
                    false},
          self.solarizeThreshold,
          Range<int>{0, 256, 1});
  }
};

/// How two views are made from an image.
struct AugmentParams {
  Recipe recipe = Recipe::Imagenet;
  AugmentKernel kernel = AugmentKernel::Exact;
  int pillow = 13;
  Interpolation interpolation = Interpolation::Bicubic;
  bool flipLast = false;
  BranchParams a;
  BranchParams b = paperViewB();
  int smallCrops = 0;
  int smallCropSize = 16;
  BranchParams small = swavSmallCrop();
  bool operator==(const AugmentParams&) const = default;

  static BranchParams paperViewB() {
    BranchParams b;
    b.blurProbability = 0.1;
    b.solarizeProbability = 0.2;
    return b;
  }
  /// Crops of SwAV's multi-crop at the published scale.
  static BranchParams swavSmallCrop() {
    BranchParams small;
    small.cropScaleMin = 0.05;
    small.cropScaleMax = 0.14;
    return small;
  }

  /// Views A and B, then the small crops.
  std::size_t views() const { return 2 + static_cast<std::size_t>(smallCrops); }
  const BranchParams& branch(std::size_t view) const {
    return view == 0 ? a : view == 1 ? b : small;
  }
  int side(std::size_t view, int imageSize) const { return view < 2 ? imageSize : smallCropSize; }

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"augment.recipe",
                    "Recipe",
                    "",
                    "Sets interpolation, order and both views; keys given beside it win.",
                    true},
          self.recipe,
          Choice{});
    visit(ParamInfo{"augment.kernel",
                    "Kernels",
                    "",
                    "exact equals Pillow to the bit; fast fuses the colour steps.",
                    false},
          self.kernel,
          Choice{});
    visit(
        ParamInfo{"augment.pillow",
                  "Pillow",
                  "major version",
                  "Which Pillow views equal: 13 (October 2026) resizes crops that lose many lines "
                  "down first, 12 none; files without this key keep 12.",
                  false,
                  "12"},
        self.pillow,
        Range<int>{12, 13, 1});
    visit(ParamInfo{"augment.interpolation",
                    "Interpolation",
                    "",
                    "How a crop is resized; both are antialiased.",
                    false},
          self.interpolation,
          Choice{});
    visit(ParamInfo{"augment.flip_last",
                    "Flip last",
                    "",
                    "Flip after the colour steps instead of after the crop (solo-learn's order).",
                    false},
          self.flipLast,
          Flag{});
    BranchParams::describe(self.a, "augment.a.", visit);
    BranchParams::describe(self.b, "augment.b.", visit);
    visit(ParamInfo{"augment.small_crops",
                    "Small crops",
                    "of an image",
                    "Further views of a small part of the image (multi-crop), for objectives that "
                    "take more than two views: SwAV, SimCLR, BYOL and LeJEPA.",
                    false}
              .atStart(),
          self.smallCrops,
          Range<int>{0, 16, 2});
    visit(ParamInfo{"augment.small_crop_size",
                    "Size of small crops",
                    "pixels",
                    "Side of these views.",
                    false}
              .atStart()
              .where("augment.small_crops", "!0"),
          self.smallCropSize,
          Range<int>{8, 1024, 2});
    BranchParams::describe(
        self.small, "augment.small.", [&](ParamInfo info, auto& field, const auto& kind) {
          info.isCommon = false;
          info.relevance = {"augment.small_crops", "!0"};
          visit(info, field, kind);
        });
  }
};

/// The recipe's values; `kernel` and `pillow` are kept, for they change speed and rounding, not the
/// distortions.
AugmentParams withRecipe(const AugmentParams& params, Recipe recipe);

}  // namespace barlow
