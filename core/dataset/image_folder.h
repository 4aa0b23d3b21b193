#pragma once

#include "core/dataset/dataset.h"
#include "core/params/data_params.h"
#include "core/report/scan_report.h"

#include <filesystem>
#include <map>
#include <memory>
#include <stop_token>
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

struct ImageFolders {
  std::map<std::string, std::shared_ptr<const ImageFolder>> splits;  // "train", "val", "test"
  std::vector<LeftOut> leftOut;
};

/// The picture files of a folder by split.
/// - A folder around everything, as an archive unpacks, is looked through.
/// - Folders with the names that splitOf() knows are splits; two that mean the same are one. One
///   called train beside other folders is a class, unless val or test is there too, or it alone has
///   classes inside. What is called val or test is never trained on, also inside of classes where
///   there is no folder of training images.
/// - Every other subfolder is a class; a label means the same in every split. A few pictures beside
///   class folders are left out; where most lie there, the folders are no classes.
/// There may be no "train", when all of it is val and test. Throws Exception: no such folder, no
/// permission, no picture in it; Stopped.
ImageFolders openImageFolder(const std::filesystem::path& folder, const std::stop_token& stop = {});

/// With the sizes that the headers tell, turned as `exif` says, and without the files whose header
/// already shows that they are no picture; those are added to `problems`. Throws Stopped.
std::shared_ptr<const ImageFolder> withReadableHeaders(const ImageFolder& images,
                                                       ExifTurn exif,
                                                       std::vector<SampleProblem>& problems,
                                                       const std::stop_token& stop = {});

}  // namespace barlow
