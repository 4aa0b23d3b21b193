#pragma once

#include <cstdint>

namespace barlow {

/// Pillow's approximation of a Gaussian: so many box blurs along each axis (BoxBlur.c).
inline constexpr int kBlurPasses = 3;

/// BoxBlur.c _gaussian_blur_radius: the box radius, with a fraction, whose repetition has the
/// variance of `sigma` pixels (Gwosdek et al., "Theoretical Foundations of Gaussian Convolution by
/// Extended Box Filtering").
float boxRadius(float sigma);

/// BoxBlur.c ImagingLineBoxBlur8: 24-bit fixed point, a window of whole pixels [x - radius, x +
/// radius] and a share of the two beyond.
struct Box {
  explicit Box(float size)
      : radius(static_cast<int>(size)),
        weight(static_cast<std::uint32_t>(static_cast<float>(1 << 24) / (size * 2 + 1))),
        edgeWeight(((1u << 24) - static_cast<std::uint32_t>(radius * 2 + 1) * weight) / 2) {}
  int radius;
  std::uint32_t weight;
  std::uint32_t edgeWeight;
};

}  // namespace barlow
