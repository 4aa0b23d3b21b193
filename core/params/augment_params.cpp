#include "core/params/augment_params.h"

namespace barlow {
namespace {

// What the CIFAR recipes share: no blur, jitter and gray as the paper's.
BranchParams cifarBranch() {
  BranchParams branch;
  branch.blurProbability = 0.0;
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
  switch (recipe) {
    case Recipe::Imagenet:
      break;
    case Recipe::CifarSolo:  // solo-learn asymmetric.yaml
      result.flipLast = true;
      result.a = result.b = cifarBranch();
      result.b.solarizeProbability = 0.2;
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
