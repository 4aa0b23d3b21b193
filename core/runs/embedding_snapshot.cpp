#include "core/runs/embedding_snapshot.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

namespace barlow {

namespace fs = std::filesystem;

namespace {

// The step in "step-00000123.safetensors", or -1.
std::int64_t stepOf(const fs::path& file) {
  const std::string name = file.stem().string();
  std::int64_t step = -1;
  if (file.extension() == ".safetensors" && name.starts_with("step-")) {
    const char* end = name.data() + name.size();
    const auto [last, error] = std::from_chars(name.data() + 5, end, step);
    if (error != std::errc() || last != end) {
      return -1;
    }
  }
  return step;
}

}  // namespace

std::vector<EmbeddingSnapshot> listSnapshots(const fs::path& runFolder) {
  std::vector<EmbeddingSnapshot> snapshots;
  std::error_code ignored;  // no folder: nothing was kept
  for (const auto& entry : fs::directory_iterator(runFolder / "matrices", ignored)) {
    if (const std::int64_t step = stepOf(entry.path()); step >= 0) {
      std::error_code unreadable;
      const auto bytes = entry.file_size(unreadable);
      snapshots.push_back(
          {.step = step, .file = entry.path(), .bytes = unreadable ? 0 : std::uint64_t{bytes}});
    }
  }
  std::sort(snapshots.begin(),
            snapshots.end(),
            [](const EmbeddingSnapshot& a, const EmbeddingSnapshot& b) { return a.step < b.step; });
  return snapshots;
}

}  // namespace barlow
