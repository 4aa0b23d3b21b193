#pragma once

#include "core/dataset/mask_folder.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace barlow {

constexpr int kNoClass = 255;  // in a mask: nobody knows

/// Reads a picture and its mask together, so that a mask that does not fit counts as a picture that
/// cannot be read. An index is read by one thread, and taken after its batch was handed out.
class MaskReader final : public Dataset {
 public:
  explicit MaskReader(const MaskedImages& all)
      : all_(all), masks_(static_cast<std::size_t>(all.size())) {}
  std::int64_t size() const override { return all_.size(); }
  Result<RgbImage> image(std::int64_t index) const override {
    Result<RgbImage> image = all_.image(index);
    if (!image) {
      return image;
    }
    Result<PixelClasses> mask = all_.mask(index, {image->width, image->height});
    if (!mask) {
      return mask.error();
    }
    masks_[static_cast<std::size_t>(index)] = std::move(*mask);
    return image;
  }
  PixelClasses take(std::int64_t index) const {
    return std::move(masks_[static_cast<std::size_t>(index)]);
  }
  int label(std::int64_t index) const override { return all_.label(index); }
  std::string name(std::int64_t index) const override { return all_.name(index); }
  const std::vector<std::string>& classNames() const override { return all_.classNames(); }

 private:
  const MaskedImages& all_;
  mutable std::vector<PixelClasses> masks_;
};

/// The nearest pixel's class for every place of side x side.
void shrinkMask(const PixelClasses& mask, int side, std::uint8_t* target);

/// What the classes of masks are called while something learns: 0, 1, ... in the order of their
/// values.
struct ClassTable {
  std::vector<int> values;
  std::array<std::uint8_t, 256> place{};  // of every value; kNoClass where there was none

  /// `counts`: of pixels with every value.
  explicit ClassTable(const std::array<std::int64_t, 256>& counts);
  std::int64_t size() const { return static_cast<std::int64_t>(values.size()); }
};

struct SegmentationScore {
  double meanIou = 0;        // over the classes that the masks have
  double pixelAccuracy = 0;  // of all pixels that have a class
  std::vector<double> iou;   // of every class; NaN for one that the masks have not
};
/// `confusion`: counts of pixels, [class][predicted]. CheckFailure without a pixel.
SegmentationScore scoreOf(const std::vector<std::vector<std::int64_t>>& confusion);

}  // namespace barlow
