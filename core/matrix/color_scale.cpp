#include "core/matrix/color_scale.h"

#include "core/base/error.h"
#include "core/base/vector_versions.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace barlow {
namespace {

constexpr float kLastIndex = kColorSteps + 1;  // of "over"; NaN follows
constexpr std::int32_t kNanIndex = kColorSteps + 2;

// log2 of a normal positive number, error below 3e-7. Only + - * / and bits, so that every vector
// width gives the same: x = 2^e m with m in [sqrt(1/2), sqrt(2)), log2 m by the series of atanh.
BARLOW_BODY float log2Of(float x) {
  const auto bits = __builtin_bit_cast(std::int32_t, x);
  const std::int32_t exponent = (bits - 0x3f3504f3) >> 23;
  const auto m = __builtin_bit_cast(float, bits - exponent * (1 << 23));
  const float s = (m - 1.0f) / (m + 1.0f);
  const float q = s * s;
  const float series = 1.0f + q * (0.33333333f + q * (0.2f + q * (0.14285714f + q * 0.11111111f)));
  return static_cast<float>(exponent) + 2.8853900818f * s * series;
}

// 2^x for x in [-126, 127], relative error below 3e-7: 2^(whole) times the series of e^(f ln 2).
BARLOW_BODY float exp2Of(float x) {
  const auto whole = static_cast<std::int32_t>(x + 1024.5f) - 1024;  // nearest
  const float f = (x - static_cast<float>(whole)) * 0.69314718f;
  const float series =
      1.0f +
      f * (1.0f + f * (0.5f + f * (0.16666667f +
                                   f * (0.041666667f + f * (0.0083333333f + f * 0.0013888889f)))));
  return series * __builtin_bit_cast(float, (whole + 127) * (1 << 23));
}

BARLOW_BODY float signedLike(float magnitude, float value) {
  return value < 0 ? -magnitude : magnitude;
}

BARLOW_BODY float symmetricLog(float value, float inverseThreshold) {
  const float size = __builtin_fabsf(value) * inverseThreshold;
  return signedLike(log2Of(1.0f + (size < 1e30f ? size : 1e30f)), value);
}

BARLOW_BODY float power(float value, float exponent) {
  const float size = __builtin_fabsf(value);
  const float bounded = size < 1e-37f ? 1e-37f : (size < 1e37f ? size : 1e37f);
  float log = exponent * log2Of(bounded);
  log = log < -126.0f ? -126.0f : (log > 126.0f ? 126.0f : log);
  const float result = exp2Of(log);
  return size < 1e-37f ? 0.0f : signedLike(result, value);
}

struct Ramp {
  float low;  // scaled
  float stepsPerUnit;
  float least;  // index that a clipped value gets
  float most;
};

// Index of the nearest step, from 1; kNanIndex for NaN.
BARLOW_BODY std::int32_t stepOf(float value, float scaledValue, const Ramp& ramp) {
  float at = (scaledValue - ramp.low) * ramp.stepsPerUnit + 1.5f;
  at = at > ramp.least ? at : ramp.least;
  at = at < ramp.most ? at : ramp.most;
  const auto index = static_cast<std::int32_t>(at);
  return value != value ? kNanIndex : index;
}

// Indices first, colours after: looking up a table is no vector operation on most processors, and
// would keep the rest from being one.
BARLOW_VECTOR_VERSIONS void stepsLinear(const float* __restrict values,
                                        std::int64_t count,
                                        const Ramp ramp,
                                        std::int32_t* __restrict out) {
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = stepOf(values[i], values[i], ramp);
  }
}

BARLOW_VECTOR_VERSIONS void stepsSymmetricLog(const float* __restrict values,
                                              std::int64_t count,
                                              float inverseThreshold,
                                              const Ramp ramp,
                                              std::int32_t* __restrict out) {
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = stepOf(values[i], symmetricLog(values[i], inverseThreshold), ramp);
  }
}

BARLOW_VECTOR_VERSIONS void stepsGamma(const float* __restrict values,
                                       std::int64_t count,
                                       float gamma,
                                       const Ramp ramp,
                                       std::int32_t* __restrict out) {
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = stepOf(values[i], power(values[i], gamma), ramp);
  }
}

}  // namespace

