#include "core/files/embedding_file.h"

#include "core/base/error.h"
#include "core/files/tensor_files.h"

#include <fmt/format.h>

namespace barlow {

torch::Tensor readEmbeddingFile(const std::filesystem::path& path) {
  torch::Tensor z;
  if (path.extension() == ".safetensors") {
    const NamedTensors tensors = readSafetensors(path);
    if (tensors.size() != 1) {
      throw Exception(fmt::format("{} holds {} tensors; give a file with one [N, D] tensor.",
                                  path.string(),
                                  tensors.size()));
    }
    z = tensors.front().second;
  } else {
    z = readNpy(path);
  }
  if (z.dim() != 2) {
    throw Exception(
        fmt::format("{} has {} dimensions; embeddings are [N, D].", path.string(), z.dim()));
  }
  if (!z.is_floating_point()) {
    throw Exception(
        fmt::format("{} holds whole numbers; embeddings are float32 or float64.", path.string()));
  }
  return z.scalar_type() == torch::kFloat64 ? z : z.to(torch::kFloat32);
}

}  // namespace barlow
