#include "core/dataset/image_folder.h"

#include "core/base/error.h"
#include "core/base/stopped.h"
#include "core/dataset/cifar.h"
#include "core/dataset/folder_tree.h"
#include "core/image/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace barlow {
namespace {

namespace fs = std::filesystem;

/// A folder of the tree, and where it is.
struct Place {
  fs::path path;
  const FolderTree* tree;
};

std::vector<Place> filledFolders(const Place& place) {
  std::vector<Place> folders;
  for (const FolderTree& folder : place.tree->folders) {
    if (folder.count > 0) {
      folders.push_back({place.path / folder.name, &folder});
    }
  }
  return folders;
}

bool isHeldOut(const Place& place) {
  const std::string split = splitOf(place.tree->name);
  return split == "val" || split == "test";
}

/// What the folders and pictures of a data set mean: splits, classes, or nothing.
class FolderReading {
 public:
  explicit FolderReading(std::vector<LeftOut>& leftOut) : leftOut_(leftOut) {}

  std::map<std::string, std::shared_ptr<const ImageFolder>> read(const Place& root) {
    const Place inner = lookThrough(root);
    findParts(inner);
    findClasses();
    for (const auto& [split, places] : parts_) {
      for (const Place& place : places) {
        readPart(split, place);
      }
    }
    std::map<std::string, std::shared_ptr<const ImageFolder>> splits;
    for (auto& [split, items] : items_) {
      if (!items.empty()) {
        splits[split] = finished(std::move(items));
      }
    }
    return splits;
  }

 private:
  using Items = std::vector<ImageFolder::Item>;

  void leaveOut(const fs::path& path, const std::string& reason) {
    addLeftOut(leftOut_, reason, path.string());
  }
  void leaveOutPictures(const Place& place, const std::string& reason) {
    for (const std::string& name : place.tree->pictures) {
      leaveOut(place.path / name, reason);
    }
  }

  // More pictures lie in the folders than beside them.
  static bool isMostInFolders(const FolderTree& tree) {
    return 2 * static_cast<std::int64_t>(tree.pictures.size()) < tree.count;
  }

  Place lookThrough(Place place) {
    while (true) {
      const auto folders = filledFolders(place);
      if (folders.size() != 1 || !splitOf(folders[0].tree->name).empty() ||
          !isMostInFolders(*place.tree)) {
        return place;
      }
      const auto inside = filledFolders(folders[0]);
      const bool hasSplits = std::any_of(inside.begin(), inside.end(), [](const Place& folder) {
        return !splitOf(folder.tree->name).empty();
      });
      const bool isWrapper = inside.size() == 1 && folders[0].tree->pictures.empty();
      if (inside.size() < 2 && !hasSplits && !isWrapper) {
        return place;
      }
      leaveOutPictures(place, "a picture beside the folder that holds the data");
      tellEmpty(place);
      place = folders[0];
    }
  }

  void tellEmpty(const Place& place) {
    for (const FolderTree& folder : place.tree->folders) {
      if (folder.count == 0) {
        leaveOut(place.path / folder.name, "a folder without pictures");
      }
    }
  }

  // Which folders are splits.
  void findParts(const Place& place) {
    tellEmpty(place);
    std::vector<Place> train;
    std::vector<Place> heldOut;
    std::vector<Place> others;
    for (const Place& folder : filledFolders(place)) {
      (isHeldOut(folder)                       ? heldOut
       : splitOf(folder.tree->name) == "train" ? train
                                               : others)
          .push_back(folder);
    }
    // Beside folders without classes of their own, one with classes is no class.
    const bool hasClassesInside =
        std::any_of(train.begin(),
                    train.end(),
                    [](const Place& folder) { return filledFolders(folder).size() > 1; }) &&
        std::all_of(others.begin(), others.end(), [](const Place& folder) {
          return filledFolders(folder).empty();
        });
    hasTrainFolder_ = !train.empty() && (!heldOut.empty() || others.empty() || hasClassesInside);
    for (const Place& folder : heldOut) {
      parts_[splitOf(folder.tree->name)].push_back(folder);
    }
    if (!hasTrainFolder_) {
      parts_["train"].push_back(place);
      return;
    }
    parts_["train"] = train;
    leaveOutPictures(place, "a picture beside the folders of splits");
    for (const Place& folder : others) {
      leaveOut(folder.path, "a folder beside those of splits");
    }
  }

