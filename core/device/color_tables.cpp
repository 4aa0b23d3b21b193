#include "core/device/color_tables.h"

#include "core/augment/augment.h"
#include "core/base/check.h"
#include "core/base/parallel.h"
#include "core/base/system.h"

#include <algorithm>
#include <atomic>
#include <memory>

namespace barlow {
namespace {

// core/augment/hue.cpp turnToHsv: the hue in 256ths of the circle. `middle`: the distance of the
// middle channel from the highest; `sign`: whether the hue grows with it.
int hueLevel(int sector, int sign, int range, int middle) {
  const float share = static_cast<float>(middle) / static_cast<float>(std::max(range, 1));
  const double turned = sector + sign * (static_cast<double>(share) - 1.0);
  const double turns = static_cast<double>(static_cast<float>(turned)) / 6.0 + 1.0;
  const auto hue = static_cast<float>(turns - (turns >= 1.0 ? 1.0 : 0.0));
  return static_cast<int>(static_cast<double>(hue) * 255.0);
}

int saturationLevel(int most, int range) {
  const float share = static_cast<float>(range) / static_cast<float>(std::max(most, 1));
  return static_cast<int>(static_cast<double>(share) * 255.0);
}

// The two functions above for all they can be asked: the loops over colours only look up.
struct HsvParts {
  using Square = std::array<std::array<std::uint8_t, 256>, 256>;
  std::array<std::array<Square, 2>, 3> hue;  // by sector / 2, sign > 0, range, middle
  Square saturation;                         // by most, range

  HsvParts() {
    for (int range = 0; range < 256; ++range) {
      for (int other = 0; other < 256; ++other) {
        const auto r = static_cast<std::size_t>(range);
        const auto o = static_cast<std::size_t>(other);
        saturation[o][r] =
            static_cast<std::uint8_t>(range <= other ? saturationLevel(other, range) : 0);
        for (std::size_t k = 0; k < 6; ++k) {
          const bool isThere = range > 0 && other <= range;
          hue[k / 2][k % 2][r][o] = static_cast<std::uint8_t>(
              isThere ? hueLevel(static_cast<int>(k / 2) * 2, k % 2 == 1 ? 1 : -1, range, other)
                      : 0);
        }
      }
    }
  }

  std::int32_t of(int r, int g, int b) const {
    const int most = std::max({r, g, b});
    const int least = std::min({r, g, b});
    const bool isRed = r == most;
    const bool isGreen = g == most;
    const int next = isRed ? b : isGreen ? r : g;  // the channel after the highest on the circle
    const auto sector = static_cast<std::size_t>(isRed ? 0 : isGreen ? 1 : 2);
    const auto range = static_cast<std::size_t>(most - least);
    const auto middle = static_cast<std::size_t>(2 * most + least - (r + g + b));
    const int level = hue[sector][next == least ? 0 : 1][range][middle];
    return level | saturation[static_cast<std::size_t>(most)][range] << 8 | most << 16;
  }
};

// core/augment/hue.cpp turnToRgb: which of v, p and x (falling or rising) a channel is in a sector.
// x is v (1 - slope), slope by hue and saturation.
struct SectorParts {
  std::array<int, 256> sector{};
  std::array<std::array<double, 256>, 256> rest{};  // by saturation, hue: x / v

  SectorParts() {
    for (int h = 0; h < 256; ++h) {
      const auto at = static_cast<std::size_t>(h);
      const int whole = h * 6 / 255;
      const auto along = static_cast<double>(static_cast<float>(h * 6 - 255 * whole) / 255.0f);
      const double part = whole % 2 != 0 ? along : 1.0 - along;
      sector[at] = whole == 6 ? 0 : whole;  // hue 255 is hue 0
      for (int s = 0; s < 256; ++s) {
        const auto share = static_cast<double>(static_cast<float>(s) / 255.0f);
        rest[static_cast<std::size_t>(s)][at] = 1.0 - share * part;
      }
    }
  }

  std::int32_t of(int h, int s, int v) const {
    if (s == 0) {
      return v | v << 8 | v << 16;
    }
    const auto at = static_cast<std::size_t>(h);
    const int p = (2 * v * (255 - s) + 255) / 510;
    const auto x = static_cast<int>(v * rest[static_cast<std::size_t>(s)][at] + 0.5);
    switch (sector[at]) {
      case 0:
        return v | x << 8 | p << 16;
      case 1:
        return x | v << 8 | p << 16;
      case 2:
        return p | v << 8 | x << 16;
      case 3:
        return p | x << 8 | v << 16;
      case 4:
        return x | p << 8 | v << 16;
      default:
        return v | p << 8 | x << 16;
    }
  }
};

// values[first | second << 8 | third << 16] = valueOf(first, second, third), by several threads.
template <class Value, class Function>
void forAllColors(std::span<Value> values, const Function& valueOf) {
  BARLOW_CHECK(values.size() == kColors) << "a value for every colour";
  std::atomic<int> row = 0;
  runOnThreads(std::min(usableCores(), 8), "colours", [&] {
    for (int third = row++; third < 256; third = row++) {
      Value* next = values.data() + (static_cast<std::size_t>(third) << 16);
      for (int second = 0; second < 256; ++second) {
        for (int first = 0; first < 256; ++first) {
          *next++ = static_cast<Value>(valueOf(first, second, third));
        }
      }
    }
  });
}

}  // namespace

void fillGrayOfColors(std::span<std::uint8_t> values) {
  forAllColors(values, [](int r, int g, int b) {
    return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
  });
}

void fillHsvOfColors(std::span<std::int32_t> values) {
  const auto parts = std::make_unique<HsvParts>();  // half a megabyte is much for a stack
  forAllColors(values, [&](int r, int g, int b) { return parts->of(r, g, b); });
}

void fillColorsOfHsv(std::span<std::int32_t> values) {
  const auto parts = std::make_unique<SectorParts>();
  forAllColors(values, [&](int h, int s, int v) { return parts->of(h, s, v); });
}

std::vector<float> normalizedLevels(const std::array<double, 3>& mean,
                                    const std::array<double, 3>& std) {
  RgbImage levels(256, 1);
  for (std::size_t i = 0; i < levels.pixels.size(); ++i) {
    levels.pixels[i] = static_cast<std::uint8_t>(i / 3);
  }
  std::vector<float> normalized(levels.pixels.size());  // [256, 3]
  normalizeInto(levels, mean, std, normalized);
  std::vector<float> values(static_cast<std::size_t>(kThresholds * kLevelsOfThreshold));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t threshold = i / kLevelsOfThreshold;
    const std::size_t channel = i / 256 % 3;
    const std::size_t level = i % 256;
    values[i] = normalized[(level < threshold ? level : 255 - level) * 3 + channel];
  }
  return values;
}

}  // namespace barlow
