#pragma once

#include "core/torch.h"

#include <filesystem>
#include <string>

namespace barlow {

/// Embeddings in files of other programs: .npy, .npz, .safetensors. Where a file holds several
/// arrays, FILE:NAME says which. Arrays of more dimensions lose those of extent 1 until two are
/// left. Values are float32; float64 where the file has that, or whole numbers of 32 bits or more.
/// Everything throws Exception: what, which file, what is expected.

/// A path to a file, or FILE:NAME.
struct ArrayPath {
  std::filesystem::path file;
  std::string name;  // empty: none was given
};
ArrayPath arrayPathOf(const std::filesystem::path& path);

/// One [N, D] array: the one named, the only one of two dimensions, or the one with a usual name
/// (z, embeddings, features ...).
torch::Tensor readEmbeddingFile(const std::filesystem::path& path);

struct EmbeddingViews {
  torch::Tensor a;
  torch::Tensor b;
};
/// Two [N, D] arrays of one file: z_a and z_b or other names that end in a and b or 1 and 2, or the
/// only two there are.
EmbeddingViews readEmbeddingViews(const std::filesystem::path& both);

/// Whether a path is for readEmbeddingViews: it names no array, and its file holds more than one
/// that could be meant.
bool holdsSeveralEmbeddings(const std::filesystem::path& path);

}  // namespace barlow
