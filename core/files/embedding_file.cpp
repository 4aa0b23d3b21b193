#include "core/files/embedding_file.h"

#include "core/base/error.h"
#include "core/files/array_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <vector>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// What one array of embeddings is usually called, the likeliest first.
constexpr std::array<std::string_view, 7> kUsualNames = {
    "z", "embeddings", "embedding", "features", "feature", "representations", "representation"};

// "View_A" as "viewa".
std::string plainName(const std::string& name) {
  std::string plain;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return plain;
}

std::string shapeText(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

// What stays of a shape without axes of extent 1, two dimensions at least where it has them.
std::vector<std::int64_t> squeezed(std::vector<std::int64_t> shape) {
  while (shape.size() > 2) {
    const auto one = std::find(shape.begin(), shape.end(), 1);
    if (one == shape.end()) {
      break;
    }
    shape.erase(one);
  }
  return shape;
}

class EmbeddingFile {
 public:
  explicit EmbeddingFile(const fs::path& path)
      : path_(arrayPathOf(path)), arrays_(openArrayFile(path_.file)) {
    const auto& entries = arrays_->entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].problem.empty() && squeezed(entries[i].shape).size() == 2) {
        candidates_.push_back(i);
      }
    }
    // Labels and indices beside embeddings are not meant.
    const auto isReal = [&](std::size_t i) { return entries[i].isReal; };
    if (std::any_of(candidates_.begin(), candidates_.end(), isReal)) {
      std::erase_if(candidates_, [&](std::size_t i) { return !isReal(i); });
    }
    // Where nothing can be read, why is what matters.
    if (candidates_.empty() && path_.name.empty()) {
      for (const ArrayEntry& entry : entries) {
        if (!entry.problem.empty()) {
          throw Exception(entry.problem);
        }
      }
    }
  }

  bool hasSeveral() const { return path_.name.empty() && candidates_.size() > 1; }

  torch::Tensor one() { return read(chosen()); }

  EmbeddingViews both() {
    if (!path_.name.empty() || candidates_.size() < 2) {
      throw Exception(
          fmt::format("{} holds {}; give the embeddings of two views: two files, or one .npz or "
                      ".safetensors file with z_a and z_b, [N, D] each.",
                      path_.file.string(),
                      listed()));
    }
    if (const auto pair = pairByName()) {
      return {.a = read(pair->first), .b = read(pair->second)};
    }
    if (candidates_.size() != 2) {
      refuseChoice("which two of them are the views", "z_a and z_b");
    }
    return {.a = read(candidates_[0]), .b = read(candidates_[1])};
  }

 private:
  const ArrayEntry& entryAt(std::size_t i) const { return arrays_->entries()[i]; }

  std::size_t chosen() const {
    const auto& entries = arrays_->entries();
    if (!path_.name.empty()) {
      return named(path_.name);
    }
    if (candidates_.size() == 1 || entries.size() == 1) {
      return candidates_.empty() ? 0 : candidates_.front();
    }
    for (const std::string_view usual : kUsualNames) {
      for (const std::size_t i : candidates_) {
        if (plainName(entries[i].name) == usual) {
          return i;
        }
      }
    }
    if (candidates_.empty()) {
      throw Exception(fmt::format(
          "{} holds no array [N, D] of numbers; it holds {}.", path_.file.string(), listed()));
    }
    refuseChoice("which of them is meant", "z");
  }

  std::size_t named(const std::string& name) const {
    const auto& entries = arrays_->entries();
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const ArrayEntry& item) {
      return item.name == name || item.name + ".npy" == name;
    });
    if (found == entries.end()) {
      throw Exception(
          fmt::format("{} holds no array '{}'; it holds {}.", path_.file.string(), name, listed()));
    }
    return static_cast<std::size_t>(found - entries.begin());
  }

  // Names that differ in their last letter, z_a and z_b before others. Nothing where there are
  // none, or several.
  std::optional<std::pair<std::size_t, std::size_t>> pairByName() const {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (const std::size_t i : candidates_) {
      std::string other = plainName(entryAt(i).name);
      if (other.empty() || (other.back() != 'a' && other.back() != '1')) {
        continue;
      }
      ++other.back();
      for (const std::size_t j : candidates_) {
        if (plainName(entryAt(j).name) == other) {
          pairs.emplace_back(i, j);
        }
      }
    }
    const auto usual = std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) {
      return entryAt(pair.first).name == "z_a" && entryAt(pair.second).name == "z_b";
    });
    if (usual != pairs.end()) {
      return *usual;
    }
    return pairs.size() == 1 ? std::optional(pairs.front()) : std::nullopt;
  }

  torch::Tensor read(std::size_t i) {
    const ArrayEntry& item = entryAt(i);
    const std::string name = item.name.empty()
                                 ? path_.file.string()
                                 : fmt::format("{}:{}", path_.file.string(), item.name);
    if (!item.problem.empty()) {
      throw Exception(item.problem);
    }
    const auto shape = squeezed(item.shape);
    if (shape.size() != 2) {
      throw Exception(fmt::format(
          "{} is {}; embeddings are [N, D], one row per image.", name, shapeText(item.shape)));
    }
    const torch::Tensor values = arrays_->read(i).reshape(shape);
    const bool needsDouble =
        values.scalar_type() == torch::kFloat64 ||
        (!values.is_floating_point() && torch::elementSize(values.scalar_type()) >= 4);
    return values.to(needsDouble ? torch::kFloat64 : torch::kFloat32);
  }

  std::string listed() const {
    constexpr std::size_t kMost = 8;
    const auto& entries = arrays_->entries();
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < std::min(kMost, entries.size()); ++i) {
      const ArrayEntry& entry = entries[i];
      texts.push_back(entry.name.substr(0, 60) + (entry.name.empty() ? "" : " ") +
                      (entry.problem.empty() ? shapeText(entry.shape) : "(cannot be read)"));
    }
    if (entries.size() > kMost) {
      texts.push_back(fmt::format("and {} more", entries.size() - kMost));
    }
    return texts.empty() ? "nothing" : fmt::format("{}", fmt::join(texts, ", "));
  }

  [[noreturn]] void refuseChoice(const char* question, const char* usual) const {
    throw Exception(
        fmt::format("{} holds {}, and it is not clear {}; give {}:NAME, or call them {}.",
                    path_.file.string(),
                    listed(),
                    question,
                    path_.file.string(),
                    usual));
  }

  ArrayPath path_;
  std::unique_ptr<ArrayFile> arrays_;
  std::vector<std::size_t> candidates_;  // of two dimensions, in the order of the file
};

}  // namespace

ArrayPath arrayPathOf(const fs::path& path) {
  std::error_code ignored;  // what does not exist is told when it is opened
  const std::string text = path.string();
  if (!fs::exists(path, ignored)) {
    for (auto at = text.find(':'); at != std::string::npos; at = text.find(':', at + 1)) {
      if (fs::is_regular_file(text.substr(0, at), ignored) && at + 1 < text.size()) {
        return {.file = text.substr(0, at), .name = text.substr(at + 1)};
      }
    }
  }
  return {.file = path, .name = {}};
}

torch::Tensor readEmbeddingFile(const fs::path& path) { return EmbeddingFile(path).one(); }

EmbeddingViews readEmbeddingViews(const fs::path& both) { return EmbeddingFile(both).both(); }

bool holdsSeveralEmbeddings(const fs::path& path) { return EmbeddingFile(path).hasSeveral(); }

}  // namespace barlow
