#include "core/dataset/open_dataset.h"

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/base/sha256.h"
#include "core/base/stopped.h"
#include "core/dataset/cifar.h"
#include "core/dataset/image_folder.h"
#include "core/dataset/source_spec.h"
#include "core/dataset/synthetic_shapes.h"
#include "core/params/config_io.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// A permutation of 0..size-1 (Fisher-Yates).
std::vector<std::int64_t> shuffled(std::int64_t size, Rng rng) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[rng.below(i)]);
  }
  return order;
}

std::string hashOf(const std::string& text) { return sha256(std::as_bytes(std::span(text))); }

// The same wherever the folder lies and wherever links lead.
std::string folderFingerprint(const fs::path& folder,
                              const ImageFolder& images,
                              const std::stop_token& stop) {
  const fs::path root = folder.has_filename() ? folder : folder.parent_path();
  std::string text;
  std::error_code ignored;  // a vanished file changes the fingerprint by its size of -1
  for (const ImageFolder::Item& item : images.items()) {
    throwIfStopped(stop);
    text += fmt::format(
        "{} {}\n", item.path.lexically_relative(root).string(), fs::file_size(item.path, ignored));
  }
  return hashOf(text);
}

// The first so many of the set's own order; a folder's is by class, so it is shuffled (the same way
// for every seed).
std::shared_ptr<const Dataset> limited(std::shared_ptr<const Dataset> whole,
                                       int limit,
                                       bool isSortedByClass) {
  if (limit <= 0 || limit >= whole->size()) {
    return whole;
  }
  std::vector<std::int64_t> indices(static_cast<std::size_t>(whole->size()));
  if (isSortedByClass) {
    indices = shuffled(whole->size(), Rng::keyed(0, {Rng::kSubset}));
  } else {
    std::iota(indices.begin(), indices.end(), 0);
  }
  indices.resize(static_cast<std::size_t>(limit));
  std::sort(indices.begin(), indices.end());
  return std::make_shared<Subset>(std::move(whole), std::move(indices));
}

void holdOut(OpenedDataset& opened, double fraction, std::int64_t seed) {
  const std::int64_t size = opened.train->size();
  const auto count = static_cast<std::int64_t>(static_cast<double>(size) * fraction);
  if (!opened.train->hasLabels() || count < 1 || size - count < 2) {
    return;
  }
  auto order = shuffled(size, Rng::keyed(static_cast<std::uint64_t>(seed), {Rng::kSplit}));
  std::vector<std::int64_t> held(order.begin(), order.begin() + count);
  std::vector<std::int64_t> rest(order.begin() + count, order.end());
  std::sort(held.begin(), held.end());
  std::sort(rest.begin(), rest.end());
  opened.heldOut = std::make_shared<Subset>(opened.train, std::move(held));
  opened.heldOutSplit = "train";
  opened.train = std::make_shared<Subset>(opened.train, std::move(rest));
}

// The split that a labelled folder has for evaluation, or null.
std::shared_ptr<const ImageFolder> ownHeldOut(Splits splits,
                                              const ImageFolders& folders,
                                              ExifTurn exif,
                                              OpenedDataset& opened,
                                              const std::stop_token& stop) {
  for (std::string split = heldOutOf(splits); !split.empty(); split = heldOutOf(splits)) {
    auto held = withReadableHeaders(*folders.splits.at(split), exif, opened.problems, stop);
    if (held->size() > 0) {
      opened.heldOutSplit = split;
      return held;
    }
    splits.erase(split);
  }
  return nullptr;
}

// "train and val"
std::string namesOf(const Splits& splits) {
  std::string names;
  for (const auto& [name, images] : splits) {
    names += (names.empty() ? "" : " and ") + name;
  }
  return names;
}

void requireSplit(const std::string& wanted, const Splits& splits, const std::string& source) {
  if (!wanted.empty() && !splits.contains(wanted)) {
    throw Exception(fmt::format("{} has no images for {} of its own; it has {}.",
                                source,
                                wanted == "val" ? "validation" : wanted,
                                namesOf(splits)));
  }
}

// A split that was asked for, with classes or without.
std::shared_ptr<const ImageFolder> wantedPart(const std::string& wanted,
                                              const ImageFolders& folders,
                                              const DataParams& params,
                                              OpenedDataset& opened,
                                              const std::stop_token& stop) {
  if (wanted == "train") {
    return nullptr;
  }
  auto part = withReadableHeaders(*folders.splits.at(wanted), params.exif, opened.problems, stop);
  if (part->size() == 0) {
    throw Exception(
        fmt::format("None of the images for {} in {} can be read; `barlow data check` "
                    "says why for each.",
                    wanted,
                    params.source));
  }
  opened.heldOutSplit = wanted;
  return part;
}

