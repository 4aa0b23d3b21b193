#include "core/runs/checkpoint_store.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/base/sha256.h"
#include "core/base/system.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace barlow {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";
constexpr std::string_view kPartial = ".partial-";  // an interrupted save
constexpr std::string_view kDoomed = ".removed-";   // an interrupted removal
constexpr std::uint64_t kMaxManifestBytes = 1 << 20;

constexpr int kFormat = 1;

std::string nameOf(std::int64_t step) { return fmt::format("{}{:08}", kPrefix, step); }

// Nothing for a folder that is not named exactly as nameOf() names it.
std::optional<std::int64_t> stepOf(const std::string& name) {
  std::int64_t step = 0;
  if (!name.starts_with(kPrefix)) {
    return std::nullopt;
  }
  std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), step);
  return step >= 0 && nameOf(step) == name ? std::optional(step) : std::nullopt;
}

// A folder that is half removed must not look complete: it gets another name first, which is
// returned.
fs::path setAside(const fs::path& folder) {
  const fs::path doomed =
      folder.parent_path() / (std::string(kDoomed) + folder.filename().string());
  fs::remove_all(doomed);
  fs::rename(folder, doomed);
  return doomed;
}

void removeCheckpoint(const fs::path& folder) {
  try {
    fs::remove_all(setAside(folder));
  } catch (const fs::filesystem_error&) {
    // What could not be removed is tried again at the next resume; it costs space only.
  }
}

void writeManifest(const fs::path& folder) {
  nlohmann::ordered_json manifest;
  manifest["format"] = kFormat;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    syncPath(file);
    manifest["files"][file.filename().string()] = {{"size", fs::file_size(file)},
                                                   {"sha256", sha256OfFile(file)}};
  }
  writeFileAtomically(folder / "MANIFEST.json", jsonText(manifest, 2) + "\n");
}

// How the folder differs from its manifest. Throws what json and std::filesystem throw.
std::optional<std::string> firstDifference(const fs::path& folder, const nlohmann::json& manifest) {
  const auto& files = manifest.at("files");
  for (const char* required : {"model.safetensors", "optimizer.safetensors", "state.json"}) {
    if (!files.contains(required)) {
      return fmt::format("its manifest does not list {}", required);
    }
  }
  for (const auto& [name, entry] : files.items()) {
    const fs::path file = folder / name;
    if (name.find('/') != std::string::npos || !fs::is_regular_file(file)) {
      return fmt::format("{} is missing", name);
    }
    if (fs::file_size(file) != entry.at("size").get<std::uint64_t>()) {
      return fmt::format("{} has another size than it was written with", name);
    }
    if (sha256OfFile(file) != entry.at("sha256").get<std::string>()) {
      return fmt::format("{} has changed since it was written", name);
    }
  }
  return std::nullopt;
}

}  // namespace

CheckpointStore::CheckpointStore(fs::path checkpointsFolder)
    : folder_(std::move(checkpointsFolder)) {}

fs::path CheckpointStore::folder(std::int64_t step) const { return folder_ / nameOf(step); }

fs::path CheckpointStore::save(std::int64_t step,
                               int keep,
                               std::uint64_t expectedBytes,
                               const std::function<void(const fs::path&)>& write) {
  makeFolder(folder_);
  const std::uint64_t free = freeDiskBytes(folder_);
  if (free != 0 && free < expectedBytes + expectedBytes / 5) {
    throw Exception(
        fmt::format("No checkpoint was written: {} has {} free, {} are needed; free some space.",
                    folder_.string(),
                    formatBytes(free),
                    formatBytes(expectedBytes + expectedBytes / 5)));
  }
  const fs::path final = folder(step);
  const fs::path partial = folder_ / (std::string(kPartial) + final.filename().string());
  try {
    fs::remove_all(partial);
    makeFolder(partial);
    write(partial);
    writeManifest(partial);
    syncPath(partial);
    const fs::path replaced = fs::exists(final) ? setAside(final) : fs::path();
    fs::rename(partial, final);
    syncPath(folder_);
    if (!replaced.empty()) {
      std::error_code ignored;  // the new one stands; what is left of the old one costs space only
      fs::remove_all(replaced, ignored);
    }
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;  // the first failure is the one to tell
    fs::remove_all(partial, ignored);
    throw Exception(
        fmt::format("Cannot write the checkpoint {}: {}.", final.string(), error.code().message()),
        error.what());
  } catch (...) {
    std::error_code ignored;  // as above
    fs::remove_all(partial, ignored);
    throw;
  }
  const auto all = steps();
  for (std::size_t i = static_cast<std::size_t>(std::max(1, keep)); i < all.size(); ++i) {
    removeCheckpoint(folder(all[i]));
  }
  return final;
}

std::vector<std::int64_t> CheckpointStore::steps() const {
  std::vector<std::int64_t> steps;
  std::error_code ignored;  // no folder, no checkpoints
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const auto step = stepOf(entry.path().filename().string());
    if (step && entry.is_directory(ignored)) {
      steps.push_back(*step);
    }
  }
  std::sort(steps.rbegin(), steps.rend());
  return steps;
}

std::optional<std::string> CheckpointStore::damage(std::int64_t step) const {
  const fs::path path = folder(step);
  nlohmann::json manifest;
  try {
    manifest = parseJsonQuietly(readFileText(path / "MANIFEST.json", kMaxManifestBytes));
  } catch (const Exception& error) {
    return error.info().message;
  }
  if (!manifest.is_object() || !manifest.contains("format") ||
      !manifest["format"].is_number_integer()) {
    return "its manifest is damaged";
  }
  if (manifest["format"] > kFormat) {
    throw Exception(fmt::format("{} was written by a newer program; use that one.", path.string()));
  }
  try {
    return firstDifference(path, manifest);
  } catch (const nlohmann::json::exception&) {
    return "its manifest is damaged";
  } catch (const Exception& error) {
    return error.info().message;
  } catch (const fs::filesystem_error& error) {
    return error.code().message();
  }
}

void CheckpointStore::removeLeftovers(std::int64_t afterStep) {
  std::vector<fs::path> leftovers;
  std::error_code ignored;  // what cannot be listed or removed costs space only
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kPartial) || name.starts_with(kDoomed)) {
      leftovers.push_back(entry.path());
    }
  }
  for (const fs::path& path : leftovers) {
    fs::remove_all(path, ignored);
  }
  for (const std::int64_t step : steps()) {
    if (step > afterStep) {
      removeCheckpoint(folder(step));
    }
  }
}

}  // namespace barlow
