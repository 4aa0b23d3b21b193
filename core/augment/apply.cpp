#include "core/augment/augment.h"
#include "core/augment/fast_color.h"
#include "core/augment/kernels.h"
#include "core/base/check.h"
#include "core/image/resample.h"

#include <array>

namespace barlow {
namespace {

void applyJitter(RgbImage& image, const ViewPlan::Jitter& jitter) {
  for (const ColorOp op : jitter.order) {
    switch (op) {
      case ColorOp::Brightness:
        adjustBrightness(image, jitter.brightness);
        break;
      case ColorOp::Contrast:
        adjustContrast(image, jitter.contrast);
        break;
      case ColorOp::Saturation:
        adjustSaturation(image, jitter.saturation);
        break;
      case ColorOp::Hue:
        adjustHue(image, jitter.hue);
        break;
    }
  }
}

}  // namespace

RgbImage applyViewPlan(const RgbImage& image,
                       const ViewPlan& plan,
                       const AugmentParams& params,
                       int side) {
  const PixelRect crop{plan.crop.x, plan.crop.y, plan.crop.width, plan.crop.height};
  const auto filter = params.interpolation == Interpolation::Bicubic ? ResampleFilter::Bicubic
                                                                     : ResampleFilter::Bilinear;
  RgbImage view = resample(image, crop, side, side, filter);
  if (plan.flip && !params.flipLast) {
    flipHorizontally(view);
  }
  if (params.kernel == AugmentKernel::Fast) {
    applyColorAtOnce(view, plan);
    gaussianBlurFast(view, plan.blurSigma);
  } else {
    if (plan.jitter) {
      applyJitter(view, *plan.jitter);
    }
    if (plan.gray) {
      toGray(view);
    }
    gaussianBlur(view, plan.blurSigma);
  }
  if (plan.solarizeThreshold) {
    solarize(view, *plan.solarizeThreshold);
  }
  if (plan.flip && params.flipLast) {
    flipHorizontally(view);
  }
  return view;
}

void normalizeInto(const RgbImage& image,
                   const std::array<double, 3>& mean,
                   const std::array<double, 3>& std,
                   std::span<float> out) {
  BARLOW_CHECK(out.size() == image.pixels.size()) << "the view has another size";
  // torchvision: ToTensor divides by 255 in float, Normalize subtracts and divides in float. A
  // table does the same.
  std::array<std::array<float, 256>, 3> tables{};
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t level = 0; level < 256; ++level) {
      tables[c][level] = (static_cast<float>(level) / 255.0f - static_cast<float>(mean[c])) /
                         static_cast<float>(std[c]);
    }
  }
  for (std::size_t i = 0; i < out.size(); i += 3) {
    out[i] = tables[0][image.pixels[i]];
    out[i + 1] = tables[1][image.pixels[i + 1]];
    out[i + 2] = tables[2][image.pixels[i + 2]];
  }
}

}  // namespace barlow
