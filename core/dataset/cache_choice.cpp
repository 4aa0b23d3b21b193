#include "core/dataset/cache_choice.h"

#include "core/base/stopped.h"
#include "core/base/system.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace barlow {
namespace {

namespace fs = std::filesystem;

std::vector<PixelCache::Source> sourcesOf(
    const std::vector<std::shared_ptr<const ImageFolder>>& parts, const std::stop_token& stop) {
  std::vector<PixelCache::Source> sources;
  std::error_code ignored;  // a vanished file has a size of -1: it is another source than before
  for (const auto& part : parts) {
    for (const ImageFolder::Item& item : part->items()) {
      throwIfStopped(stop);
      sources.push_back(
          {.path = fs::absolute(item.path, ignored),
           .fileBytes = fs::file_size(item.path, ignored),
           .modified = fs::last_write_time(item.path, ignored).time_since_epoch().count(),
           .size = item.size,
           .exif = part->exif()});
    }
  }
  return sources;
}

// Why they are not kept; empty where they can be.
std::string obstacle(ImageCache wish, const CacheRoom& room, std::uint64_t bytes) {
  const std::uint64_t share = wish == ImageCache::Auto ? 2 : 1;
  if (room.diskBytes > 0 && bytes > room.diskBytes / share) {
    return fmt::format("{} of disk are free for them", formatBytes(room.diskBytes / share));
  }
  if (wish == ImageCache::Auto && room.memoryBytes > 0 && bytes > room.memoryBytes / share) {
    return fmt::format("{} of memory are free for them (data.cache=on keeps them anyway)",
                       formatBytes(room.memoryBytes / share));
  }
  return "";
}

}  // namespace

CacheChoice chooseCache(ImageCache wish,
                        const CacheRoom& room,
                        const fs::path& root,
                        const std::vector<std::shared_ptr<const ImageFolder>>& parts,
                        double share,
                        const std::stop_token& stop) {
  CacheChoice choice;
  if (wish == ImageCache::Off || room.folder.empty()) {
    return choice;
  }
  const std::vector<PixelCache::Source> sources = sourcesOf(parts, stop);
  const auto bytes =
      static_cast<std::uint64_t>(static_cast<double>(PixelCache::bytesOf(sources)) * share);
  const fs::path file = PixelCache::fileFor(room.folder, fs::absolute(root), sources);
  CacheRoom left = room;
  if (left.diskBytes > 0) {
    left.diskBytes += std::min(bytes, storedBytes(file));  // what is there already
  }
  if (const std::string reason = obstacle(wish, left, bytes); !reason.empty()) {
    choice.text = fmt::format(
        "the decoded images are not kept: they would take {}, {}", formatBytes(bytes), reason);
    return choice;
  }
  try {
    choice.cache = std::make_shared<PixelCache>(file, sources);
    choice.text = fmt::format("the decoded images are kept in {}: {} of disk (data.cache)",
                              file.string(),
                              formatBytes(bytes));
  } catch (const Exception& error) {
    choice.problem = {error.info().message + " The run goes on without keeping decoded images.",
                      error.info().detail};
  }
  return choice;
}

}  // namespace barlow