OpenedDataset openFolder(const fs::path& folder,
                         const DataParams& params,
                         std::int64_t seed,
                         const CacheRoom& room,
                         const std::stop_token& stop,
                         const std::string& wanted) {
  OpenedDataset opened;
  const ImageFolders folders = openImageFolder(folder, stop);
  opened.leftOut = folders.leftOut;
  if (!folders.splits.contains("train")) {
    throw Exception(
        fmt::format("{} holds images for validation and test only, none to train on; give the "
                    "folder of training images, or the one inside that holds the images to be "
                    "trained on.",
                    folder.string()));
  }
  Splits splits(folders.splits.begin(), folders.splits.end());
  requireSplit(wanted, splits, params.source);
  const auto train =
      withReadableHeaders(*folders.splits.at("train"), params.exif, opened.problems, stop);
  if (train->size() == 0) {
    throw Exception(fmt::format(
        "{} holds no usable image: {} of {} cannot be read; `barlow data check` says why.",
        folder.string(),
        opened.problems.size(),
        opened.problems.size()));
  }
  opened.fingerprint = folderFingerprint(folder, *train, stop);
  const auto heldOut = wanted.empty() ? ownHeldOut(splits, folders, params.exif, opened, stop)
                                      : wantedPart(wanted, folders, params, opened, stop);
  if (heldOut) {
    opened.heldOutFingerprint = folderFingerprint(folder, *heldOut, stop);
  }
  splits["train"] = train;
  if (heldOut) {
    splits[opened.heldOutSplit] = heldOut;
  }
  opened.splits = usesOf(splits, opened.heldOutSplit);
  std::vector<std::shared_ptr<const ImageFolder>> parts = {train};
  if (heldOut) {
    parts.push_back(heldOut);
  }
  opened.train = train;
  opened.heldOut = heldOut;
  const double share = params.limit > 0
                           ? static_cast<double>(params.limit) / static_cast<double>(train->size())
                           : 1.0;
  opened.cache = chooseCache(params.cache, room, folder, parts, std::min(share, 1.0), stop);
  if (const auto& cache = opened.cache.cache) {
    opened.train = std::make_shared<CachedImages>(train, cache, 0);
    if (heldOut) {
      opened.heldOut =
          std::make_shared<CachedImages>(heldOut, cache, static_cast<std::size_t>(train->size()));
    }
  }
  opened.train = limited(opened.train, params.limit, true);
  if (!opened.heldOut && wanted.empty()) {
    holdOut(opened, params.validationFraction, seed);
  }
  return opened;
}

Splits splitsOf(std::shared_ptr<const Dataset> train, std::shared_ptr<const Dataset> test) {
  Splits splits = {{"train", std::move(train)}};
  if (test) {
    splits["test"] = std::move(test);
  }
  return splits;
}

OpenedDataset openCifarSource(CifarKind kind,
                              const fs::path& folder,
                              const DataParams& params,
                              std::int64_t seed,
                              const std::string& wanted) {
  const CifarSplits splits = openCifar(kind, folder);
  OpenedDataset opened;
  opened.fingerprint = splits.train->fingerprint();
  const Splits parts = splitsOf(splits.train, splits.test);
  requireSplit(wanted, parts, params.source);
  opened.splits = usesOf(parts, "test");
  opened.train = limited(splits.train, params.limit, false);
  if (splits.test && wanted != "train") {
    opened.heldOut = splits.test;
    opened.heldOutSplit = "test";
    opened.heldOutFingerprint = splits.test->fingerprint();
  } else if (wanted.empty()) {
    holdOut(opened, params.validationFraction, seed);
  }
  return opened;
}

// Whatever it is; also where it may not be looked at, which is said when it is opened.
bool isThere(const fs::path& path) {
  std::error_code error;
  return fs::status(path, error).type() != fs::file_type::not_found;
}

// A link's ".." leads elsewhere than its text, so only such paths are resolved.
fs::path absoluteFolder(const fs::path& folder) {
  std::error_code error;
  fs::path path = fs::absolute(folder, error);
  const bool climbs = std::find(path.begin(), path.end(), "..") != path.end();
  if (climbs) {
    if (const fs::path real = fs::canonical(path, error); !error) {
      path = real;
    }
  }
  path = path.lexically_normal();
  return path.has_filename() || path == path.root_path() ? path : path.parent_path();
}

}  // namespace

std::string absoluteSource(const std::string& source) {
  const SourceSpec spec = parseSource(source);
  if (spec.folder.empty()) {
    return source;
  }
  const std::string folder = absoluteFolder(spec.folder).string();
  return spec.kind == SourceSpec::Kind::Folder ? folder
                                               : source.substr(0, source.find(':') + 1) + folder;
}

