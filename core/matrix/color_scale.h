#pragma once

#include "core/matrix/color_maps.h"

#include <array>
#include <cstdint>

namespace barlow {

/// How values are spread over the colours, between the limits.
enum class ScaleKind {
  Linear,
  SymmetricLog,  // sign(v) log(1 + |v| / linearThreshold)
  Gamma,         // sign(v) |v|^gamma
};

struct ColorSettings {
  ColorMapName map = ColorMapName::Vik;
  bool isReversed = false;
  float low = -1;  // limits: the values of the first and the last colour
  float high = 1;
  ScaleKind scale = ScaleKind::Linear;
  float linearThreshold = 0.01f;  // above 0; SymmetricLog is about linear below it
  float gamma = 0.5f;             // above 0; below 1 spreads the small values
  bool showsClipped = true;       // values beyond the limits in colours of their own
  std::uint32_t nan = 0xffff00ff;
  std::uint32_t under = 0xff00ffff;    // cyan and yellow: in none of the maps
  std::uint32_t over = 0xffffff00;     //
  std::uint32_t outside = 0xff808080;  // where there is no matrix, and the hidden diagonal
  bool operator==(const ColorSettings&) const = default;
};

/// Values to 0xffRRGGBB. A value belongs to the nearest of kColorSteps colours; up to half a step
/// beyond the limits it has the last one, beyond that (infinities too) it counts as clipped.
/// Exactly the same on every processor. Cheap to make; frozen.
class ColorScale {
 public:
  /// Throws Exception: limits that are not finite or not in ascending order, a threshold or
  /// exponent that is not positive.
  explicit ColorScale(const ColorSettings& settings);

  std::uint32_t color(float value) const;
  void colors(const float* values, std::int64_t count, std::uint32_t* out) const;
  /// Where a value stands between the limits: 0 to 1, less and more beyond. For colour bars.
  float position(float value) const;
  /// The reverse of position(), to float precision. For ticks and handles.
  float valueAt(float position) const;
  const ColorSettings& settings() const { return settings_; }

 private:
  float scaled(float value) const;

  ColorSettings settings_;
  float scaledLow_ = 0;
  float scaledHigh_ = 1;
  float stepsPerUnit_ = 0;
  std::array<std::uint32_t, kColorSteps + 3> table_{};  // under, the steps, over, NaN
};

}  // namespace barlow
