#pragma once

#include "core/base/result.h"
#include "core/base/rgb_image.h"
#include "core/report/scan_report.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace barlow {

/// Images by index, with or without classes. All functions may be called from any number of threads
/// at once.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual std::int64_t size() const = 0;
  /// Decodes image `index`; an unreadable one is an ordinary failure.
  virtual Result<RgbImage> image(std::int64_t index) const = 0;
  /// How large image `index` is where that is known without decoding it; else 0 x 0.
  virtual PixelSize knownSize(std::int64_t /*index*/) const { return {}; }
  /// Whether the EXIF data of image `index` ask for a turn, taken or not (data.exif).
  virtual bool asksForTurn(std::int64_t /*index*/) const { return false; }
  /// The class, or -1 where there is none.
  virtual int label(std::int64_t index) const = 0;
  /// For messages: a path, or "record 17 of data_batch_1.bin".
  virtual std::string name(std::int64_t index) const = 0;
  /// Empty without labels.
  virtual const std::vector<std::string>& classNames() const = 0;
  bool hasLabels() const { return classNames().size() > 1; }
};

/// Some images of another data set, in a given order.
class Subset final : public Dataset {
 public:
  Subset(std::shared_ptr<const Dataset> whole, std::vector<std::int64_t> indices)
      : whole_(std::move(whole)), indices_(std::move(indices)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(indices_.size()); }
  Result<RgbImage> image(std::int64_t index) const override { return whole_->image(at(index)); }
  PixelSize knownSize(std::int64_t index) const override { return whole_->knownSize(at(index)); }
  bool asksForTurn(std::int64_t index) const override { return whole_->asksForTurn(at(index)); }
  int label(std::int64_t index) const override { return whole_->label(at(index)); }
  std::string name(std::int64_t index) const override { return whole_->name(at(index)); }
  const std::vector<std::string>& classNames() const override { return whole_->classNames(); }

 private:
  std::int64_t at(std::int64_t index) const { return indices_.at(static_cast<std::size_t>(index)); }
  std::shared_ptr<const Dataset> whole_;
  std::vector<std::int64_t> indices_;
};

}  // namespace barlow
