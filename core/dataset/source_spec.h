#pragma once

#include "core/report/scan_report.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace barlow {

class Dataset;

/// A SPEC taken apart.
struct SourceSpec {
  enum class Kind { Shapes, Cifar10, Cifar100, Folder };
  Kind kind = Kind::Folder;
  std::filesystem::path folder;  // may be empty for the CIFAR sets
  int edition = 0;               // of the shapes: 1 or 2
};

/// Throws Exception for something like "cifr10:DIR", with the names that exist.
SourceSpec parseSource(const std::string& source);

using Splits = std::map<std::string, std::shared_ptr<const Dataset>>;

/// The split that evaluation uses: test, else val, where training and it have classes; else empty.
std::string heldOutOf(const Splits& splits);

/// What becomes of each, when `heldOut` is the one for evaluation.
std::vector<SplitUse> usesOf(const Splits& splits, const std::string& heldOut);

}  // namespace barlow
