#include "core/dataset/pixel_cache.h"

#include "core/base/atomic_file.h"
#include "core/base/system.h"
#include "core/dataset/open_dataset.h"
#include "core/image/decode.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace barlow {
namespace {

namespace fs = std::filesystem;

RgbImage picture(int seed) {
  RgbImage image(30 + seed % 7, 20 + seed % 5);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] =
        static_cast<std::uint8_t>(i * 7 + i / 90 * 13 + static_cast<std::size_t>(seed));
  }
  return image;
}

constexpr int kImages = 12;

// Two classes of pictures of different sizes.
fs::path makeFolder(const TempDir& dir) {
  for (int i = 0; i < kImages; ++i) {
    const fs::path folder = dir.path() / "photos" / (i % 2 == 0 ? "cats" : "dogs");
    fs::create_directories(folder);
    writePng(folder / (std::to_string(100 + i) + ".png"), picture(i));
  }
  return dir / "photos";
}

OpenedDataset open(const TempDir& dir, ImageCache wish = ImageCache::On, CacheRoom room = {}) {
  DataParams params;
  params.source = (dir / "photos").string();
  params.cache = wish;
  room.folder = dir / "cache";
  return openDataset(params, 1, room);
}

std::vector<RgbImage> imagesOf(const OpenedDataset& data) {
  std::vector<RgbImage> images;
  for (const auto& part : {data.train, data.heldOut}) {
    for (std::int64_t i = 0; part && i < part->size(); ++i) {
      images.push_back(part->image(i).value());
    }
  }
  return images;
}

// Overwrites the files with what is no picture, of the same size and time: whoever decodes them
// fails.
void spoilSources(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      const auto time = entry.last_write_time();
      std::fstream file(entry.path(), std::ios::binary | std::ios::in | std::ios::out);
      file.seekp(40);  // behind the header
      file << "spoilt";
      file.close();
      fs::last_write_time(entry.path(), time);
    }
  }
}

std::vector<fs::path> cacheFiles(const TempDir& dir) {
  std::vector<fs::path> files;
  if (fs::exists(dir / "cache")) {
    for (const auto& entry : fs::directory_iterator(dir / "cache")) {
      files.push_back(entry.path());
    }
  }
  return files;
}

TEST(PixelCache, GivesTheSamePixelsWithoutDecodingAgain) {
  const TempDir dir;
  const fs::path folder = makeFolder(dir);
  const auto decoded = imagesOf(open(dir, ImageCache::Off));
  ASSERT_EQ(decoded.size(), static_cast<std::size_t>(kImages));
  EXPECT_TRUE(cacheFiles(dir).empty());
  EXPECT_EQ(imagesOf(open(dir)), decoded);  // decodes and keeps
  spoilSources(folder);
  const OpenedDataset data = open(dir);
  EXPECT_EQ(imagesOf(data), decoded);
  EXPECT_FALSE(data.cache.cache->takeProblem());
  EXPECT_EQ(cacheFiles(dir).size(), 1u);
}

TEST(PixelCache, SaysWhatItTakesAndWhere) {
  const TempDir dir;
  makeFolder(dir);
  const OpenedDataset data = open(dir);
  ASSERT_EQ(cacheFiles(dir).size(), 1u);
  EXPECT_NE(data.cache.text.find(cacheFiles(dir)[0].string()), std::string::npos);
  EXPECT_NE(data.cache.text.find("KiB"), std::string::npos) << data.cache.text;
  EXPECT_TRUE(data.cache.problem.message.empty());
  EXPECT_TRUE(open(dir, ImageCache::Off).cache.text.empty());
}

TEST(PixelCache, AutoLeavesHalfOfMemoryAndDiskFree) {
  const TempDir dir;
  makeFolder(dir);
  std::uint64_t bytes = 0;
  for (int i = 0; i < kImages; ++i) {
    bytes += picture(i).pixels.size();
  }
  const auto isKept = [&](ImageCache wish, std::uint64_t memory, std::uint64_t disk) {
    const auto cache = open(dir, wish, {.memoryBytes = memory, .diskBytes = disk}).cache;
    EXPECT_TRUE(cache.problem.message.empty());
    EXPECT_FALSE(cache.text.empty());
    return cache.cache != nullptr;
  };
  EXPECT_FALSE(isKept(ImageCache::Auto, 2 * bytes - 1, 2 * bytes));
  EXPECT_FALSE(isKept(ImageCache::Auto, 2 * bytes, 2 * bytes - 1));
  EXPECT_FALSE(isKept(ImageCache::On, 2 * bytes, bytes - 1));
  EXPECT_TRUE(cacheFiles(dir).empty()) << "a file that nobody uses";
  EXPECT_TRUE(isKept(ImageCache::Auto, 2 * bytes, 2 * bytes));
  EXPECT_TRUE(isKept(ImageCache::Auto, 0, 0)) << "unknown";
  EXPECT_TRUE(isKept(ImageCache::On, 1, bytes));
}

