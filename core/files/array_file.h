#pragma once

#include "core/torch.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace barlow {

/// One array of a file, as the file's header has it.
struct ArrayEntry {
  std::string name;  // empty in a .npy, which holds one
  std::vector<std::int64_t> shape;
  bool isReal = false;  // floating point
  std::string problem;  // a sentence: why it cannot be read; empty where it can
};

/// The arrays of a file from anywhere: all are known, and only those that are asked for are read.
/// What is wrong with the file is an Exception when it is opened, what is wrong with one array when
/// that one is read. Not thread-safe.
class ArrayFile {
 public:
  virtual ~ArrayFile() = default;
  const std::vector<ArrayEntry>& entries() const { return entries_; }
  /// What a program noted beside the arrays: texts by name, of .safetensors, and of .pth files that
  /// writeTorchFile() wrote.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// Once per array. Memory is checked before it is taken.
  virtual torch::Tensor read(std::size_t index) = 0;

 protected:
  std::vector<ArrayEntry> entries_;
  std::map<std::string, std::string> metadata_;
};

/// .npy, .npz, .safetensors or .pth (torch_file.h), told apart by their first bytes.
std::unique_ptr<ArrayFile> openArrayFile(const std::filesystem::path& path);

std::unique_ptr<ArrayFile> openNpy(const std::filesystem::path& path);
/// NumPy's archives, stored or deflated. Members that are no .npy are passed over.
std::unique_ptr<ArrayFile> openNpz(const std::filesystem::path& path);
std::unique_ptr<ArrayFile> openSafetensors(const std::filesystem::path& path);

}  // namespace barlow
