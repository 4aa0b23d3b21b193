#include "core/dataset/open_dataset.h"
#include "core/image/decode.h"
#include "tests/support/temp_dir.h"
#include "tests/support/turned_png.h"

#include <gtest/gtest.h>

// Issue 16, p10: data.exif turns pictures as their EXIF data ask, everywhere and in the cache.

namespace barlow {
namespace {

namespace fs = std::filesystem;

// A PNG of 6 x 4 pixels whose EXIF data ask for `orientation`; 0: it has none.
void addPicture(const fs::path& path, int orientation, int level) {
  fs::create_directories(path.parent_path());
  RgbImage image(6, 4);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(i + static_cast<std::size_t>(level));
  }
  if (orientation == 0) {
    writePng(path, image);
  } else {
    writeTurnedPng(path, image, orientation);
  }
}

OpenedDataset open(const TempDir& dir, ExifTurn exif) {
  DataParams params;
  params.source = (dir / "photos").string();
  params.exif = exif;
  params.cache = ImageCache::On;
  return openDataset(params, 1, {.folder = dir / "cache"});
}

TEST(ExifTurn, IsTakenOnlyWhereAskedAndAlsoWithACache) {
  const TempDir dir;
  addPicture(dir.path() / "photos" / "0.png", 0, 10);
  addPicture(dir.path() / "photos" / "1.png", 3, 20);
  addPicture(dir.path() / "photos" / "2.png", 6, 30);
  for (int pass = 0; pass < 2; ++pass) {  // decoded, and kept
    const OpenedDataset stored = open(dir, ExifTurn::Ignore);
    ASSERT_TRUE(stored.cache.cache);
    EXPECT_EQ(stored.train->image(1)->pixels[0], 20);
    EXPECT_EQ(stored.train->image(2)->width, 6);
    EXPECT_EQ(stored.train->knownSize(2), (PixelSize{6, 4}));
  }
  for (int pass = 0; pass < 2; ++pass) {
    const OpenedDataset turned = open(dir, ExifTurn::Apply);
    ASSERT_TRUE(turned.cache.cache);
    EXPECT_EQ(turned.train->image(0)->pixels[0], 10);
    EXPECT_EQ(turned.train->image(1)->pixels[0], 20 + 3 * 23);  // upside down
    EXPECT_EQ(turned.train->image(2)->width, 4);
    EXPECT_EQ(turned.train->image(2)->pixels[0], 30 + 3 * 18);  // the lower left corner
    EXPECT_EQ(turned.train->knownSize(2), (PixelSize{4, 6}));
  }
  EXPECT_EQ(open(dir, ExifTurn::Ignore).train->image(1)->pixels[0], 20);
  EXPECT_EQ(open(dir, ExifTurn::Ignore).fingerprint, open(dir, ExifTurn::Apply).fingerprint);
}

TEST(ExifTurn, IsCountedInTheScan) {
  const TempDir dir;
  for (int i = 0; i < 4; ++i) {
    addPicture(dir.path() / "photos" / (std::to_string(i) + ".png"), i, 10 * i);
  }
  const ScanReport report =
      scanDataset((dir / "photos").string(), [](std::int64_t, std::int64_t) {}, {});
  EXPECT_EQ(report.images, 4);
  EXPECT_EQ(report.turned, 2);  // 0 and 1 ask for nothing
  EXPECT_EQ(report.maxSize, (PixelSize{6, 4}));
}

// p17: what counts as a picture by its name, in one place.
TEST(PictureEndings, OfAFolder) {
  const TempDir dir;
  addPicture(dir.path() / "photos" / "0.png", 0, 0);
  const std::string gray = "P5 1 1 255 x";
  for (const char* name : {"a.JPE", "b.jfif", "c.tif", "d.TIFF", "e.ppm", "f.pgm", "g.pnm"}) {
    writeFileAtomically(dir.path() / "photos" / name, std::as_bytes(std::span(gray)));
  }
  EXPECT_EQ(open(dir, ExifTurn::Ignore).train->size(), 8);  // content decides what it is
}

}  // namespace
}  // namespace barlow
