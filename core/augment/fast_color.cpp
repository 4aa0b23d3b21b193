#include "core/augment/fast_color.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace barlow {
namespace {

constexpr std::array<double, 3> kLuma = {0.299, 0.587, 0.114};

// color' = m color + offset
struct Affine {
  cv::Matx33d m = cv::Matx33d::eye();
  cv::Vec3d offset{0, 0, 0};

  void then(const cv::Matx33d& map, const cv::Vec3d& shift) {
    m = map * m;
    offset = map * offset + shift;
  }
  // Towards the grey version by 1 - factor.
  void saturate(double factor) {
    cv::Matx33d map;
    for (int row = 0; row < 3; ++row) {
      for (int column = 0; column < 3; ++column) {
        map(row, column) = (1.0 - factor) * kLuma[static_cast<std::size_t>(column)] +
                           (row == column ? factor : 0.0);
      }
    }
    then(map, {0, 0, 0});
  }
};

cv::Matx33d hueTurn(double turns) {
  const cv::Matx33d toYiq(0.299, 0.587, 0.114, 0.596, -0.274, -0.322, 0.211, -0.523, 0.312);
  const double angle = 2.0 * std::numbers::pi * turns;
  const cv::Matx33d turn(
      1, 0, 0, 0, std::cos(angle), std::sin(angle), 0, -std::sin(angle), std::cos(angle));
  return toYiq.inv() * turn * toYiq;
}

}  // namespace

void applyColorAtOnce(RgbImage& image, const ViewPlan& plan) {
  if (!plan.jitter && !plan.gray) {
    return;
  }
  cv::Mat pixels(image.height, image.width, CV_8UC3, image.pixels.data());
  const cv::Scalar mean = cv::mean(pixels);
  Affine affine;
  if (plan.jitter) {
    for (const ColorOp op : plan.jitter->order) {
      switch (op) {
        case ColorOp::Brightness:
          affine.then(cv::Matx33d::eye() * plan.jitter->brightness, {0, 0, 0});
          break;
        case ColorOp::Contrast: {
          // Linear maps carry means along, so the mean grey of the picture as it is by now is known
          // without a pass.
          const cv::Vec3d now = affine.m * cv::Vec3d(mean[0], mean[1], mean[2]) + affine.offset;
          const double level = (1.0 - plan.jitter->contrast) *
                               (kLuma[0] * now[0] + kLuma[1] * now[1] + kLuma[2] * now[2]);
          affine.then(cv::Matx33d::eye() * plan.jitter->contrast, {level, level, level});
          break;
        }
        case ColorOp::Saturation:
          affine.saturate(plan.jitter->saturation);
          break;
        case ColorOp::Hue:
          affine.then(hueTurn(plan.jitter->hue), {0, 0, 0});
          break;
      }
    }
  }
  if (plan.gray) {
    affine.saturate(0.0);
  }
  cv::Matx34f map;
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      map(row, column) = static_cast<float>(affine.m(row, column));
    }
    map(row, 3) = static_cast<float>(affine.offset[row]);
  }
  cv::transform(pixels, pixels, map);
}

void gaussianBlurFast(RgbImage& image, double sigma) {
  const int reach = static_cast<int>(std::ceil(2.5 * sigma));
  if (sigma <= 0.0 || reach < 1) {
    return;
  }
  cv::Mat pixels(image.height, image.width, CV_8UC3, image.pixels.data());
  cv::GaussianBlur(
      pixels, pixels, {2 * reach + 1, 2 * reach + 1}, sigma, sigma, cv::BORDER_REPLICATE);
}

}  // namespace barlow
