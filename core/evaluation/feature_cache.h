#pragma once

#include "core/evaluation/feature_extractor.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace barlow {

/// Features on disk, one file for each key, so that a second probe of a checkpoint looks at no
/// image. A file that is damaged or of another key counts as missing; where nothing can be written
/// features are computed as without. Any process may use the folder at the same time.
class FeatureCache {
 public:
  /// `mostBytes`: of all files together; those not used for the longest time go first.
  explicit FeatureCache(std::filesystem::path folder, std::uint64_t mostBytes = 4ull << 30);
  /// Problems with single images are not kept.
  std::optional<Representations> find(const std::string& key) const;
  void keep(const std::string& key, const Representations& features) const;

 private:
  std::filesystem::path fileOf(const std::string& key) const;
  void makeRoom() const;

  std::filesystem::path folder_;
  std::uint64_t mostBytes_;
};

/// What a data set holds: names, labels, and of files their size and time of change. With the
/// fingerprint of what is no file it says whether features are still those of these images.
std::string contentOf(const Dataset& dataset, const std::string& fingerprint);

}  // namespace barlow
