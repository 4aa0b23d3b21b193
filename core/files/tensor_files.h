#pragma once

#include "core/torch.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace barlow {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// safetensors: readable by `safetensors.torch.load_file`. Tensors are written contiguous, in the
/// given order, with metadata {"format": "pt"}. Written atomically; throws Exception naming the
/// path.
void writeSafetensors(const std::filesystem::path& path, const NamedTensors& tensors);
/// Strict reader for files from anywhere: header at most 100 MB, sorted contiguous offsets without
/// holes, no overflow, no duplicate names, exact file size. float64/32/16, bfloat16, int64/32/16/8,
/// uint8, bool. Throws Exception naming the path and what is wrong.
NamedTensors readSafetensors(const std::filesystem::path& path);

/// NumPy's .npy, version 1.0, C order, little-endian: float32, float64, int64 (uint8 too). Any rank
/// up to 8.
void writeNpy(const std::filesystem::path& path, const torch::Tensor& tensor);
/// Versions 1 to 3; object arrays (pickles), Fortran order of rank > 1 and other types are refused
/// with the reason.
torch::Tensor readNpy(const std::filesystem::path& path);

}  // namespace barlow
