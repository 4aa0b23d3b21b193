#include "core/dataset/cifar.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/system.h"

#include <fmt/format.h>

#include <algorithm>

namespace barlow {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSide = 32;
constexpr std::size_t kPlane = kSide * kSide;
constexpr std::uint64_t kMaxFileBytes = 1ull << 30;
constexpr std::uint64_t kMaxNamesBytes = 1 << 16;

struct Layout {
  const char* title;
  const char* key;           // of the SPEC, and the folder below the user's data
  const char* officialName;  // of the unpacked archive
  std::size_t labelBytes;
  int classes;
  std::vector<std::string> trainFiles;
  std::string testFile;
  std::string namesFile;
  const char* binaryArchive;
  const char* pythonArchive;
  const char* pythonFolder;
  std::vector<std::string> pythonFiles;  // what tells it from other data
};

Layout layoutOf(CifarKind kind) {
  if (kind == CifarKind::Cifar10) {
    return {"CIFAR-10",
            "cifar10",
            "cifar-10-batches-bin",
            1,
            10,
            {"data_batch_1.bin",
             "data_batch_2.bin",
             "data_batch_3.bin",
             "data_batch_4.bin",
             "data_batch_5.bin"},
            "test_batch.bin",
            "batches.meta.txt",
            "cifar-10-binary.tar.gz",
            "cifar-10-python.tar.gz",
            "cifar-10-batches-py",
            {"data_batch_1", "batches.meta"}};
  }
  return {"CIFAR-100",
          "cifar100",
          "cifar-100-binary",
          2,
          100,
          {"train.bin"},
          "test.bin",
          "fine_label_names.txt",
          "cifar-100-binary.tar.gz",
          "cifar-100-python.tar.gz",
          "cifar-100-python",
          {"train", "meta"}};
}

bool isFile(const fs::path& path) {
  std::error_code error;  // what cannot be looked at is not there for us
  return fs::is_regular_file(path, error);
}

std::vector<std::string> readNames(const fs::path& path, int classes) {
  std::vector<std::string> names;
  if (isFile(path)) {
    const std::string text = readFileText(path, kMaxNamesBytes);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      std::string name = text.substr(begin, end - begin);
      name.erase(std::remove(name.begin(), name.end(), '\r'), name.end());
      if (!name.empty()) {
        names.push_back(std::move(name));
      }
      begin = end + 1;
    }
  }
  if (names.size() !=
      static_cast<std::size_t>(classes)) {  // the names are an ornament: numbers do as well
    names.clear();
    for (int i = 0; i < classes; ++i) {
      names.push_back(std::to_string(i));
    }
  }
  return names;
}

fs::path findFolder(const Layout& layout, const fs::path& given) {
  const fs::path folder = given.empty() ? userDataFolder() / "data" / layout.key : given;
  for (const fs::path& candidate : {folder, folder / layout.officialName}) {
    if (isFile(candidate / layout.trainFiles.front())) {
      return candidate;
    }
  }
  if (given.empty()) {
    throw Exception(
        fmt::format("{} is not in {}; name the folder with its .bin files, as in {}:DIR.",
                    layout.title,
                    folder.string(),
                    layout.key));
  }
  if (const std::string other = cifarNotBinary(folder); !other.empty()) {
    throw Exception(other);
  }
  throw Exception(fmt::format("{} holds no {} in the binary layout: {} is missing.",
                              folder.string(),
                              layout.title,
                              layout.trainFiles.front()));
}

}  // namespace

Cifar::Cifar(CifarKind kind,
             const std::vector<fs::path>& files,
             std::vector<std::string> classNames)
    : classNames_(std::move(classNames)) {
  std::string hashes;
  for (const fs::path& file : files) {
    load(kind, file);
    hashes += sha256OfFile(file);
  }
  fingerprint_ = sha256(std::as_bytes(std::span(hashes)));
}

