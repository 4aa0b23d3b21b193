#pragma once

#include <cstddef>
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

/// Entries of a folder that are no part of the data, for one reason.
struct LeftOut {
  static constexpr std::size_t kMostPaths = 20;
  std::string reason;  // "a named pipe", "not read: it ends in .gif"
  std::int64_t count = 0;
  std::vector<std::string> paths;  // the first kMostPaths of them
  bool operator==(const LeftOut&) const = default;
};
/// Adds one entry to those with the same reason.
void addLeftOut(std::vector<LeftOut>& leftOut, const std::string& reason, const std::string& path);
std::int64_t countOf(const std::vector<LeftOut>& leftOut);
/// "3 are left out, such as cat/z.jpg: a named pipe"
std::string toText(const LeftOut& leftOut);

/// A part of a data set, and what training does with it.
struct SplitUse {
  std::string split;  // "train", "val", "test"
  std::int64_t images = 0;
  std::string use;  // "trained on", "held out for evaluation", "not used: ..."
  bool operator==(const SplitUse&) const = default;
};
/// "train 3068 (trained on), test 372 (held out for evaluation)"
std::string toText(const std::vector<SplitUse>& splits);

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
  std::vector<LeftOut> leftOut;  // what lies there and was not looked at
  std::vector<SplitUse> uses;    // of the splits, unreadable images counted too
};

/// The object that `barlow data check --json` prints.
std::string toJson(const ScanReport& report);

}  // namespace barlow
