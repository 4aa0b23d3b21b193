#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace barlow {

/// Colour steps in the order in which they are applied.
enum class ColorOp : std::uint8_t { Brightness, Contrast, Saturation, Hue };

/// Everything that was drawn for one view of one image. Kernels take it and have no randomness of
/// their own.
struct ViewPlan {
  struct Crop {  // in source pixels; x, y: left, top
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
    bool operator==(const Crop&) const = default;
  };
  struct Jitter {
    std::array<ColorOp, 4> order{
        ColorOp::Brightness, ColorOp::Contrast, ColorOp::Saturation, ColorOp::Hue};
    double brightness = 1.0;  // factors
    double contrast = 1.0;
    double saturation = 1.0;
    double hue = 0.0;  // turns, -0.5 to 0.5, as torchvision's
    bool operator==(const Jitter&) const = default;
  };
  Crop crop;
  bool flip = false;
  std::optional<Jitter> jitter;  // absent: not drawn
  bool gray = false;
  double blurSigma = 0.0;  // pixels of the view; 0: no blur
  std::optional<int> solarizeThreshold;
  bool operator==(const ViewPlan&) const = default;
};

/// The plan as one JSON object with the field names of views.json, without image, view and file.
std::string toJson(const ViewPlan& plan);

}  // namespace barlow
