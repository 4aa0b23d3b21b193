#pragma once

#include "core/base/mapped_file.h"
#include "core/base/rgb_image.h"
#include "core/dataset/dataset.h"
#include "core/params/data_params.h"
#include "core/report/scan_report.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

/// Decoded images in one file of the user's cache folder, so that every image is decoded once and
/// not once an epoch. The file is filled as images are first used, by any number of threads and
/// runs at once; every image in it carries a checksum. A damaged one counts as missing; where
/// nothing can be written images are decoded as without the cache. Any thread may call.
class PixelCache {
 public:
  /// What the pixels were made from: a file that changes any of these is decoded anew.
  struct Source {
    std::filesystem::path path;
    std::uint64_t fileBytes = 0;
    std::int64_t modified = 0;  // of the file system's clock
    PixelSize size;             // of what is decoded
    ExifTurn exif = ExifTurn::Ignore;
  };
  /// What the images take, in bytes.
  static std::uint64_t bytesOf(const std::vector<Source>& sources);
  /// The file in `folder` for these sources, which lie below `root`.
  static std::filesystem::path fileFor(const std::filesystem::path& folder,
                                       const std::filesystem::path& root,
                                       const std::vector<Source>& sources);
  /// Opens `file` (of fileFor), and makes it where it is missing or has another beginning. Files
  /// for other sources below the same root are removed: these images have changed since. Throws
  /// Exception when there can be none.
  PixelCache(std::filesystem::path file, const std::vector<Source>& sources);

  const std::filesystem::path& path() const { return path_; }
  /// The pixels of a source; nothing when they are not there yet.
  std::optional<RgbImage> find(std::size_t index);
  /// Keeps what was decoded. A picture of another size than the header's is not kept.
  void keep(std::size_t index, const RgbImage& image);
  /// The first thing that went wrong since the last call, as a sentence for a person.
  std::optional<ErrorInfo> takeProblem();

 private:
  struct Place {
    std::uint64_t offset = 0;  // in the file
    PixelSize size;
  };
  std::uint64_t bytesAt(const Place& place) const;
  void tell(ErrorInfo problem);

  std::filesystem::path path_;
  std::vector<Place> places_;
  std::optional<MappedFile> file_;
  std::atomic<bool> canWrite_ = true;
  std::atomic<bool> hasDamage_ = false;  // told once
  std::mutex mutex_;
  std::optional<ErrorInfo> problem_;  // guarded by mutex_
};

/// Images of another data set, taken from the cache where it has them. `first`: the place of its
/// first image there.
class CachedImages final : public Dataset {
 public:
  CachedImages(std::shared_ptr<const Dataset> images,
               std::shared_ptr<PixelCache> cache,
               std::size_t first)
      : images_(std::move(images)), cache_(std::move(cache)), first_(first) {}
  std::int64_t size() const override { return images_->size(); }
  Result<RgbImage> image(std::int64_t index) const override;
  PixelSize knownSize(std::int64_t index) const override { return images_->knownSize(index); }
  bool asksForTurn(std::int64_t index) const override { return images_->asksForTurn(index); }
  int label(std::int64_t index) const override { return images_->label(index); }
  std::string name(std::int64_t index) const override { return images_->name(index); }
  const std::vector<std::string>& classNames() const override { return images_->classNames(); }

 private:
  std::shared_ptr<const Dataset> images_;
  std::shared_ptr<PixelCache> cache_;
  std::size_t first_;
};

}  // namespace barlow
