#include "core/dataset/mask_folder.h"

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/dataset/folder_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <span>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using Items = std::vector<MaskedImages::Item>;

constexpr const char* kLayout =
    "the folders images and masks, in which a picture and its mask have the same name "
    "(a.jpg and a.png)";

const FolderTree* childOf(const FolderTree& tree, std::string_view name) {
  const auto found =
      std::find_if(tree.folders.begin(), tree.folders.end(), [&](const FolderTree& folder) {
        return lowerCase(folder.name) == name;
      });
  return found == tree.folders.end() ? nullptr : &*found;
}

bool hasPairs(const FolderTree& tree) { return childOf(tree, "images") && childOf(tree, "masks"); }

// Files below a folder by their path in it without the ending.
void collect(const FolderTree& tree,
             const fs::path& place,
             const fs::path& inside,
             std::multimap<std::string, fs::path>& files) {
  for (const std::string& picture : tree.pictures) {
    files.emplace((inside / fs::path(picture).stem()).string(), place / picture);
  }
  for (const FolderTree& folder : tree.folders) {
    collect(folder, place / folder.name, inside / folder.name, files);
  }
}

std::multimap<std::string, fs::path> filesOf(const FolderTree& tree, const fs::path& place) {
  std::multimap<std::string, fs::path> files;
  collect(tree, place / tree.name, {}, files);
  return files;
}

Items pairsOf(const FolderTree& tree, const fs::path& place, std::vector<std::string>& notes) {
  std::multimap<std::string, fs::path> masks = filesOf(*childOf(tree, "masks"), place);
  std::erase_if(masks, [](const auto& mask) {
    return lowerCase(mask.second.extension().string()) != ".png";
  });
  Items pairs;
  std::vector<fs::path> alone;
  for (const auto& [name, image] : filesOf(*childOf(tree, "images"), place)) {
    const auto mask = masks.find(name);
    if (mask == masks.end()) {
      alone.push_back(image);
    } else {
      pairs.push_back({image, mask->second});
    }
  }
  if (pairs.empty()) {
    throw Exception(
        fmt::format("No picture in {} has a mask: there must be {}, and a mask is a PNG.",
                    place.string(),
                    kLayout));
  }
  if (!alone.empty()) {
    notes.push_back(fmt::format("{} pictures of {} have no mask and are left out, such as {}.",
                                alone.size(),
                                place.string(),
                                alone.front().string()));
  }
  return pairs;
}

std::string fingerprintOf(const Items& items, const fs::path& root) {
  std::string text;
  std::error_code ignored;  // a vanished file changes the fingerprint by its size of -1
  for (const MaskedImages::Item& item : items) {
    for (const fs::path& file : {item.image, item.mask}) {
      text += fmt::format(
          "{} {}\n", file.lexically_relative(root).string(), fs::file_size(file, ignored));
    }
  }
  return sha256(std::as_bytes(std::span(text)));
}

// Every fifth of `all`, at least one.
Items takeFifth(Items& all, std::int64_t seed) {
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), 0);
  order = drawSome(std::move(order),
                   std::max<std::size_t>(1, all.size() / 5),
                   Rng::keyed(static_cast<std::uint64_t>(seed), {Rng::kSplit}));
  std::sort(order.begin(), order.end());
  Items held;
  Items rest;
  for (std::size_t i = 0; i < all.size(); ++i) {
    (std::binary_search(order.begin(), order.end(), i) ? held : rest).push_back(all[i]);
  }
  all = std::move(rest);
  return held;
}

// The pairs of every split that the folder has; "train" where it has none.
std::map<std::string, Items> splitsOf(const FolderTree& tree,
                                      const fs::path& place,
                                      std::vector<std::string>& notes) {
  std::map<std::string, Items> splits;
  for (const FolderTree& folder : tree.folders) {
    const std::string split = splitOf(folder.name);
    if (!split.empty() && hasPairs(folder)) {
      const Items pairs = pairsOf(folder, place / folder.name, notes);
      splits[split].insert(splits[split].end(), pairs.begin(), pairs.end());
    }
  }
  if (splits.empty() && hasPairs(tree)) {
    splits["train"] = pairsOf(tree, place, notes);
  }
  return splits;
}

}  // namespace

Result<PixelClasses> MaskedImages::mask(std::int64_t index, const PixelSize& size) const {
  Result<PixelClasses> mask = readMask(at(index).mask);
  if (!mask) {
    return ErrorInfo{
        fmt::format(
            "its mask {} cannot be used: {}", at(index).mask.string(), mask.error().message),
        ""};
  }
  if (mask->width != size.width || mask->height != size.height) {
    return ErrorInfo{fmt::format("its mask {} is {} x {}, and it is {} x {}",
                                 at(index).mask.string(),
                                 mask->width,
                                 mask->height,
                                 size.width,
                                 size.height),
                     ""};
  }
  return mask;
}

MaskFolder openMaskFolder(const fs::path& folder,
                          ExifTurn exif,
                          std::int64_t seed,
                          const std::string& wanted,
                          const std::stop_token& stop) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw Exception(fmt::format("There is no folder {}; pictures and masks are a folder with {}.",
                                folder.string(),
                                kLayout));
  }
  std::vector<LeftOut> leftOut;
  FolderTree tree = readFolderTree(folder, leftOut, stop);
  fs::path place = folder;
  while (tree.folders.size() == 1 && splitOf(tree.folders.front().name).empty()) {
    place /= tree.folders.front().name;
    tree = FolderTree(std::move(tree.folders.front()));
  }
  MaskFolder opened;
  std::map<std::string, Items> splits = splitsOf(tree, place, opened.notes);
  if (!splits.contains("train")) {
    throw Exception(
        fmt::format("{} has no masks to learn from: there must be {}, or both of them in "
                    "each of the folders train and test.",
                    folder.string(),
                    kLayout));
  }
  if (!wanted.empty() && !splits.contains(wanted)) {
    throw Exception(fmt::format("{} has no images and masks for {} of its own.",
                                folder.string(),
                                wanted == "val" ? "validation" : wanted));
  }
  opened.heldOutSplit = !wanted.empty()           ? wanted
                        : splits.contains("test") ? "test"
                        : splits.contains("val")  ? "val"
                                                  : "train";
  Items train = splits["train"];
  if (opened.heldOutSplit == "train" && train.size() < 2) {
    throw Exception(fmt::format("{} has one picture with a mask: there is nothing to judge by.",
                                folder.string()));
  }
  const Items heldOut =
      opened.heldOutSplit == "train" ? takeFifth(train, seed) : splits[opened.heldOutSplit];
  opened.fingerprint = fingerprintOf(train, folder) + fingerprintOf(heldOut, folder);
  opened.fingerprint = sha256(std::as_bytes(std::span(opened.fingerprint)));
  opened.train = std::make_shared<MaskedImages>(std::move(train), exif);
  opened.heldOut = std::make_shared<MaskedImages>(heldOut, exif);
  return opened;
}

}  // namespace barlow