  // The folders of a part that are its classes, if anything is.
  std::vector<Place> classFolders(const Place& part) const {
    std::vector<Place> folders = filledFolders(part);
    if (!hasTrainFolder_) {  // the part may be the whole, with splits among its folders
      std::erase_if(folders, [&](const Place& folder) {
        return isHeldOut(folder) && parts_.at("train")[0].tree == part.tree;
      });
    }
    return folders;
  }

  static std::int64_t countOf(const std::vector<Place>& folders) {
    std::int64_t count = 0;
    for (const Place& folder : folders) {
      count += folder.tree->count;
    }
    return count;
  }

  void findClasses() {
    std::vector<Place> folders;
    std::int64_t loose = 0;
    for (const Place& part : parts_.at("train")) {
      loose += static_cast<std::int64_t>(part.tree->pictures.size());
      const auto own = classFolders(part);
      std::copy(own.begin(), own.end(), std::back_inserter(folders));
    }
    for (const Place& folder : folders) {
      classes_.push_back(folder.tree->name);
    }
    std::sort(classes_.begin(), classes_.end());
    classes_.erase(std::unique(classes_.begin(), classes_.end()), classes_.end());
    hasClasses_ = classes_.size() > 1 && loose < countOf(folders);
    if (classes_.size() > 1 && !hasClasses_) {
      for (const Place& folder : folders) {
        leaveOut(folder.path, "no class, as more pictures lie beside it; its own are used");
      }
      classes_.clear();
    }
  }

  int labelOf(const std::string& name) const {
    const auto found = std::lower_bound(classes_.begin(), classes_.end(), name);
    return found != classes_.end() && *found == name ? static_cast<int>(found - classes_.begin())
                                                     : -1;
  }

  void readPart(const std::string& split, const Place& part) {
    std::vector<Place> folders = classFolders(part);
    if (hasClasses_ && split != "train") {
      const bool isLabelled = std::any_of(folders.begin(), folders.end(), [&](const Place& folder) {
        return labelOf(folder.tree->name) >= 0;
      });
      std::erase_if(folders, [&](const Place& folder) {
        const bool isUnknown = isLabelled && labelOf(folder.tree->name) < 0;
        if (isUnknown) {
          leaveOut(folder.path, "a class without training images");
        }
        return isUnknown;
      });
    }
    const bool leavesLooseOut = hasClasses_ && !folders.empty();
    if (leavesLooseOut) {
      leaveOutPictures(part, "a picture beside the folders of classes");
    }
    if (split != "train" || hasTrainFolder_) {  // of the whole they are told already
      tellEmpty(part);
    }
    collectSorted(leavesLooseOut ? std::vector<std::string>{} : part.tree->pictures,
                  part.path,
                  folders,
                  -1,
                  true,
                  split);
  }

  // Pictures and folders in the order of their names.
  void collectSorted(const std::vector<std::string>& pictures,
                     const fs::path& path,
                     const std::vector<Place>& folders,
                     int label,
                     bool areClasses,
                     const std::string& split) {
    auto folder = folders.begin();
    const auto takeFolder = [&] {
      collect(*folder, areClasses ? labelOf(folder->tree->name) : label, split);
      ++folder;
    };
    for (const std::string& name : pictures) {
      while (folder != folders.end() && folder->tree->name < name) {
        takeFolder();
      }
      items_[split].push_back({path / name, label, {}});
    }
    while (folder != folders.end()) {
      takeFolder();
    }
  }

