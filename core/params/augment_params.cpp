#include "core/params/augment_params.h"

namespace barlow {
namespace {

// What the CIFAR recipes share: no blur, jitter and gray as the paper's.
BranchParams cifarBranch() {
  BranchParams branch;
  branch.blurProbability = 0.0;
  return branch;
}

// solo-learn's SwAV with multi-crop.
BranchParams soloSmallCrop() {
  BranchParams branch;
  branch.cropScaleMin = 0.08;
  branch.cropScaleMax = 0.5;
  branch.brightness = branch.contrast = branch.saturation = 0.8;
  branch.hue = 0.2;
  branch.blurProbability = 0.1;
  branch.solarizeProbability = 0.1;
  return branch;
}

BranchParams undistorted() {
  BranchParams branch;
  branch.cropScaleMin = 1.0;
  branch.flipProbability = 0.0;
  branch.jitterProbability = 0.0;
  branch.grayProbability = 0.0;
  branch.blurProbability = 0.0;
  return branch;
}

}  // namespace

AugmentParams withRecipe(const AugmentParams& params, Recipe recipe) {
  AugmentParams result;  // the paper's (main.py `Transform`)
  result.recipe = recipe;
  result.kernel = params.kernel;
  result.pillow = params.pillow;
  result.smallCrops = params.smallCrops;
  result.smallCropSize = params.smallCropSize;
  switch (recipe) {
    case Recipe::Imagenet:
      break;
    case Recipe::CifarSolo:  // solo-learn asymmetric.yaml
      result.flipLast = true;
      result.a = result.b = cifarBranch();
      result.b.solarizeProbability = 0.2;
      result.small = soloSmallCrop();
      break;
    case Recipe::CifarLightly:  // lightly cifar10_benchmark.py
      result.interpolation = Interpolation::Bilinear;
      result.a = result.b = cifarBranch();
      result.b.solarizeProbability = 0.2;
      break;
    case Recipe::CifarHsic:  // Barlow-Twins-HSIC utils.py `CifarPairTransform`
      result.interpolation = Interpolation::Bilinear;
      result.a = result.b = cifarBranch();
      result.a.saturation = result.b.saturation = 0.4;
      break;
    case Recipe::None:
      result.a = result.b = undistorted();
      break;
  }
  return result;
}

}  // namespace barlow
