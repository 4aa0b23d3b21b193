#include "core/dataset/image_folder.h"

#include "core/base/error.h"
#include "core/image/decode.h"

#include <fmt/format.h>

#include <algorithm>

namespace barlow {
namespace {

namespace fs = std::filesystem;

bool isPicture(const fs::path& path) {
  return hasPictureEnding(path) &&
         !path.filename().string().starts_with(".");  // such as ._IMG.jpg of another system
}

std::vector<fs::path> entriesOf(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator iterator(folder, error);
  if (error) {
    throw Exception(fmt::format("Cannot look into {}: {}.", folder.string(), error.message()));
  }
  std::vector<fs::path> entries;
  for (const auto& entry : iterator) {
    entries.push_back(entry.path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

void collect(const fs::path& folder, int label, std::vector<ImageFolder::Item>& items) {
  std::error_code ignored;  // a file that vanishes meanwhile is no picture
  for (const fs::path& entry : entriesOf(folder)) {
    if (fs::is_directory(fs::symlink_status(entry, ignored))) {
      collect(entry, label, items);
    } else if (isPicture(entry)) {
      items.push_back({entry, label, {}});
    }
  }
}

// Classes are named after subfolders that hold pictures somewhere below.
std::shared_ptr<const ImageFolder> openSplit(const fs::path& folder,
                                             const std::vector<std::string>& classes) {
  std::vector<ImageFolder::Item> items;
  std::error_code ignored;  // as above
  for (const fs::path& entry : entriesOf(folder)) {
    if (fs::is_directory(fs::symlink_status(entry, ignored))) {
      const auto found =
          std::lower_bound(classes.begin(), classes.end(), entry.filename().string());
      const bool isKnown = found != classes.end() && *found == entry.filename().string();
      collect(entry, isKnown ? static_cast<int>(found - classes.begin()) : -1, items);
    } else if (isPicture(entry)) {
      items.push_back({entry, -1, {}});
    }
  }
  const bool hasUnlabelled = std::any_of(
      items.begin(), items.end(), [](const ImageFolder::Item& item) { return item.label < 0; });
  // Some pictures without a class, or one class only: there is nothing to tell apart.
  return std::make_shared<ImageFolder>(std::move(items),
                                       hasUnlabelled ? std::vector<std::string>{} : classes);
}

std::vector<std::string> classesIn(const fs::path& folder) {
  std::vector<std::string> classes;
  std::error_code ignored;  // as above
  for (const fs::path& entry : entriesOf(folder)) {
    std::vector<ImageFolder::Item> items;
    if (fs::is_directory(fs::symlink_status(entry, ignored))) {
      collect(entry, 0, items);
    }
    if (!items.empty()) {
      classes.push_back(entry.filename().string());
    }
  }
  return classes;
}

std::map<std::string, fs::path> splitFolders(const fs::path& folder) {
  std::map<std::string, fs::path> splits;
  for (const auto& [name, split] : {std::pair{"train", "train"},
                                    std::pair{"val", "val"},
                                    std::pair{"valid", "val"},
                                    std::pair{"validation", "val"},
                                    std::pair{"test", "test"}}) {
    if (fs::is_directory(folder / name)) {
      splits.emplace(split, folder / name);
    }
  }
  if (!splits.contains("train")) {
    return {{"train", folder}};
  }
  return splits;
}

}  // namespace

Result<RgbImage> ImageFolder::image(std::int64_t index) const {
  return readImage(items_.at(static_cast<std::size_t>(index)).path, exif_);
}

bool ImageFolder::asksForTurn(std::int64_t index) const {
  return barlow::asksForTurn(items_.at(static_cast<std::size_t>(index)).path);
}

std::map<std::string, std::shared_ptr<const ImageFolder>> openImageFolder(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status)) {
    throw Exception(fmt::format("There is no folder {}; give the folder that holds the images.",
                                folder.string()));
  }
  if (!fs::is_directory(status)) {
    throw Exception(
        fmt::format("{} is a file; give the folder that holds the images.", folder.string()));
  }
  std::map<std::string, std::shared_ptr<const ImageFolder>> splits;
  const auto folders = splitFolders(folder);
  const auto classes = classesIn(folders.at("train"));  // a label means the same in every split
  for (const auto& [split, path] : folders) {
    auto images = openSplit(path, classes);
    if (images->size() > 0) {
      splits[split] = std::move(images);
    }
  }
  if (!splits.contains("train")) {
    throw Exception(
        fmt::format("{} holds no images (JPEG, PNG, WebP, BMP, TIFF, PGM or PPM); give the folder "
                    "that holds them.",
                    folders.at("train").string()));
  }
  return splits;
}

std::shared_ptr<const ImageFolder> withReadableHeaders(const ImageFolder& images,
                                                       ExifTurn exif,
                                                       std::vector<SampleProblem>& problems) {
  std::vector<ImageFolder::Item> kept;
  for (const ImageFolder::Item& item : images.items()) {
    const Result<PixelSize> size = probeImage(item.path, exif);
    if (size) {
      kept.push_back({item.path, item.label, *size});
    } else {
      problems.push_back({item.path.string(), size.error().message});
    }
  }
  return std::make_shared<ImageFolder>(std::move(kept), images.classNames(), exif);
}

}  // namespace barlow
