#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace barlow {

/// A file or record that cannot be used, and why, in words for a person.
struct SampleProblem {
  std::string path;
  std::string reason;
  bool operator==(const SampleProblem&) const = default;
};

struct PixelSize {
  int width = 0;
  int height = 0;
  bool operator==(const PixelSize&) const = default;
};

/// What a data set holds, after every image was looked at.
struct ScanReport {
  std::string source;
  std::int64_t images = 0;                      // usable ones
  std::int64_t turned = 0;                      // of them: their EXIF data ask for a turn
  std::map<std::string, std::int64_t> classes;  // of the usable ones; empty without labels
  std::map<std::string, std::int64_t> splits;   // "train", "val", "test"
  PixelSize minSize;                            // smallest width and smallest height
  PixelSize maxSize;
  std::vector<SampleProblem> unreadable;
};

/// The object that `barlow data check --json` prints.
std::string toJson(const ScanReport& report);

}  // namespace barlow
