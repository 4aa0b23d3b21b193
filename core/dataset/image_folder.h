#pragma once

#include "core/dataset/dataset.h"
#include "core/params/data_params.h"
#include "core/report/scan_report.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace barlow {

/// Files below a folder, decoded when asked for.
class ImageFolder final : public Dataset {
 public:
  struct Item {
    std::filesystem::path path;
    int label = -1;
    PixelSize size;  // as its header says; 0 x 0 where nobody has looked
  };
  ImageFolder(std::vector<Item> items,
              std::vector<std::string> classNames,
              ExifTurn exif = ExifTurn::Ignore)
      : items_(std::move(items)), classNames_(std::move(classNames)), exif_(exif) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(items_.size()); }
  Result<RgbImage> image(std::int64_t index) const override;
  PixelSize knownSize(std::int64_t index) const override {
    return items_.at(static_cast<std::size_t>(index)).size;
  }
  bool asksForTurn(std::int64_t index) const override;
  int label(std::int64_t index) const override {
    return items_.at(static_cast<std::size_t>(index)).label;
  }
  std::string name(std::int64_t index) const override {
    return items_.at(static_cast<std::size_t>(index)).path.string();
  }
  const std::vector<std::string>& classNames() const override { return classNames_; }
  const std::vector<Item>& items() const { return items_; }
  ExifTurn exif() const { return exif_; }

 private:
  std::vector<Item> items_;  // sorted by path
  std::vector<std::string> classNames_;
  ExifTurn exif_;
};

/// The picture files of a folder by split ("train", "val", "test"). train/, val/, valid/,
/// validation/ and test/ inside are recognised; without them everything is "train". Every subfolder
/// of a split is a class, pictures directly in it have none. Recognised by ending
/// (hasPictureEnding()). Links to folders are not followed. Throws Exception: no such folder, no
/// permission, no picture in it.
std::map<std::string, std::shared_ptr<const ImageFolder>> openImageFolder(
    const std::filesystem::path& folder);

/// With the sizes that the headers tell, turned as `exif` says, and without the files whose header
/// already shows that they are no picture; those are added to `problems`.
std::shared_ptr<const ImageFolder> withReadableHeaders(const ImageFolder& images,
                                                       ExifTurn exif,
                                                       std::vector<SampleProblem>& problems);

}  // namespace barlow