void Cifar::load(CifarKind kind, const fs::path& file) {
  const Layout layout = layoutOf(kind);
  const std::vector<std::byte> bytes = readFileBytes(file, kMaxFileBytes);
  const std::size_t record = layout.labelBytes + 3 * kPlane;
  if (bytes.empty() || bytes.size() % record != 0) {
    throw Exception(
        fmt::format("{} has {} bytes, which is no whole number of {}-byte records: it is damaged "
                    "or no {} file.",
                    file.string(),
                    bytes.size(),
                    record,
                    layout.title));
  }
  files_.emplace_back(file.filename().string(), size());
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  for (std::size_t at = 0; at < bytes.size(); at += record) {
    const int label = data[at + layout.labelBytes - 1];
    if (label >= layout.classes) {
      throw Exception(fmt::format("Record {} of {} has the label {}; {} has 0 to {}.",
                                  at / record,
                                  file.string(),
                                  label,
                                  layout.title,
                                  layout.classes - 1));
    }
    labels_.push_back(label);
    planes_.insert(planes_.end(), data + at + layout.labelBytes, data + at + record);
  }
}

Result<RgbImage> Cifar::image(std::int64_t index) const {
  RgbImage image(kSide, kSide);
  const std::uint8_t* planes = planes_.data() + static_cast<std::size_t>(index) * 3 * kPlane;
  for (std::size_t i = 0; i < kPlane; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      image.pixels[3 * i + c] = planes[c * kPlane + i];
    }
  }
  return image;
}

std::string Cifar::name(std::int64_t index) const {
  auto file = files_.rbegin();
  while (file->second > index) {
    ++file;
  }
  return fmt::format("record {} of {}", index - file->second, file->first);
}

bool holdsCifar(CifarKind kind, const fs::path& given) {
  const Layout layout = layoutOf(kind);
  const auto isHere = [&](const fs::path& folder) {
    return isFile(folder / layout.trainFiles.front()) &&
           isFile(folder /
                  (kind == CifarKind::Cifar10 ? layout.trainFiles.back() : layout.testFile));
  };
  return isHere(given) || isHere(given / layout.officialName);
}

std::string cifarNotBinary(const fs::path& given) {
  for (const CifarKind kind : {CifarKind::Cifar10, CifarKind::Cifar100}) {
    const Layout layout = layoutOf(kind);
    const std::string name = given.filename().string();
    const bool isArchive = name == layout.binaryArchive || name == layout.pythonArchive;
    const fs::path folder = isArchive ? given.parent_path() : given;
    for (const fs::path& candidate : {folder, folder / layout.pythonFolder}) {
      const bool isPickled = std::all_of(
          layout.pythonFiles.begin(), layout.pythonFiles.end(), [&](const std::string& file) {
            return isFile(candidate / file);
          });
      if (isPickled || isFile(candidate / layout.pythonArchive)) {
        return fmt::format(
            "{} holds {} in the version for Python, which is not read; unpack the binary version, "
            "{}, and give its folder as {}:DIR.",
            candidate.string(),
            layout.title,
            layout.binaryArchive,
            layout.key);
      }
    }
    if (isFile(folder / layout.binaryArchive)) {
      return fmt::format(
          "{} is not unpacked; unpack it and give the folder of its files as {}:DIR.",
          (folder / layout.binaryArchive).string(),
          layout.key);
    }
  }
  return "";
}

CifarSplits openCifar(CifarKind kind, const fs::path& given) {
  const Layout layout = layoutOf(kind);
  const fs::path folder = findFolder(layout, given);
  const auto names = readNames(folder / layout.namesFile, layout.classes);
  std::vector<fs::path> files;
  for (const std::string& file : layout.trainFiles) {
    if (!isFile(folder / file)) {
      throw Exception(fmt::format("{} is missing in {}.", file, folder.string()));
    }
    files.push_back(folder / file);
  }
  CifarSplits splits;
  splits.train = std::make_shared<Cifar>(kind, files, names);
  if (isFile(folder / layout.testFile)) {
    splits.test = std::make_shared<Cifar>(kind, std::vector{folder / layout.testFile}, names);
  }
  return splits;
}

}  // namespace barlow