  // Below a class: everything, but splits of its own where the whole has no folder of training
  // images (as in class/train and class/test).
  void collect(const Place& place, int label, const std::string& split) {
    std::vector<Place> folders = filledFolders(place);
    const bool hasOwn = split == "train" && !hasTrainFolder_ &&
                        std::any_of(folders.begin(), folders.end(), isHeldOut);
    const bool hasOwnTrain =
        hasOwn && std::any_of(folders.begin(), folders.end(), [](const Place& folder) {
          return splitOf(folder.tree->name) == "train";
        });
    if (hasOwnTrain) {
      leaveOutPictures(place, "a picture beside the folders of splits");
    }
    if (hasOwn) {
      std::erase_if(folders, [&](const Place& folder) {
        const std::string own = splitOf(folder.tree->name);
        if (isHeldOut(folder)) {
          collect(folder, label, own);
        } else if (hasOwnTrain && own.empty()) {
          leaveOut(folder.path, "a folder beside those of splits");
        }
        return isHeldOut(folder) || (hasOwnTrain && own.empty());
      });
    }
    collectSorted(hasOwnTrain ? std::vector<std::string>{} : place.tree->pictures,
                  place.path,
                  folders,
                  label,
                  false,
                  split);
  }

  std::shared_ptr<const ImageFolder> finished(Items items) const {
    const bool hasUnlabelled = std::any_of(
        items.begin(), items.end(), [](const ImageFolder::Item& item) { return item.label < 0; });
    // Some pictures without a class, or one class only: there is nothing to tell apart.
    return std::make_shared<ImageFolder>(std::move(items),
                                         hasUnlabelled ? std::vector<std::string>{} : classes_);
  }

  std::vector<LeftOut>& leftOut_;
  std::map<std::string, std::vector<Place>> parts_;  // by split
  bool hasTrainFolder_ = false;
  bool hasClasses_ = false;
  std::vector<std::string> classes_;  // sorted
  std::map<std::string, Items> items_;
};

// What is there instead of pictures, for the sentence that says that there is none.
std::string instead(const std::vector<LeftOut>& leftOut) {
  constexpr std::size_t kMost = 3;
  std::string text;
  for (std::size_t i = 0; i < leftOut.size() && i < kMost; ++i) {
    text += (i == 0 ? " (" : "; ") + toText(leftOut[i]);
  }
  return text.empty() ? text : text + ")";
}

}  // namespace

Result<RgbImage> ImageFolder::image(std::int64_t index) const {
  return readImage(items_.at(static_cast<std::size_t>(index)).path, exif_);
}

bool ImageFolder::asksForTurn(std::int64_t index) const {
  return barlow::asksForTurn(items_.at(static_cast<std::size_t>(index)).path);
}

ImageFolders openImageFolder(const fs::path& folder, const std::stop_token& stop) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) {
    throw Exception(fmt::format("There is no folder {}; give the folder that holds the images.",
                                folder.string()));
  }
  if (status.type() == fs::file_type::none) {
    throw Exception(fmt::format("Cannot look into {}: {}.", folder.string(), error.message()));
  }
  if (!fs::is_directory(status)) {
    throw Exception(
        fmt::format("{} is {}; give the folder that holds the images.",
                    folder.string(),
                    fs::is_regular_file(status) ? "a file" : "a pipe, a socket or a device"));
  }
  ImageFolders opened;
  // Without a slash at the end, so that paths of images begin with it.
  const fs::path root = folder.has_filename() ? folder : folder.parent_path();
  const FolderTree tree = readFolderTree(root, opened.leftOut, stop);
  if (tree.count > 0) {
    opened.splits = FolderReading(opened.leftOut).read({root, &tree});
  }
  std::sort(opened.leftOut.begin(), opened.leftOut.end(), [](const LeftOut& a, const LeftOut& b) {
    return a.paths < b.paths;
  });
  if (opened.splits.empty()) {
    const std::string cifar = cifarNotBinary(folder);
    throw Exception(
        !cifar.empty()
            ? cifar
            : fmt::format("{} holds no images (JPEG, PNG, WebP, BMP, TIFF, PGM or PPM); give the "
                          "folder that holds them{}.",
                          folder.string(),
                          instead(opened.leftOut)));
  }
  return opened;
}

std::shared_ptr<const ImageFolder> withReadableHeaders(const ImageFolder& images,
                                                       ExifTurn exif,
                                                       std::vector<SampleProblem>& problems,
                                                       const std::stop_token& stop) {
  std::vector<ImageFolder::Item> kept;
  for (const ImageFolder::Item& item : images.items()) {
    throwIfStopped(stop);
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
