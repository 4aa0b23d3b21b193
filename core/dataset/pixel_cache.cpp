#include "core/dataset/pixel_cache.h"

#include "core/base/atomic_file.h"
#include "core/base/check.h"
#include "core/base/sha256.h"
#include "core/image/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// The file: kMagic and the file's name; from the next multiple of 8 on one checksum of 8 bytes for
// every source (0: not there yet); the pixels of every source, each begun at a multiple of
// kAlignment. The number in it changes when the same file shall be decoded to other pixels.
constexpr std::string_view kMagic = "barlow pixels 1\n";
constexpr std::uint64_t kAlignment = 64;
// The name: digits of the SHA-256 of the root, and of all sources.
constexpr std::size_t kRootDigits = 16;
constexpr std::size_t kKeyDigits = 40;
constexpr std::string_view kEnding = ".pixels";
constexpr std::size_t kHeadBytes = kMagic.size() + kRootDigits + 1 + kKeyDigits + kEnding.size();

std::uint64_t aligned(std::uint64_t offset) {
  return (offset + kAlignment - 1) / kAlignment * kAlignment;
}

std::string hashOf(const std::string& text) { return sha256(std::as_bytes(std::span(text))); }

// Another decoder may round differently.
std::string keyOf(const std::vector<PixelCache::Source>& sources) {
  std::string text = decoderName() + "\n";
  for (const PixelCache::Source& source : sources) {
    text += fmt::format("{} {} {} {}x{}{}\n",
                        source.path.string(),
                        source.fileBytes,
                        source.modified,
                        source.size.width,
                        source.size.height,
                        source.exif == ExifTurn::Apply ? " turned" : "");
  }
  return hashOf(text);
}

// Finds damage, not malice. Every step can be undone, so that a change of a single word always
// shows; four words at a time, as a processor multiplies. Never 0.
std::uint64_t checksumOf(std::span<const std::uint8_t> bytes) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
  std::array<std::uint64_t, 4> lanes = {1, 2, 3, bytes.size()};
  const auto mix = [](std::uint64_t lane, std::uint64_t word) {
    return std::rotl(lane ^ word, 29) * kOdd;
  };
  std::array<std::uint64_t, 4> words{};
  for (; bytes.size() >= sizeof words; bytes = bytes.subspan(sizeof words)) {
    std::memcpy(words.data(), bytes.data(), sizeof words);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      lanes[i] = mix(lanes[i], words[i]);
    }
  }
  words = {};
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::uint8_t*>(words.data()));
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    sum = mix(sum, mix(lanes[i], words[i]));
  }
  return std::max<std::uint64_t>(sum, 1);
}

std::uint64_t pixelBytes(const PixelSize& size) {
  return static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height) * 3;
}

std::uint64_t checksumOffset(std::size_t index) { return (kHeadBytes + 7) / 8 * 8 + index * 8; }

bool beginsWith(const MappedFile& file, std::span<const std::byte> head) {
  return std::equal(head.begin(), head.end(), file.bytes().begin());
}

// What an earlier state of the same images has left. Somebody who has it open keeps it.
void removeOthers(const fs::path& file) {
  const std::string root = file.filename().string().substr(0, kRootDigits + 1);
  std::error_code ignored;  // it takes room on the disk, and nothing else
  for (const auto& entry : fs::directory_iterator(file.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(root) && name.ends_with(kEnding) && entry.path() != file) {
      fs::remove(entry.path(), ignored);
    }
  }
}

}  // namespace

std::uint64_t PixelCache::bytesOf(const std::vector<Source>& sources) {
  std::uint64_t bytes = 0;
  for (const Source& source : sources) {
    bytes += pixelBytes(source.size);
  }
  return bytes;
}

fs::path PixelCache::fileFor(const fs::path& folder,
                             const fs::path& root,
                             const std::vector<Source>& sources) {
  return folder / fmt::format("{}-{}{}",
                              hashOf(root.string()).substr(0, kRootDigits),
                              keyOf(sources).substr(0, kKeyDigits),
                              kEnding);
}

PixelCache::PixelCache(fs::path file, const std::vector<Source>& sources) : path_(std::move(file)) {
  const std::string headText = std::string(kMagic) + path_.filename().string();
  BARLOW_CHECK(headText.size() == kHeadBytes) << "not a name of fileFor: " << path_.string();
  std::uint64_t end = aligned(checksumOffset(sources.size()));
  for (const Source& source : sources) {
    places_.push_back({end, source.size});
    end = aligned(end + pixelBytes(source.size));
  }
  makeFolder(path_.parent_path());
  removeOthers(path_);
  const auto head = std::as_bytes(std::span(headText));
  file_ = MappedFile::open(path_, end);
  if (!file_ || !beginsWith(*file_, head)) {
    file_ = MappedFile::create(path_, end, head);
  }
}

std::optional<RgbImage> PixelCache::find(std::size_t index) {
  const Place& place = places_.at(index);
  // Others may be writing at this moment: then the checksum does not fit, or is not there yet.
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, file_->bytes().data() + checksumOffset(index), sizeof checksum);
  if (checksum == 0) {
    return std::nullopt;
  }
  RgbImage image(place.size.width, place.size.height);
  std::memcpy(image.pixels.data(), file_->bytes().data() + place.offset, image.pixels.size());
  if (checksumOf(image.pixels) != checksum) {
    if (!hasDamage_.exchange(true)) {
      tell({fmt::format("Some kept pixels in {} are damaged; these images are decoded again.",
                        path_.string()),
            fmt::format("the first is image {}", index)});
    }
    return std::nullopt;
  }
  return image;
}

void PixelCache::keep(std::size_t index, const RgbImage& image) {
  const Place& place = places_.at(index);
  if (!canWrite_ || PixelSize{image.width, image.height} != place.size) {
    return;
  }
  const std::uint64_t checksum = checksumOf(image.pixels);
  auto problem = file_->write(place.offset, std::as_bytes(std::span(image.pixels)));
  if (!problem) {
    problem = file_->write(checksumOffset(index), std::as_bytes(std::span(&checksum, 1)));
  }
  if (problem && canWrite_.exchange(false)) {
    tell({problem->message + " Images that are not there yet are decoded each time (data.cache).",
          problem->detail});
  }
}

void PixelCache::tell(ErrorInfo problem) {
  const std::lock_guard lock(mutex_);
  if (!problem_) {
    problem_ = std::move(problem);
  }
}

std::optional<ErrorInfo> PixelCache::takeProblem() {
  const std::lock_guard lock(mutex_);
  return std::exchange(problem_, std::nullopt);
}

Result<RgbImage> CachedImages::image(std::int64_t index) const {
  BARLOW_CHECK(index >= 0 && index < size()) << "image " << index;
  const std::size_t place = first_ + static_cast<std::size_t>(index);
  if (auto kept = cache_->find(place)) {
    return std::move(*kept);
  }
  Result<RgbImage> image = images_->image(index);
  if (image) {
    cache_->keep(place, *image);
  }
  return image;
}

}  // namespace barlow
