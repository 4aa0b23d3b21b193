#pragma once

#include "core/torch.h"

#include <filesystem>

namespace barlow {

/// One [N, D] tensor of real numbers from an NPY file, or from a safetensors file that holds no
/// other; float32, or float64 where the file has it. Throws Exception.
torch::Tensor readEmbeddingFile(const std::filesystem::path& path);

}  // namespace barlow
