#pragma once

#include "core/files/tensor_files.h"

#include <filesystem>
#include <optional>
#include <string>

namespace barlow {

/// How far something that learns has come, in a file of its own, so that it can go on after a stop
/// or a crash. `key` says what it is that learns.
struct LearningProgress {
  std::filesystem::path file;  // empty: nothing is kept
  std::string key;

  /// False where it cannot be written, which costs no more than going on.
  bool keep(const NamedTensors& state) const;
  /// Nothing where there is none, where it is damaged or of another key.
  std::optional<NamedTensors> find() const;
};

}  // namespace barlow
