#include "core/evaluation/learning_progress.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/sha256.h"

#include <cstring>
#include <span>

namespace barlow {
namespace {

constexpr const char* kChecksum = "checksum";

// Over everything that is stored, as safetensors has no checksum of its own.
torch::Tensor checksumOf(const std::string& key, const NamedTensors& state) {
  std::string text = key;
  for (const auto& [name, tensor] : state) {
    const torch::Tensor plain = tensor.contiguous();
    text += "\n" + name + " " +
            sha256({static_cast<const std::byte*>(plain.const_data_ptr()), plain.nbytes()});
  }
  const std::string hex = sha256(std::as_bytes(std::span(text)));
  torch::Tensor sum = torch::empty({static_cast<std::int64_t>(hex.size())}, torch::kUInt8);
  std::memcpy(sum.mutable_data_ptr(), hex.data(), hex.size());
  return sum;
}

}  // namespace

bool LearningProgress::keep(const NamedTensors& state) const {
  if (file.empty()) {
    return false;
  }
  NamedTensors all;
  for (const auto& [name, tensor] : state) {
    all.emplace_back(name, tensor.detach().to(torch::kCPU).contiguous());
  }
  all.emplace_back(kChecksum, checksumOf(key, all));
  try {
    makeFolder(file.parent_path());
    writeSafetensors(file, all);
    return true;
  } catch (const Exception&) {
    return false;  // it learns on, and could only not go on from here
  }
}

std::optional<NamedTensors> LearningProgress::find() const {
  std::error_code ignored;  // no file: nothing to go on from
  if (file.empty() || !std::filesystem::is_regular_file(file, ignored)) {
    return std::nullopt;
  }
  try {
    NamedTensors all = readSafetensors(file);
    if (all.empty() || all.back().first != kChecksum) {
      return std::nullopt;
    }
    const torch::Tensor sum = all.back().second;
    all.pop_back();
    return torch::equal(sum, checksumOf(key, all)) ? std::optional(std::move(all)) : std::nullopt;
  } catch (const Exception&) {
    return std::nullopt;  // damaged, or another program's
  }
}

}  // namespace barlow
