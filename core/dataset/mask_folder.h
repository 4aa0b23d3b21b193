#pragma once

#include "core/dataset/dataset.h"
#include "core/image/decode.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

/// Pictures that each have a mask, which tells a class for every pixel.
class MaskedImages final : public Dataset {
 public:
  struct Item {
    std::filesystem::path image;
    std::filesystem::path mask;
  };
  explicit MaskedImages(std::vector<Item> items, ExifTurn exif = ExifTurn::Ignore)
      : items_(std::move(items)), exif_(exif) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(items_.size()); }
  Result<RgbImage> image(std::int64_t index) const override {
    return readImage(at(index).image, exif_);
  }
  /// Fails where it is not as large as its picture, which is `size`.
  Result<PixelClasses> mask(std::int64_t index, const PixelSize& size) const;
  int label(std::int64_t /*index*/) const override { return -1; }
  std::string name(std::int64_t index) const override { return at(index).image.string(); }
  const std::vector<std::string>& classNames() const override { return none_; }
  const std::vector<Item>& items() const { return items_; }

 private:
  const Item& at(std::int64_t index) const { return items_.at(static_cast<std::size_t>(index)); }

  std::vector<Item> items_;
  ExifTurn exif_;
  std::vector<std::string> none_;
};

struct MaskFolder {
  std::shared_ptr<const MaskedImages> train;
  std::shared_ptr<const MaskedImages> heldOut;
  std::string heldOutSplit;        // "test", "val", or "train" for a part of the training images
  std::string fingerprint;         // SHA-256 over names and sizes of all of it
  std::vector<std::string> notes;  // what is left out
};

/// The folders `images` and `masks` (in any letter case), in which a picture and the PNG that is
/// its mask have the same name but for the ending; folders inside of both are looked through. Or
/// both of them in each of the folders that splitOf() knows. Without test and validation every
/// fifth picture is held out, drawn by `seed` alone. A folder around everything is looked through.
/// `wanted`: "test" or "val", and that is held out. Throws Exception: no such folders, no picture
/// with a mask, too few; Stopped.
MaskFolder openMaskFolder(const std::filesystem::path& folder,
                          ExifTurn exif,
                          std::int64_t seed,
                          const std::string& wanted = {},
                          const std::stop_token& stop = {});

}  // namespace barlow
