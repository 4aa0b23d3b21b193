#pragma once

#include "core/dataset/dataset.h"

#include <string>
#include <vector>

namespace barlow {

/// Generated pictures, 32 x 32: four figures of one kind, the class, under strong coloured waves
/// that leave the luminance alone. Only the outline tells the class: colours, brightness, places
/// and grounds are drawn alike for all. An untrained encoder sees mostly the colours; one trained
/// with a gray view learns to look past them. Made from (part, index) alone, so that every run and
/// every machine sees the same ones.
class SyntheticShapes final : public Dataset {
 public:
  enum class Part { Train, Test };
  /// First: eight kinds on plain grounds, which hold about six facts that two views share. Second:
  /// twelve kinds, dark or bright, four fillings, sixteen textures behind them: some thirty facts.
  enum class Edition { First = 1, Second = 2 };

  explicit SyntheticShapes(Part part, Edition edition = Edition::Second);
  std::int64_t size() const override { return static_cast<std::int64_t>(images_.size()); }
  Result<RgbImage> image(std::int64_t index) const override;
  PixelSize knownSize(std::int64_t) const override { return {32, 32}; }
  int label(std::int64_t index) const override {
    return static_cast<int>(index % static_cast<std::int64_t>(classNames_.size()));
  }
  std::string name(std::int64_t index) const override { return "shape " + std::to_string(index); }
  const std::vector<std::string>& classNames() const override { return classNames_; }

 private:
  std::vector<std::string> classNames_;
  const std::vector<RgbImage>& images_;  // of the process: 6000 take a second and 18 MB
};

}  // namespace barlow