std::string heldOutOf(const Splits& splits) {
  const auto train = splits.find("train");
  for (const char* split : {"test", "val"}) {
    const auto found = splits.find(split);
    if (found != splits.end() && found->second->hasLabels() && train != splits.end() &&
        train->second->hasLabels()) {
      return split;
    }
  }
  return "";
}

std::vector<SplitUse> usesOf(const Splits& splits, const std::string& heldOut) {
  std::vector<SplitUse> uses;
  for (const char* split : {"train", "val", "test"}) {
    const auto found = splits.find(split);
    if (found == splits.end()) {
      continue;
    }
    const auto train = splits.find("train");
    const bool areClasses = train != splits.end() && train->second->hasLabels();
    uses.push_back({.split = split,
                    .images = found->second->size(),
                    .use = split == std::string("train") ? "trained on"
                           : split == heldOut            ? "held out for evaluation"
                           : !areClasses ? "not used: training images have no classes to tell apart"
                           : !found->second->hasLabels() ? "not used: its images have no classes"
                           : heldOut.empty() ? "not used: none of its images can be read"
                                             : "not used: evaluation takes " + heldOut});
  }
  return uses;
}

SourceSpec parseSource(const std::string& source) {
  using Kind = SourceSpec::Kind;
  if (isGenerated(source)) {
    const std::string edition =
        source.substr(std::min(source.size(), std::string("shapes:").size()));
    if (edition != "" && edition != "1" && edition != "2") {
      throw Exception(fmt::format(
          "There is no set of shapes '{}'; there are shapes:1 and shapes:2, which is shapes.",
          edition));
    }
    return {.kind = Kind::Shapes, .folder = {}, .edition = edition == "1" ? 1 : 2};
  }
  const std::size_t colon = source.find(':');
  const std::string scheme = source.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : source.substr(colon + 1);
  if (scheme == "cifar10" || scheme == "cifar100") {
    // A folder of that name wins over a set that would have to be looked for.
    if (colon != std::string::npos || !isThere(source)) {
      return {scheme == "cifar10" ? Kind::Cifar10 : Kind::Cifar100, rest};
    }
  }
  if (!isThere(source)) {
    const std::string near = nearestName(scheme, {"shapes", "cifar10", "cifar100"});
    throw Exception(fmt::format(
        "There is no folder {}{}; data is shapes, cifar10:DIR, cifar100:DIR or a folder of images.",
        source,
        near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near)));
  }
  return {Kind::Folder, source};
}

namespace {

OpenedDataset openSource(const DataParams& params,
                         std::int64_t seed,
                         const CacheRoom& room,
                         const std::stop_token& stop,
                         const std::string& wanted) {
  const SourceSpec spec = parseSource(params.source);
  switch (spec.kind) {
    case SourceSpec::Kind::Cifar10:
      return openCifarSource(CifarKind::Cifar10, spec.folder, params, seed, wanted);
    case SourceSpec::Kind::Cifar100:
      return openCifarSource(CifarKind::Cifar100, spec.folder, params, seed, wanted);
    case SourceSpec::Kind::Folder:
      return openFolder(spec.folder, params, seed, room, stop, wanted);
    case SourceSpec::Kind::Shapes:
      break;
  }
  OpenedDataset opened;
  const auto edition = static_cast<SyntheticShapes::Edition>(spec.edition);
  auto whole = std::make_shared<SyntheticShapes>(SyntheticShapes::Part::Train, edition);
  opened.train = limited(whole, params.limit, false);
  const auto test = std::make_shared<SyntheticShapes>(SyntheticShapes::Part::Test, edition);
  const Splits parts = splitsOf(whole, test);
  requireSplit(wanted, parts, params.source);
  opened.splits = usesOf(parts, "test");
  if (wanted != "train") {
    opened.heldOut = test;
    opened.heldOutSplit = "test";
    opened.heldOutFingerprint = hashOf(fmt::format("shapes {} test", spec.edition));
  }
  opened.fingerprint = hashOf(fmt::format("shapes {}", spec.edition));
  return opened;
}

// How much of the training images is trained on, where that is not all.
void tellParts(OpenedDataset& opened) {
  for (SplitUse& split : opened.splits) {
    if (split.split == "train" && opened.train->size() < split.images) {
      split.use = fmt::format("{} trained on", opened.train->size());
      if (opened.heldOut && opened.heldOutSplit == "train") {
        split.use += fmt::format(", {} held out for evaluation", opened.heldOut->size());
      }
    }
  }
}

}  // namespace

OpenedDataset openDataset(const DataParams& params,
                          std::int64_t seed,
                          const CacheRoom& room,
                          const std::stop_token& stop,
                          const std::string& wanted) {
  OpenedDataset opened = openSource(params, seed, room, stop, wanted);
  tellParts(opened);
  return opened;
}

}  // namespace barlow
