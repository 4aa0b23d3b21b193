#include "core/studio/matrix_png.h"

#include "core/image/png_writer.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <vector>

namespace barlow {
namespace {

constexpr std::int64_t kBand = 64;  // rows made, and packed, together

// Some bands of a picture, evenly spread; all of them when it is small.
std::vector<std::int64_t> bandsOf(std::int64_t width, std::int64_t height, bool isEstimate) {
  constexpr std::int64_t kEnough = 4'000'000;  // pixels that are packed in about 0.1 s
  const std::int64_t all = (height + kBand - 1) / kBand;
  const std::int64_t wanted =
      isEstimate ? std::clamp<std::int64_t>(kEnough / (kBand * width), 1, all) : all;
  std::vector<std::int64_t> starts;
  for (std::int64_t k = 0; k < wanted; ++k) {
    starts.push_back((2 * k + 1) * all / (2 * wanted) * kBand);
  }
  return starts;
}

// rowsOf(first, count): the rows of a band as PngWriter takes them.
using RowSource = std::function<const std::uint8_t*(std::int64_t first, std::int64_t count)>;

// Packs all bands, or (estimate) some of them. False after a stop.
bool pack(PngFormat format,
          const RowSource& rowsOf,
          const ByteSink& sink,
          const JobControl& control,
          const std::vector<std::int64_t>& bands) {
  const std::int64_t height = format.height;
  const auto rowsIn = [&](std::int64_t first) { return std::min(kBand, height - first); };
  std::int64_t rows = 0;
  for (const std::int64_t first : bands) {
    rows += rowsIn(first);
  }
  format.height = static_cast<int>(rows);
  PngWriter writer(format, sink);
  std::size_t done = 0;
  for (const std::int64_t first : bands) {
    if (control.stop.stop_requested()) {
      return false;
    }
    writer.writeRows(rowsOf(first, rowsIn(first)), static_cast<int>(rowsIn(first)));
    if (control.progress) {
      control.progress(static_cast<double>(++done) / static_cast<double>(bands.size()));
    }
  }
  writer.finish();
  return true;
}

std::optional<std::uint64_t> packedBytes(const PngFormat& format,
                                         const RowSource& rowsOf,
                                         const JobControl& control) {
  const auto bands = bandsOf(format.width, format.height, true);
  std::int64_t rows = 0;
  for (const std::int64_t first : bands) {
    rows += std::min(kBand, format.height - first);
  }
  std::uint64_t bytes = 0;
  const auto count = [&](std::span<const std::byte> piece) { bytes += piece.size(); };
  if (!pack(format, rowsOf, count, {.stop = control.stop}, bands)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(static_cast<double>(bytes) * format.height /
                                    static_cast<double>(rows));
}

// 0xffRRGGBB to red, green, blue.
class RgbRows {
 public:
  explicit RgbRows(const FramedPicture& picture) : picture_(picture) {}
  const std::uint8_t* operator()(std::int64_t first, std::int64_t count) {
    const auto width = static_cast<std::size_t>(picture_.width);
    bytes_.resize(static_cast<std::size_t>(count) * width * 3);
    const std::uint32_t* pixel = picture_.pixels.data() + static_cast<std::size_t>(first) * width;
    for (std::size_t k = 0; k < bytes_.size(); k += 3, ++pixel) {
      bytes_[k] = static_cast<std::uint8_t>(*pixel >> 16);
      bytes_[k + 1] = static_cast<std::uint8_t>(*pixel >> 8);
      bytes_[k + 2] = static_cast<std::uint8_t>(*pixel);
    }
    return bytes_.data();
  }

 private:
  const FramedPicture& picture_;
  std::vector<std::uint8_t> bytes_;
};

FramedPicture pictureOf(const MatrixPyramid& pyramid,
                        const PictureRequest& request,
                        const TextPainter& drawTexts,
                        const JobControl& control) {
  FramedPicture picture = drawPicture(pyramid, request, control.threads);
  if (drawTexts) {
    drawTexts(picture);
  }
  return picture;
}

// The colours that renderViewport() gives with some settings as numbers of a palette.
class Palette {
 public:
  explicit Palette(const ColorSettings& settings) {
    const auto& steps = colorSteps(settings.map, settings.isReversed);
    constexpr std::size_t kLast = kColorSteps - 1;
    for (std::size_t k = 0; k <= kLastRamp; ++k) {
      colors_[k] = steps[(k * kLast + kLastRamp / 2) / kLastRamp];
    }
    std::size_t next = kLastRamp + 1;
    for (const std::uint32_t color :
         {settings.nan, settings.under, settings.over, settings.outside}) {
      colors_[next++] = color | kOpaque;
    }
    for (std::size_t k = 0; k <= kLast; ++k) {
      slotOf(steps[k]) = {steps[k], static_cast<std::uint8_t>((k * kLastRamp + kLast / 2) / kLast)};
    }
    for (std::size_t k = kLastRamp + 1; k < colors_.size(); ++k) {
      slotOf(colors_[k]) = {colors_[k], static_cast<std::uint8_t>(k)};
    }
  }
  std::uint8_t indexOf(std::uint32_t color) {
    Slot& slot = slotOf(color);
    if (slot.color != color) {
      slot = {color, nearest(color)};
    }
    return slot.index;
  }
  std::vector<std::array<std::uint8_t, 3>> entries() const {
    std::vector<std::array<std::uint8_t, 3>> entries;
    for (const std::uint32_t color : colors_) {
      entries.push_back({static_cast<std::uint8_t>(color >> 16),
                         static_cast<std::uint8_t>(color >> 8),
                         static_cast<std::uint8_t>(color)});
    }
    return entries;
  }

 private:
  static constexpr std::size_t kLastRamp = 251;
  static constexpr std::uint32_t kOpaque = 0xff000000;
  static constexpr std::uint32_t kSlots = 1 << 13;
  struct Slot {
    std::uint32_t color = 0;  // no colour of a picture: not opaque
    std::uint8_t index = 0;
  };

  // The slot of a colour, or the free one where it belongs. When many colours that are in no scale
  // (a dimmed diagonal) have filled the table, they begin to replace one another.
  Slot& slotOf(std::uint32_t color) {
    constexpr std::uint32_t kProbes = 8;
    const std::uint32_t home = (color * 0x9e3779b1u) >> 19;
    for (std::uint32_t k = 0; k < kProbes; ++k) {
      Slot& slot = slots_[(home + k) % kSlots];
      if (slot.color == color || slot.color == 0) {
        return slot;
      }
    }
    return slots_[home];
  }

  std::uint8_t nearest(std::uint32_t color) const {
    int least = std::numeric_limits<int>::max();
    std::size_t best = 0;
    for (std::size_t k = 0; k < colors_.size(); ++k) {
      int distance = 0;
      for (int shift = 0; shift < 24; shift += 8) {
        const int d = static_cast<int>((colors_[k] >> shift) & 0xff) -
                      static_cast<int>((color >> shift) & 0xff);
        distance += d * d;
      }
      if (distance < least) {
        least = distance;
        best = k;
      }
    }
    return static_cast<std::uint8_t>(best);
  }

  std::array<std::uint32_t, 256> colors_{};
  std::vector<Slot> slots_ = std::vector<Slot>(kSlots);
};

class IndexedRows {
 public:
  IndexedRows(const MatrixPyramid& pyramid, const RenderSettings& settings, int threads)
      : pyramid_(pyramid), settings_(settings), palette_(settings.color), threads_(threads) {
    settings_.coarsestLevel = 0;
  }
  PngFormat format() const {
    return {.width = static_cast<int>(pyramid_.matrix().columns()),
            .height = static_cast<int>(pyramid_.matrix().rows()),
            .palette = palette_.entries()};
  }
  const std::uint8_t* operator()(std::int64_t first, std::int64_t count) {
    const std::int64_t width = pyramid_.matrix().columns();
    pixels_.resize(static_cast<std::size_t>(count * width));
    bytes_.resize(pixels_.size());
    renderViewport(pyramid_,
                   {.row = static_cast<double>(first),
                    .column = 0,
                    .cellsPerPixel = 1,
                    .width = static_cast<int>(width),
                    .height = static_cast<int>(count)},
                   settings_,
                   pixels_.data(),
                   width,
                   threads_);
    std::transform(pixels_.begin(), pixels_.end(), bytes_.begin(), [this](std::uint32_t color) {
      return palette_.indexOf(color);
    });
    return bytes_.data();
  }

 private:
  const MatrixPyramid& pyramid_;
  RenderSettings settings_;
  Palette palette_;
  int threads_;
  std::vector<std::uint32_t> pixels_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace

bool writePicturePng(const MatrixPyramid& pyramid,
                     const PictureRequest& request,
                     const TextPainter& drawTexts,
                     const ByteSink& sink,
                     const JobControl& control) {
  const FramedPicture picture = pictureOf(pyramid, request, drawTexts, control);
  return pack({.width = picture.width, .height = picture.height, .palette = {}},
              RgbRows(picture),
              sink,
              control,
              bandsOf(picture.width, picture.height, false));
}

std::optional<std::uint64_t> estimatedPicturePng(const MatrixPyramid& pyramid,
                                                 const PictureRequest& request,
                                                 const TextPainter& drawTexts,
                                                 const JobControl& control) {
  const FramedPicture picture = pictureOf(pyramid, request, drawTexts, control);
  return packedBytes(
      {.width = picture.width, .height = picture.height, .palette = {}}, RgbRows(picture), control);
}

bool writeFullPng(const MatrixPyramid& pyramid,
                  const RenderSettings& settings,
                  const ByteSink& sink,
                  const JobControl& control) {
  IndexedRows rows(pyramid, settings, control.threads);
  const PngFormat format = rows.format();
  return pack(
      format,
      [&](std::int64_t first, std::int64_t count) { return rows(first, count); },
      sink,
      control,
      bandsOf(format.width, format.height, false));
}

std::optional<std::uint64_t> estimatedFullPng(const MatrixPyramid& pyramid,
                                              const RenderSettings& settings,
                                              const JobControl& control) {
  IndexedRows rows(pyramid, settings, control.threads);
  return packedBytes(
      rows.format(),
      [&](std::int64_t first, std::int64_t count) { return rows(first, count); },
      control);
}

}  // namespace barlow
