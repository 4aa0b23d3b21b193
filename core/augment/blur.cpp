#include "core/augment/box_blur.h"
#include "core/augment/kernels.h"
#include "core/base/vector_versions.h"
#include "core/image/transpose.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace barlow {

float boxRadius(float sigma) {
  const float sigma2 = sigma * sigma / static_cast<float>(kBlurPasses);
  const auto length = static_cast<float>(std::sqrt(12.0 * static_cast<double>(sigma2) + 1.0));
  const auto whole = static_cast<float>(std::floor((static_cast<double>(length) - 1.0) / 2.0));
  float fraction = (2 * whole + 1) * (whole * (whole + 1) - 3 * sigma2);
  fraction /= 6 * (sigma2 - (whole + 1) * (whole + 1));
  return whole + fraction;
}

namespace {

// One row of the result, and the running sums of the window for the next one.
BARLOW_VECTOR_VERSIONS void blurRow(const std::uint8_t* __restrict entering,
                                    const std::uint8_t* __restrict leaving,
                                    const std::uint8_t* __restrict next,
                                    const Box& box,
                                    std::uint32_t* __restrict sums,
                                    std::uint8_t* __restrict target,
                                    std::ptrdiff_t length) {
  const std::uint32_t weight = box.weight;
  const std::uint32_t edgeWeight = box.edgeWeight;
  for (std::ptrdiff_t i = 0; i < length; ++i) {
    const std::uint32_t sum = sums[i] + entering[i] - leaving[i];
    const std::uint32_t edges = static_cast<std::uint32_t>(leaving[i]) + next[i];
    sums[i] = sum;
    target[i] = static_cast<std::uint8_t>((sum * weight + edges * edgeWeight + (1u << 23)) >> 24);
  }
}

// One pass along the columns; rows beyond the edges repeat the outermost.
void blurColumns(const RgbImage& image, const Box& box, RgbImage& result) {
  const std::ptrdiff_t length = static_cast<std::ptrdiff_t>(image.width) * 3;
  const auto row = [&](int y) { return image.row(std::clamp(y, 0, image.height - 1)); };
  std::vector<std::uint32_t> sums(static_cast<std::size_t>(length), 0);
  for (int y = -box.radius - 1; y < box.radius; ++y) {
    const std::uint8_t* values = row(y);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += values[i];
    }
  }
  for (int y = 0; y < image.height; ++y) {
    blurRow(row(y + box.radius),
            row(y - box.radius - 1),
            row(y + box.radius + 1),
            box,
            sums.data(),
            result.row(y),
            length);
  }
}

// All passes; `image` is used up.
RgbImage blurredColumns(RgbImage image, const Box& box) {
  RgbImage other(image.width, image.height);
  for (int pass = 0; pass < kBlurPasses; ++pass) {
    blurColumns(image, box, other);
    std::swap(image, other);
  }
  return image;
}

}  // namespace

void gaussianBlur(RgbImage& image, double sigma) {
  if (sigma <= 0.0) {
    return;
  }
  const Box box(boxRadius(static_cast<float>(sigma)));
  image = blurredColumns(transposed(blurredColumns(transposed(image), box)), box);
}

}  // namespace barlow
