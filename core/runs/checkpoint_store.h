#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

/// RUN/checkpoints: complete folders named step-00000123 only. What a crash left behind has another
/// name. Knows nothing of tensors: the caller writes the files into the folder that it is given.
class CheckpointStore {
 public:
  explicit CheckpointStore(std::filesystem::path checkpointsFolder);
  /// Calls `write(temporaryFolder)`, adds MANIFEST.json (sizes and SHA-256 of the files), syncs,
  /// renames to step-N, and only then removes the oldest beyond `keep`. Throws Exception when
  /// something fails; older ones stay. `expectedBytes` is checked against the free disk space
  /// first.
  std::filesystem::path save(std::int64_t step,
                             int keep,
                             std::uint64_t expectedBytes,
                             const std::function<void(const std::filesystem::path&)>& write);
  /// Steps of the complete folders, newest first (not yet verified).
  std::vector<std::int64_t> steps() const;
  std::filesystem::path folder(std::int64_t step) const;
  /// Sizes and hashes against MANIFEST.json; the reason when they differ. Throws Exception when a
  /// newer program wrote it: that is no damage, and falling back would remove it.
  std::optional<std::string> damage(std::int64_t step) const;
  /// Removes what an interrupted save left behind, and complete checkpoints after `step`.
  void removeLeftovers(std::int64_t afterStep);

 private:
  std::filesystem::path folder_;
};

}  // namespace barlow
