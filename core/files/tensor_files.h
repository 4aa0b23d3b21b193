#pragma once

#include "core/torch.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace barlow {

class AtomicFile;

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;
/// What is said of tensors beside them: texts by name.
using Notes = std::vector<std::pair<std::string, std::string>>;

/// safetensors: readable by `safetensors.torch.load_file`. Tensors are written contiguous, in the
/// given order, with `notes` and {"format": "pt"} as metadata. Written atomically; throws Exception
/// naming the path.
void writeSafetensors(const std::filesystem::path& path,
                      const NamedTensors& tensors,
                      const Notes& notes = {});
/// Strict reader for files from anywhere: header at most 100 MB, sorted contiguous offsets without
/// holes, no overflow, no duplicate names, exact file size. All of its tensors, in the order of the
/// data; every one must be of a type that is known here (array_file.h reads one of several). Throws
/// Exception naming the path and what is wrong.
NamedTensors readSafetensors(const std::filesystem::path& path);

/// NumPy's .npy, version 1.0, C order, little-endian: float32, float64, int64 (uint8 too). Any rank
/// up to 8.
void writeNpy(const std::filesystem::path& path, const torch::Tensor& tensor);
/// The same into a file that is to be committed.
void writeNpy(AtomicFile& file, const torch::Tensor& tensor);
/// Versions 1 to 3, either order of bytes and of axes: floating point (bfloat16 of ml_dtypes too),
/// whole numbers, bool. In C order. Object arrays (pickles) and records are refused with the
/// reason.
torch::Tensor readNpy(const std::filesystem::path& path);

}  // namespace barlow
