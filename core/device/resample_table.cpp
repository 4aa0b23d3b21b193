#include "core/device/resample_table.h"

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

constexpr int kPrecisionBits = 22;  // of Pillow's weights
constexpr int kLowBits = 10;

double bilinear(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

// Keys' cubic with a = -0.5.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) {
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  }
  return x < 2.0 ? (((x - 5.0) * x + 8.0) * x - 4.0) * a : 0.0;
}

double filterScale(int extent, std::int64_t side) {
  return std::max(static_cast<double>(extent) / static_cast<double>(side), 1.0);
}

double reach(Interpolation interpolation) {
  return interpolation == Interpolation::Bicubic ? 2.0 : 1.0;
}

}  // namespace

ResampleTable::ResampleTable(int most, int side_, Interpolation interpolation)
    : entries(2 * (static_cast<std::int64_t>(most) + 1)),
      side(side_),
      window(2 * static_cast<std::int64_t>(
                     std::ceil(reach(interpolation) * filterScale(most, side_))) +
             1 + 2) {
  values.resize(static_cast<std::size_t>(entries * 2 * side * window));
  shift.resize(static_cast<std::size_t>(entries * side));
  for (int extent = 1; extent <= most; ++extent) {
    fill(extent, interpolation);
  }
}

void ResampleTable::fill(int extent, Interpolation interpolation) {
  const double scale = static_cast<double>(extent) / static_cast<double>(side);
  const double support = reach(interpolation) * filterScale(extent, side);
  const double step = 1.0 / filterScale(extent, side);
  std::vector<double> line(static_cast<std::size_t>(window));
  for (std::int64_t i = 0; i < side; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    const int low = std::max(0, static_cast<int>(center - support + 0.5));
    const int high = std::min(extent, static_cast<int>(center + support + 0.5));
    double sum = 0.0;
    for (int x = low; x < high; ++x) {
      const double position = (x - center + 0.5) * step;
      const double weight =
          interpolation == Interpolation::Bicubic ? bicubic(position) : bilinear(position);
      line[static_cast<std::size_t>(x - low)] = weight;
      sum += weight;
    }
    for (const bool isMirrored : {false, true}) {
      const std::int64_t row = entry(extent, isMirrored);
      const std::int64_t target = isMirrored ? side - 1 - i : i;
      shift[static_cast<std::size_t>(row * side + target)] = 1 - low;
      for (int x = 0; x < high - low; ++x) {
        const double weight = line[static_cast<std::size_t>(x)] / (sum != 0.0 ? sum : 1.0);
        const double fixed = weight * (1 << kPrecisionBits);
        const auto whole = static_cast<std::int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
        const std::int32_t top = (whole + (1 << (kLowBits - 1))) >> kLowBits;
        const std::int32_t rest = whole - top * (1 << kLowBits);
        float* const first = values.data() + (row * 2 * side + target) * window + x + 1;
        first[0] = std::ldexp(static_cast<float>(top), kLowBits - kPrecisionBits);
        first[side * window] = std::ldexp(static_cast<float>(rest), -kLowBits);
      }
    }
  }
}

}  // namespace barlow
