#pragma once

#include "core/dataset/dataset.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace barlow {

enum class CifarKind { Cifar10, Cifar100 };

/// One split of CIFAR in its official binary layout, in memory (10: 3073 bytes a record, 100: 3074,
/// the second byte being the fine label). Throws Exception naming the file that is missing, has
/// another size, or has a label out of range.
class Cifar final : public Dataset {
 public:
  Cifar(CifarKind kind,
        const std::vector<std::filesystem::path>& files,
        std::vector<std::string> classNames);
  std::int64_t size() const override { return static_cast<std::int64_t>(labels_.size()); }
  Result<RgbImage> image(std::int64_t index) const override;
  PixelSize knownSize(std::int64_t) const override { return {32, 32}; }
  int label(std::int64_t index) const override {
    return labels_.at(static_cast<std::size_t>(index));
  }
  std::string name(std::int64_t index) const override;
  const std::vector<std::string>& classNames() const override { return classNames_; }
  /// SHA-256 of the files' content.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  void load(CifarKind kind, const std::filesystem::path& file);

  std::vector<std::string> classNames_;
  std::vector<std::uint8_t> planes_;  // [size, 3, 32, 32]
  std::vector<int> labels_;
  std::vector<std::pair<std::string, std::int64_t>> files_;  // name, first record
  std::string fingerprint_;
};

struct CifarSplits {
  std::shared_ptr<const Cifar> train;
  std::shared_ptr<const Cifar> test;  // null when the file is not there
};

/// Whether `folder`, or the archive's folder in it, holds files that are named as this set's.
bool holdsCifar(CifarKind kind, const std::filesystem::path& folder);

/// What to do where `folder` holds CIFAR in another form than the binary files (Python's pickles,
/// or an archive that is not unpacked), in a sentence; else empty.
std::string cifarNotBinary(const std::filesystem::path& folder);

/// `folder`: that of the files, or its parent; empty: where the program keeps downloaded data.
CifarSplits openCifar(CifarKind kind, const std::filesystem::path& folder);

}  // namespace barlow
