#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace barlow {

/// The embeddings of one step that a run kept (RUN/matrices), from which its full matrix follows.
struct EmbeddingSnapshot {
  std::int64_t step = 0;
  std::filesystem::path file;
  std::uint64_t bytes = 0;
  bool operator==(const EmbeddingSnapshot&) const = default;
};

/// What a run folder holds, by step; files of other names are left out.
std::vector<EmbeddingSnapshot> listSnapshots(const std::filesystem::path& runFolder);

}  // namespace barlow
