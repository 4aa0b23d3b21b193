#include "core/dataset/open_dataset.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/stopped.h"
#include "core/dataset/folder_tree.h"
#include "core/dataset/image_folder.h"
#include "core/image/decode.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace barlow {
namespace {

namespace fs = std::filesystem;

void addImages(const fs::path& folder, int count, int level = 0) {
  fs::create_directories(folder);
  for (int i = 0; i < count; ++i) {
    RgbImage image(12 + i, 10);
    std::fill(image.pixels.begin(), image.pixels.end(), static_cast<std::uint8_t>(level + i));
    writePng(folder / (std::to_string(i) + ".png"), image);
  }
}

OpenedDataset open(const fs::path& source, int limit = 0) {
  DataParams params;
  params.source = source.string();
  params.limit = limit;
  return openDataset(params, 1);
}

std::string failureOf(const std::string& source) {
  return messageOf([&] { open(source); });
}

TEST(ImageFolder, TakesClassesFromSubfoldersAndHoldsSomeOut) {
  const TempDir dir;
  addImages(dir / "cats", 20);
  addImages(dir / "dogs", 20, 100);
  const OpenedDataset data = open(dir.path());
  EXPECT_EQ(data.train->classNames(), (std::vector<std::string>{"cats", "dogs"}));
  EXPECT_EQ(data.train->size(), 36);
  ASSERT_TRUE(data.heldOut);
  EXPECT_EQ(data.heldOut->size(), 4);
  EXPECT_EQ(data.heldOutSplit, "train");
  std::set<std::string> names;
  for (std::int64_t i = 0; i < 36; ++i) {
    names.insert(data.train->name(i));
    EXPECT_EQ(data.train->label(i), data.train->name(i).find("dogs") != std::string::npos ? 1 : 0);
  }
  for (std::int64_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(names.insert(data.heldOut->name(i)).second)
        << "an image is trained on and held out";
  }
}

TEST(ImageFolder, RecognisesSplits) {
  const TempDir dir;
  for (const char* split : {"train", "validation", "test"}) {
    addImages(dir.path() / split / "a", 5);
    addImages(dir.path() / split / "b", 5);
  }
  const OpenedDataset data = open(dir.path());
  EXPECT_EQ(data.train->size(), 10);
  EXPECT_EQ(data.heldOut->size(), 10);
  EXPECT_EQ(data.heldOutSplit, "test");
}

TEST(ImageFolder, GivesTheSplitThatIsAskedForWithClassesOrWithout) {
  const TempDir dir;
  addImages(dir / "train", 6);
  addImages(dir / "val", 3);
  addImages(dir / "test", 4);
  const auto opened = [&](const std::string& wanted) {
    DataParams params;
    params.source = dir.path().string();
    return openDataset(params, 1, {}, {}, wanted);
  };
  EXPECT_FALSE(opened("").heldOut) << "none of them has classes";
  EXPECT_FALSE(opened("train").heldOut);
  EXPECT_EQ(opened("val").heldOut->size(), 3);
  EXPECT_EQ(opened("val").heldOutSplit, "val");
  const OpenedDataset test = opened("test");
  EXPECT_EQ(test.heldOut->size(), 4);
  EXPECT_EQ(test.train->size(), 6);
  EXPECT_EQ(test.fingerprint, opened("val").fingerprint) << "of what is trained on";
  EXPECT_NE(test.heldOutFingerprint, opened("val").heldOutFingerprint);
  fs::remove_all(dir / "test");
  const std::string message = messageOf([&] { opened("test"); });
  EXPECT_NE(message.find("no images for test of its own; it has train and val"), std::string::npos)
      << message;
}

TEST(ImageFolder, HoldsNothingOutWhereAllTrainingImagesAreAskedFor) {
  const TempDir dir;
  addImages(dir / "cats", 20);
  addImages(dir / "dogs", 20, 100);
  DataParams params;
  params.source = dir.path().string();
  const OpenedDataset all = openDataset(params, 1, {}, {}, "train");
  EXPECT_EQ(all.train->size(), 40);
  EXPECT_FALSE(all.heldOut);
}

TEST(ImageFolder, WorksWithoutClassesAndWithOne) {
  const TempDir dir;
  addImages(dir / "flat", 6);
  EXPECT_EQ(open(dir / "flat").train->size(), 6);
  EXPECT_FALSE(open(dir / "flat").heldOut);
  addImages(fs::path(dir / "one") / "only", 6);
  EXPECT_EQ(open(dir / "one").train->size(), 6);
  EXPECT_FALSE(open(dir / "one").train->hasLabels());
  EXPECT_FALSE(open(dir / "one").heldOut);
}

TEST(ImageFolder, LeavesOutWhatIsNoPicture) {
  const TempDir dir;
  addImages(dir / "photos", 5);
  std::ofstream(fs::path(dir / "photos") / "fake.jpg") << "text";
  std::ofstream(fs::path(dir / "photos") / "notes.txt") << "not looked at";
  const OpenedDataset data = open(dir / "photos");
  EXPECT_EQ(data.train->size(), 5);
  ASSERT_EQ(data.problems.size(), 1u);
  EXPECT_NE(data.problems[0].path.find("fake.jpg"), std::string::npos);
}

TEST(ImageFolder, SaysWhatIsWrong) {
  const TempDir dir;
  fs::create_directories(dir / "empty");
  std::ofstream(dir / "file") << "x";
  fs::create_directories(dir / "fakes");
  std::ofstream(fs::path(dir / "fakes") / "a.png") << "x";
  EXPECT_NE(failureOf(dir / "empty").find("no images"), std::string::npos);
  EXPECT_NE(failureOf(dir / "file").find("is a file"), std::string::npos);
  EXPECT_NE(failureOf(dir / "missing").find("missing"), std::string::npos);
  EXPECT_NE(failureOf(dir / "fakes").find("no usable image"), std::string::npos);
  EXPECT_NE(failureOf("shaps").find("did you mean 'shapes'"), std::string::npos);
  EXPECT_NE(failureOf("cifr10:/data").find("cifar10"), std::string::npos);
}

TEST(ImageFolder, LimitTakesSomeOfEveryClassAndTheFingerprintSeesChanges) {
  const TempDir dir;
  addImages(dir / "a", 50);
  addImages(dir / "b", 50);
  const OpenedDataset data = open(dir.path(), 30);
  EXPECT_EQ(data.train->size() + data.heldOut->size(), 30);
  std::set<int> labels;
  for (std::int64_t i = 0; i < data.train->size(); ++i) {
    labels.insert(data.train->label(i));
  }
  EXPECT_EQ(labels.size(), 2u);
  const std::string before = open(dir.path()).fingerprint;
  EXPECT_EQ(open(dir.path()).fingerprint, before);
  fs::remove(fs::path(dir / "a") / "7.png");
  EXPECT_NE(open(dir.path()).fingerprint, before);
}

void writeCifar(const fs::path& folder, int records, std::size_t extra = 0, int label = 3) {
  fs::create_directories(folder);
  for (const char* file : {"data_batch_1.bin",
                           "data_batch_2.bin",
                           "data_batch_3.bin",
                           "data_batch_4.bin",
                           "data_batch_5.bin",
                           "test_batch.bin"}) {
    std::string bytes;
    for (int i = 0; i < records; ++i) {
      bytes += static_cast<char>(label);
      for (int c = 0; c < 3; ++c) {
        bytes += std::string(1024, static_cast<char>(10 * (i + 1) + c));
      }
    }
    bytes.resize(bytes.size() + extra);
    writeFileAtomically(folder / file, bytes);
  }
}

TEST(Cifar, ReadsTheOfficialLayoutFromTheFolderOrItsParent) {
  const TempDir dir;
  writeCifar(dir / "cifar-10-batches-bin", 4);
  for (const fs::path& folder : {dir.path(), fs::path(dir / "cifar-10-batches-bin")}) {
    const OpenedDataset data = open("cifar10:" + folder.string());
    EXPECT_EQ(data.train->size(), 20);
    EXPECT_EQ(data.heldOut->size(), 4);
    EXPECT_EQ(data.train->label(5), 3);
    EXPECT_EQ(data.train->name(5), "record 1 of data_batch_2.bin");
    const RgbImage image = *data.train->image(1);
    EXPECT_EQ(image.row(31)[3 * 31], 20);
    EXPECT_EQ(image.row(31)[3 * 31 + 2], 22);
  }
}

TEST(Cifar, RefusesWrongSizesAndLabels) {
  const TempDir dir;
  writeCifar(dir / "short", 2, 17);
  EXPECT_NE(failureOf("cifar10:" + (dir / "short").string()).find("data_batch_1.bin has"),
            std::string::npos);
  writeCifar(dir / "labels", 2, 0, 10);
  EXPECT_NE(failureOf("cifar10:" + (dir / "labels").string()).find("label 10"), std::string::npos);
  EXPECT_NE(failureOf("cifar10:" + dir.path().string()).find("missing"), std::string::npos);
}

TEST(Scan, CountsTheSameForAnyOrderOfThreads) {
  const TempDir dir;
  addImages(dir / "a", 30);
  addImages(dir / "b", 10);
  auto bytes = readFileBytes(fs::path(dir / "a") / "3.png", 10'000);
  bytes.resize(bytes.size() - 20);
  writeFileAtomically(fs::path(dir / "a") / "3.png", bytes);
  std::int64_t last = 0;
  const ScanReport report =
      scanDataset(dir.path().string(), [&](std::int64_t done, std::int64_t) { last = done; }, {});
  EXPECT_EQ(last, 40);
  EXPECT_EQ(report.images, 39);
  EXPECT_EQ(report.classes.at("a"), 29);
  EXPECT_EQ(report.minSize, (PixelSize{12, 10}));
  EXPECT_EQ(report.maxSize, (PixelSize{41, 10}));
  ASSERT_EQ(report.unreadable.size(), 1u);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_EQ(scanDataset(
                dir.path().string(), [](std::int64_t, std::int64_t) {}, stopped.get_token())
                .images,
            0);
}

TEST(ImageFolder, IsNotReadOnWhenAskedToStop) {
  const TempDir dir;
  addImages(dir / "a", 3);
  const ImageFolders folders = openImageFolder(dir.path());
  const auto& images = folders.splits.at("train");
  std::stop_source stop;
  stop.request_stop();
  const std::stop_token token = stop.get_token();
  std::vector<LeftOut> leftOut;
  EXPECT_THROW(readFolderTree(dir.path(), leftOut, token), Stopped);
  std::vector<SampleProblem> problems;
  EXPECT_THROW(withReadableHeaders(*images, ExifTurn::Ignore, problems, token), Stopped);
  EXPECT_THROW(
      chooseCache(ImageCache::On, {.folder = dir / "cache"}, dir.path(), {images}, 1, token),
      Stopped);
  DataParams params;
  params.source = dir.path().string();
  EXPECT_THROW(openDataset(params, 1, {}, token), Stopped);
}

TEST(RealImages, AreAllReadable) {
  if (realData().empty()) {
    GTEST_SKIP() << "set BARLOW_TEST_DATA to a folder with cifar-10-batches-bin and clothing-256";
  }
  const OpenedDataset data = open("cifar10:" + (realData() / "cifar-10-batches-bin").string());
  EXPECT_EQ(data.train->size(), 50'000);
  EXPECT_EQ(data.heldOut->size(), 10'000);
  const ScanReport report =
      scanDataset((realData() / "clothing-256").string(), [](std::int64_t, std::int64_t) {}, {});
  EXPECT_EQ(report.splits.at("train"), 3068);
  EXPECT_TRUE(report.unreadable.empty());
}

}  // namespace
}  // namespace barlow
