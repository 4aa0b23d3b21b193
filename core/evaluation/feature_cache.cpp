#include "core/evaluation/feature_cache.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/system.h"
#include "core/files/tensor_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <span>
#include <vector>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using torch::Tensor;

std::string hashOf(const std::string& text) { return sha256(std::as_bytes(std::span(text))); }

// Over everything that is stored: safetensors has no checksum of its own.
Tensor checksumOf(const std::string& key,
                  const Tensor& features,
                  const Tensor& labels,
                  const Tensor& indices) {
  std::string text = key;
  for (const Tensor& tensor : {features, labels, indices}) {
    text += sha256({static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()});
  }
  const std::string hex = hashOf(text);
  const Tensor sum = torch::empty({static_cast<std::int64_t>(hex.size())}, torch::kUInt8);
  std::memcpy(sum.data_ptr(), hex.data(), hex.size());
  return sum;
}

Tensor named(const NamedTensors& tensors, const std::string& name) {
  for (const auto& [own, tensor] : tensors) {
    if (own == name) {
      return tensor;
    }
  }
  throw Exception("no tensor " + name);
}

std::vector<std::int64_t> numbers(const Tensor& tensor) {
  const auto* first = tensor.const_data_ptr<std::int64_t>();
  return {first, first + tensor.numel()};
}

}  // namespace

FeatureCache::FeatureCache(fs::path folder, std::uint64_t mostBytes)
    : folder_(std::move(folder)), mostBytes_(mostBytes) {}

fs::path FeatureCache::fileOf(const std::string& key) const {
  return folder_ / (hashOf(key) + ".safetensors");
}

std::optional<Representations> FeatureCache::find(const std::string& key) const {
  const fs::path file = fileOf(key);
  std::error_code ignored;  // no file: nothing kept
  if (!fs::is_regular_file(file, ignored)) {
    return std::nullopt;
  }
  try {
    const NamedTensors tensors = readSafetensors(file);
    const Tensor features = named(tensors, "features").contiguous();
    const Tensor labels = named(tensors, "labels").contiguous();
    const Tensor indices = named(tensors, "indices").contiguous();
    const Tensor sum = named(tensors, "checksum");
    const bool isSound =
        features.dim() == 2 && features.scalar_type() == torch::kFloat32 &&
        labels.scalar_type() == torch::kInt64 && indices.scalar_type() == torch::kInt64 &&
        labels.numel() == features.size(0) && indices.numel() == features.size(0) &&
        torch::equal(sum, checksumOf(key, features, labels, indices));
    if (!isSound) {
      return std::nullopt;
    }
    fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);  // used just now
    return Representations{.features = features,
                           .labels = numbers(labels),
                           .indices = numbers(indices),
                           .problems = {}};
  } catch (const Exception&) {
    return std::nullopt;  // damaged: it is made anew
  }
}

void FeatureCache::keep(const std::string& key, const Representations& features) const {
  const Tensor values = features.features.to(torch::kCPU).contiguous();
  const Tensor labels = torch::tensor(features.labels, torch::kInt64);
  const Tensor indices = torch::tensor(features.indices, torch::kInt64);
  if (values.numel() == 0 || values.nbytes() > mostBytes_ / 2) {
    return;
  }
  try {
    makeFolder(folder_);
    const std::uint64_t free = freeDiskBytes(folder_);
    if (free != 0 && free < 4 * values.nbytes()) {
      return;
    }
    writeSafetensors(fileOf(key),
                     {{"features", values},
                      {"labels", labels},
                      {"indices", indices},
                      {"checksum", checksumOf(key, values, labels, indices)}});
    makeRoom();
  } catch (const Exception&) {
    // Nothing is lost: the next probe computes them again.
  }
}

void FeatureCache::makeRoom() const {
  struct File {
    fs::file_time_type used;
    fs::path path;
    std::uint64_t bytes = 0;
  };
  std::vector<File> files;
  std::uint64_t all = 0;
  std::error_code ignored;  // what another process removes meanwhile is gone
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    if (entry.path().extension() == ".safetensors") {
      files.push_back({entry.last_write_time(ignored), entry.path(), entry.file_size(ignored)});
      all += files.back().bytes;
    }
  }
  std::sort(files.begin(), files.end(), [](const File& left, const File& right) {
    return left.used < right.used;
  });
  for (std::size_t i = 0; i + 1 < files.size() && all > mostBytes_; ++i) {
    fs::remove(files[i].path, ignored);
    all -= files[i].bytes;
  }
}

std::string contentOf(const Dataset& dataset, const std::string& fingerprint) {
  std::string text = fingerprint;
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    const std::string name = dataset.name(i);
    text += fmt::format("{} {}", name, dataset.label(i));
    std::error_code none;  // no file: the fingerprint says what it is
    if (const auto size = fs::file_size(name, none); !none) {
      text +=
          fmt::format(" {} {}", size, fs::last_write_time(name, none).time_since_epoch().count());
    }
    text += '\n';
  }
  return hashOf(text);
}

}  // namespace barlow