ColorScale::ColorScale(const ColorSettings& settings) : settings_(settings) {
  if (!std::isfinite(settings.low) || !std::isfinite(settings.high) ||
      !(settings.low < settings.high)) {
    throw Exception(
        fmt::format("Colour limits {} to {} do not span a range: the lower one must be below the "
                    "upper one, and both finite.",
                    settings.low,
                    settings.high));
  }
  if (!(settings.linearThreshold > 0) || !(settings.gamma > 0) ||
      !std::isfinite(settings.linearThreshold) || !std::isfinite(settings.gamma)) {
    throw Exception(fmt::format(
        "A linear threshold of {} and a gamma of {} cannot be used: both must be above 0.",
        settings.linearThreshold,
        settings.gamma));
  }
  scaledLow_ = scaled(settings.low);
  scaledHigh_ = scaled(settings.high);
  if (!(scaledLow_ < scaledHigh_)) {
    throw Exception(
        fmt::format("Colour limits {} to {} are too close for this scale: set them "
                    "further apart, or use the linear scale.",
                    settings.low,
                    settings.high));
  }
  stepsPerUnit_ = static_cast<float>(kColorSteps - 1) / (scaledHigh_ - scaledLow_);
  const auto& steps = colorSteps(settings.map, settings.isReversed);
  table_.front() = settings.under;
  std::copy(steps.begin(), steps.end(), table_.begin() + 1);
  table_[kColorSteps + 1] = settings.over;
  table_[kColorSteps + 2] = settings.nan;
}

float ColorScale::scaled(float value) const {
  switch (settings_.scale) {
    case ScaleKind::Linear:
      break;
    case ScaleKind::SymmetricLog:
      return symmetricLog(value, 1.0f / settings_.linearThreshold);
    case ScaleKind::Gamma:
      return power(value, settings_.gamma);
  }
  return value;
}

std::uint32_t ColorScale::color(float value) const {
  std::uint32_t color = 0;
  colors(&value, 1, &color);
  return color;
}

void ColorScale::colors(const float* values, std::int64_t count, std::uint32_t* out) const {
  const bool shows = settings_.showsClipped;
  const Ramp ramp{.low = scaledLow_,
                  .stepsPerUnit = stepsPerUnit_,
                  .least = shows ? 0.0f : 1.0f,
                  .most = shows ? kLastIndex : kLastIndex - 1};
  constexpr std::int64_t kChunk = 512;
  std::array<std::int32_t, kChunk> steps;
  for (std::int64_t begin = 0; begin < count; begin += kChunk) {
    const std::int64_t size = std::min(kChunk, count - begin);
    switch (settings_.scale) {
      case ScaleKind::Linear:
        stepsLinear(values + begin, size, ramp, steps.data());
        break;
      case ScaleKind::SymmetricLog:
        stepsSymmetricLog(
            values + begin, size, 1.0f / settings_.linearThreshold, ramp, steps.data());
        break;
      case ScaleKind::Gamma:
        stepsGamma(values + begin, size, settings_.gamma, ramp, steps.data());
        break;
    }
    for (std::int64_t i = 0; i < size; ++i) {
      out[begin + i] = table_[static_cast<std::size_t>(steps[static_cast<std::size_t>(i)])];
    }
  }
}

float ColorScale::position(float value) const {
  return (scaled(value) - scaledLow_) / (scaledHigh_ - scaledLow_);
}

float ColorScale::valueAt(float position) const {
  const float at = scaledLow_ + position * (scaledHigh_ - scaledLow_);
  const float size = std::abs(at);
  switch (settings_.scale) {
    case ScaleKind::Linear:
      break;
    case ScaleKind::SymmetricLog:
      return std::copysign(settings_.linearThreshold * (std::exp2(size) - 1), at);
    case ScaleKind::Gamma:
      return std::copysign(std::pow(size, 1 / settings_.gamma), at);
  }
  return at;
}

}  // namespace barlow
