#pragma once

#include <filesystem>
#include <string>

namespace barlow {

/// A SPEC taken apart.
struct SourceSpec {
  enum class Kind { Shapes, Cifar10, Cifar100, Folder };
  Kind kind = Kind::Folder;
  std::filesystem::path folder;  // may be empty for the CIFAR sets
  int edition = 0;               // of the shapes: 1 or 2
};

/// Throws Exception for something like "cifr10:DIR", with the names that exist.
SourceSpec parseSource(const std::string& source);

}  // namespace barlow
