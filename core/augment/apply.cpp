#include "core/augment/augment.h"
#include "core/augment/fast_color.h"
#include "core/augment/kernels.h"
#include "core/base/check.h"
#include "core/base/vector_versions.h"
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
  const PassOrder order = passOrder(params.pillow, crop.width, crop.height, side, side);
  RgbImage view = resample(image, crop, side, side, filter, order);
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

namespace {

constexpr std::size_t kNormBlock = 48;  // bytes: whole pixels, and whole vectors
using ChannelBlock = std::array<float, kNormBlock>;

// `count` bytes; the channels of `mean` and `std` begin with the first.
BARLOW_VECTOR_VERSIONS void normalizeBytes(const std::uint8_t* __restrict levels,
                                           std::size_t count,
                                           const ChannelBlock& mean,
                                           const ChannelBlock& std,
                                           float* __restrict out) {
  std::size_t begin = 0;
  for (; begin + kNormBlock <= count; begin += kNormBlock) {
    for (std::size_t i = 0; i < kNormBlock; ++i) {
      out[begin + i] = (static_cast<float>(levels[begin + i]) / 255.0f - mean[i]) / std[i];
    }
  }
  for (std::size_t i = 0; begin + i < count; ++i) {
    out[begin + i] = (static_cast<float>(levels[begin + i]) / 255.0f - mean[i]) / std[i];
  }
}

}  // namespace

RgbImage makeView(const RgbImage& image,
                  const AugmentParams& params,
                  const ViewKey& key,
                  int side) {
  return applyViewPlan(image, drawViewPlan(params, key, image.width, image.height), params, side);
}

void normalizeInto(const RgbImage& image,
                   const std::array<double, 3>& mean,
                   const std::array<double, 3>& std,
                   std::span<float> out) {
  BARLOW_CHECK(out.size() == image.pixels.size()) << "the view has another size";
  // torchvision: ToTensor divides by 255 in float, Normalize subtracts and divides in float.
  ChannelBlock means{};
  ChannelBlock stds{};
  for (std::size_t i = 0; i < kNormBlock; ++i) {
    means[i] = static_cast<float>(mean[i % 3]);
    stds[i] = static_cast<float>(std[i % 3]);
  }
  normalizeBytes(image.pixels.data(), image.pixels.size(), means, stds, out.data());
}

}  // namespace barlow