TEST(PixelCache, CountsOnlyTheImagesThatAreUsed) {
  const TempDir dir;
  makeFolder(dir);
  DataParams params;
  params.source = (dir / "photos").string();
  params.limit = kImages / 3;
  std::uint64_t bytes = 0;
  for (int i = 0; i < kImages; ++i) {
    bytes += picture(i).pixels.size();
  }
  const CacheRoom room{.folder = dir / "cache", .memoryBytes = bytes, .diskBytes = bytes};
  EXPECT_TRUE(openDataset(params, 1, room).cache.cache);
  params.limit = 0;
  EXPECT_FALSE(openDataset(params, 1, room).cache.cache);
}

TEST(PixelCache, AChangedImageIsDecodedAnewAndTheOldFileRemoved) {
  const TempDir dir;
  const fs::path folder = makeFolder(dir);
  imagesOf(open(dir));
  const auto before = cacheFiles(dir);
  const fs::path changed = folder / "cats" / "100.png";
  writePng(changed, picture(77));
  fs::last_write_time(changed, fs::last_write_time(changed) + std::chrono::seconds(1));
  const auto images = imagesOf(open(dir));
  EXPECT_NE(std::find(images.begin(), images.end(), picture(77)), images.end());
  EXPECT_EQ(images, imagesOf(open(dir, ImageCache::Off)));
  const auto after = cacheFiles(dir);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_NE(after, before);
}

TEST(PixelCache, DamageIsNoticedToldOnceAndMended) {
  const TempDir dir;
  makeFolder(dir);
  const auto decoded = imagesOf(open(dir));
  {
    std::fstream file(cacheFiles(dir)[0], std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(-40, std::ios::end);  // in the pixels of the last image
    file << "x";
    file.seekp(3000);
    file << "y";
  }
  const OpenedDataset data = open(dir);
  EXPECT_EQ(imagesOf(data), decoded);
  const auto problem = data.cache.cache->takeProblem();
  ASSERT_TRUE(problem);
  EXPECT_NE(problem->message.find(cacheFiles(dir)[0].string()), std::string::npos);
  EXPECT_FALSE(data.cache.cache->takeProblem());
  const OpenedDataset again = open(dir);
  EXPECT_EQ(imagesOf(again), decoded);
  EXPECT_FALSE(again.cache.cache->takeProblem()) << "it was written anew";
}

TEST(PixelCache, AFileWithAnotherBeginningOrSizeIsMadeAnew) {
  const TempDir dir;
  makeFolder(dir);
  const auto decoded = imagesOf(open(dir));
  const fs::path file = cacheFiles(dir)[0];
  std::fstream(file, std::ios::binary | std::ios::in | std::ios::out) << "something else";
  EXPECT_EQ(imagesOf(open(dir)), decoded);
  EXPECT_EQ(readFileText(file, 1 << 20).substr(0, 6), "barlow");
  fs::resize_file(file, 100);
  EXPECT_EQ(imagesOf(open(dir)), decoded);
  EXPECT_GT(fs::file_size(file), 100u);
}

TEST(PixelCache, AFullDiskCostsOnlyTheCache) {
  const TempDir dir;
  makeFolder(dir);
  const auto decoded = imagesOf(open(dir, ImageCache::Off));
  const OpenedDataset data = open(dir);
  {
    const FileSizeLimit full(8'000);  // a few images fit
    EXPECT_EQ(imagesOf(data), decoded);
  }
  const auto problem = data.cache.cache->takeProblem();
  ASSERT_TRUE(problem);
  EXPECT_NE(problem->message.find("decoded each time"), std::string::npos) << problem->message;
  EXPECT_FALSE(data.cache.cache->takeProblem());
  EXPECT_EQ(imagesOf(data), decoded);
}

TEST(PixelCache, WithoutAPlaceForItTheImagesAreThereAllTheSame) {
  const TempDir dir;
  makeFolder(dir);
  writeFileAtomically(dir / "cache", "a file where a folder should be");
  const OpenedDataset data = open(dir);
  EXPECT_FALSE(data.cache.cache);
  EXPECT_NE(data.cache.problem.message.find((dir / "cache").string()), std::string::npos);
  EXPECT_EQ(imagesOf(data).size(), static_cast<std::size_t>(kImages));
}

TEST(PixelCache, SeveralThreadsAndOpeningsShareIt) {
  const TempDir dir;
  const fs::path folder = makeFolder(dir);
  const auto decoded = imagesOf(open(dir, ImageCache::Off));
  std::vector<std::vector<RgbImage>> seen(4);
  {
    const OpenedDataset shared = open(dir);
    const OpenedDataset other = open(dir);
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < seen.size(); ++t) {
      threads.emplace_back([&, t] { seen[t] = imagesOf(t % 2 == 0 ? shared : other); });
    }
  }
  for (const auto& images : seen) {
    EXPECT_EQ(images, decoded);
  }
  spoilSources(folder);
  EXPECT_EQ(imagesOf(open(dir)), decoded);
}

TEST(PixelCache, AnUnreadableImageStaysOne) {
  const TempDir dir;
  const fs::path folder = makeFolder(dir);
  spoilSources(folder);
  for (int round = 0; round < 2; ++round) {
    const OpenedDataset data = open(dir);
    EXPECT_FALSE(data.train->image(0));
  }
}

}  // namespace
}  // namespace barlow
