#include "core/dataset/image_folder.h"

#include "core/dataset/open_dataset.h"
#include "core/image/decode.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace barlow {
namespace {

namespace fs = std::filesystem;

void addPicture(const fs::path& path) {
  fs::create_directories(path.parent_path());
  const RgbImage image(8, 6);
  writePng(path, image);
}

void addPictures(const fs::path& folder, int count) {
  for (int i = 0; i < count; ++i) {
    addPicture(folder / (std::to_string(i) + ".png"));
  }
}

void write(const fs::path& path, const std::string& text = "text") {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

ScanReport scan(const fs::path& folder) {
  return scanDataset(folder.string(), [](std::int64_t, std::int64_t) {}, {});
}

OpenedDataset open(const fs::path& folder) {
  DataParams params;
  params.source = folder.string();
  return openDataset(params, 1);
}

std::string failureOf(const std::string& source) {
  return messageOf([&] { open(source); });
}

using Counts = std::map<std::string, std::int64_t>;

// The reason why an entry is left out, empty when it is not.
std::string reasonFor(const ScanReport& report, const fs::path& path) {
  for (const LeftOut& entry : report.leftOut) {
    if (std::find(entry.paths.begin(), entry.paths.end(), path.string()) != entry.paths.end()) {
      return entry.reason;
    }
  }
  return "";
}

std::string useOf(const std::vector<SplitUse>& uses, const std::string& split) {
  for (const SplitUse& use : uses) {
    if (use.split == split) {
      return use.use;
    }
  }
  return "";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Issue 16, P11.
TEST(FolderLinks, AreFollowedOnce) {
  const TempDir dir;
  addPictures(dir / "all/cat", 3);
  addPictures(dir / "all/dog", 4);
  fs::create_directories(dir / "subset");
  fs::create_directory_symlink("../all/cat", dir / "subset/cat");
  fs::create_directory_symlink("../all/dog", dir / "subset/dog");
  EXPECT_EQ(scan(dir / "subset").classes, (Counts{{"cat", 3}, {"dog", 4}}));

  fs::create_directory_symlink("../all/dog", dir / "subset/again");  // sorted before the others
  const ScanReport twice = scan(dir / "subset");
  EXPECT_EQ(twice.images, 7);
  EXPECT_EQ(twice.leftOut.size(), 1u);

  fs::create_directory_symlink("all", dir / "alias");
  EXPECT_EQ(scan(dir / "alias").images, 7);

  // What is really there comes before a link to it, whatever their names.
  fs::create_directory_symlink("dog", dir / "all/a-link");
  fs::create_directory_symlink("..", dir / "all/cat/up");
  const ScanReport loop = scan(dir / "all");
  EXPECT_EQ(loop.classes, (Counts{{"cat", 3}, {"dog", 4}}));
  EXPECT_TRUE(holds(reasonFor(loop, dir / "all/a-link"), "read already"));
  EXPECT_TRUE(holds(reasonFor(loop, dir / "all/cat/up"), "read already"));
}

TEST(FolderLinks, OfFilesAreReadAndLinksToNothingAreNamed) {
  const TempDir dir;
  addPictures(dir / "store", 2);
  fs::create_directories(dir / "set/a");
  fs::create_symlink("../../store/0.png", dir / "set/a/x.png");
  fs::create_symlink("../../store/9.png", dir / "set/a/gone.png");
  fs::create_symlink("circle.png", dir / "set/a/circle.png");
  const ScanReport report = scan(dir / "set");
  EXPECT_EQ(report.images, 1);
  EXPECT_TRUE(holds(reasonFor(report, dir / "set/a/gone.png"), "not there"));
  EXPECT_TRUE(holds(reasonFor(report, dir / "set/a/circle.png"), "circle"));
  EXPECT_TRUE(report.unreadable.empty());
}

TEST(FolderLinks, ToTheSameImagesInTwoSplitsAreNotTrainedAndTestedOn) {
  const TempDir dir;
  for (const char* name : {"cat", "dog"}) {
    addPictures(dir.path() / "all" / name, 10);
    for (const char* split : {"test", "train"}) {
      fs::create_directories(dir.path() / "set" / split);
      fs::create_directory_symlink(fs::path("../../all") / name, dir.path() / "set" / split / name);
    }
  }
  const OpenedDataset data = open(dir / "set");
  EXPECT_EQ(data.heldOutSplit, "train");
  EXPECT_EQ(data.train->size() + data.heldOut->size(), 20);
  EXPECT_EQ(countOf(data.leftOut), 3);  // two links, and the split without pictures
}

TEST(FingerprintOfAFolder, IsThatOfNamesAndSizesWhereverLinksLead) {
  const TempDir dir;
  addPictures(dir / "all/cat", 3);
  addPictures(dir / "all/dog", 3);
  fs::create_directories(dir / "links");
  fs::create_directory_symlink(dir / "all/cat", dir / "links/cat");
  fs::create_directory_symlink(dir / "all/dog", dir / "links/dog");
  EXPECT_EQ(open(dir / "links").fingerprint, open(dir / "all").fingerprint);
  EXPECT_EQ(open(dir / "all/").fingerprint, open(dir / "all").fingerprint);
}

// Issue 16, P13.
TEST(SplitNames, CountInAnyLetterCaseAndForm) {
  for (const auto& [train, val, test] : {std::tuple{"Training", "Validation", "Testing"},
                                         std::tuple{"TRAIN", "VAL", "TEST"},
                                         std::tuple{"train", "Valid", "test"}}) {
    const TempDir dir;
    for (const char* name : {"a", "b"}) {
      addPictures(dir.path() / train / name, 5);
      addPictures(dir.path() / val / name, 3);
      addPictures(dir.path() / test / name, 2);
    }
    const ScanReport report = scan(dir.path());
    EXPECT_EQ(report.splits, (Counts{{"train", 10}, {"val", 6}, {"test", 4}})) << train;
    EXPECT_EQ(report.classes, (Counts{{"a", 10}, {"b", 10}}));
    EXPECT_EQ(useOf(report.uses, "test"), "held out for evaluation");
    EXPECT_TRUE(holds(useOf(report.uses, "val"), "not used"));
    EXPECT_EQ(open(dir.path()).train->size(), 10);
  }
}

TEST(SplitNames, OfTwoFoldersThatMeanTheSameAreOneSplit) {
  const TempDir dir;
  for (const char* split : {"train", "val", "validation"}) {
    addPictures(dir.path() / split / "a", 3);
    addPictures(dir.path() / split / "b", 3);
  }
  const OpenedDataset data = open(dir.path());
  EXPECT_EQ(data.heldOutSplit, "val");
  EXPECT_EQ(data.heldOut->size(), 12);
}

TEST(SplitNames, AFolderCalledTrainBesideClassesIsAClass) {
  const TempDir dir;
  for (const char* name : {"bus", "car", "train"}) {
    addPictures(dir / name, 4);
  }
  EXPECT_EQ(scan(dir.path()).classes, (Counts{{"bus", 4}, {"car", 4}, {"train", 4}}));
}

TEST(SplitNames, MayCarryANumberOrAWord) {
  for (const auto& [train, test] : {std::pair{"train2017", "val2017"},
                                    std::pair{"train", "test1"},
                                    std::pair{"train_images", "Test-Images"},
                                    std::pair{"trainA", "testA"}}) {
    const TempDir dir;
    addPictures(dir / train, 3);
    addPictures(dir / test, 2);
    EXPECT_EQ(scan(dir.path()).splits.at("train"), 3) << train;
    EXPECT_EQ(open(dir.path()).train->size(), 3) << train;
  }
  const TempDir dir;
  for (const char* name : {"test_tube", "valley", "train station", "training shoes"}) {
    addPictures(dir / name, 2);
  }
  EXPECT_EQ(scan(dir.path()).classes.size(), 4u);
}

TEST(SplitNames, TrainWithClassesInsideIsASplitBesideFoldersWithout) {
  const TempDir dir;
  addPictures(dir / "train/a", 3);
  addPictures(dir / "train/b", 3);
  addPictures(dir / "unlabelled", 9);
  const ScanReport report = scan(dir.path());
  EXPECT_EQ(report.classes, (Counts{{"a", 3}, {"b", 3}}));
  EXPECT_TRUE(holds(reasonFor(report, dir / "unlabelled"), "beside those of splits"));
}

TEST(SplitNames, ATestFolderBesideClassesIsNeverTrainedOn) {
  const TempDir dir;
  for (const char* name : {"cat", "dog"}) {
    addPictures(dir / name, 20);
    addPictures(dir.path() / "Test" / name, 3);
  }
  const OpenedDataset data = open(dir.path());
  EXPECT_EQ(data.train->size(), 40);
  EXPECT_EQ(data.heldOutSplit, "test");
  EXPECT_EQ(data.heldOut->size(), 6);
  EXPECT_EQ(data.train->classNames(), (std::vector<std::string>{"cat", "dog"}));
}

TEST(SplitNames, InsideOfClassesKeepTestImagesApart) {
  const TempDir dir;
  for (const char* name : {"bottle", "cable"}) {
    addPictures(dir.path() / name / "train/good", 20);
    addPictures(dir.path() / name / "test/broken", 4);
    addPictures(dir.path() / name / "ground_truth/broken", 4);
  }
  const ScanReport report = scan(dir.path());
  EXPECT_EQ(report.splits, (Counts{{"train", 40}, {"test", 8}}));
  EXPECT_TRUE(holds(reasonFor(report, dir / "cable/ground_truth"), "beside those of splits"));
  const OpenedDataset data = open(dir.path());
  EXPECT_EQ(data.train->size(), 40);
  EXPECT_EQ(data.heldOut->size(), 8);
  EXPECT_EQ(data.train->classNames(), (std::vector<std::string>{"bottle", "cable"}));
}

TEST(SplitNames, WithoutTrainingImagesAreRefusedButCounted) {
  const TempDir dir;
  addPictures(dir / "test/a", 3);
  addPictures(dir / "test/b", 3);
  EXPECT_EQ(scan(dir.path()).splits, (Counts{{"test", 6}}));
  EXPECT_TRUE(holds(failureOf(dir.path().string()), "none to train on"));
  EXPECT_EQ(open(dir / "test").train->size(), 6);
}

TEST(SplitNames, FoldersAndPicturesBesideSplitsAreNamed) {
  const TempDir dir;
  for (const char* split : {"train", "test"}) {
    addPictures(dir.path() / split / "a", 3);
    addPictures(dir.path() / split / "b", 3);
  }
  addPictures(dir / "extra", 5);
  addPicture(dir / "montage.png");
  const ScanReport report = scan(dir.path());
  EXPECT_EQ(report.splits, (Counts{{"train", 6}, {"test", 6}}));
  EXPECT_TRUE(holds(reasonFor(report, dir / "extra"), "beside those of splits"));
  EXPECT_TRUE(holds(reasonFor(report, dir / "montage.png"), "beside"));
}

TEST(SplitNames, WhatIsNotUsedSaysWhy) {
  const TempDir dir;
  addPictures(dir / "train/a", 20);
  addPictures(dir / "train/b", 20);
  addPictures(dir / "val", 8);  // without classes
  const OpenedDataset data = open(dir.path());
  EXPECT_TRUE(holds(useOf(data.splits, "val"), "no classes"));
  EXPECT_EQ(useOf(data.splits, "train"), "36 trained on, 4 held out for evaluation");
  ASSERT_EQ(data.splits.size(), 2u);
  EXPECT_EQ(data.splits[1].images, 8);
}

TEST(SplitNames, AClassThatIsOnlyInTheTestIsNamedAndTheOthersAreEvaluated) {
  const TempDir dir;
  for (const char* name : {"a", "b"}) {
    addPictures(dir.path() / "train" / name, 4);
    addPictures(dir.path() / "test" / name, 4);
  }
  addPictures(dir / "test/new", 2);
  fs::create_directories(dir / "train/none");
  const OpenedDataset data = open(dir.path());
  EXPECT_EQ(data.heldOut->size(), 8);
  const ScanReport report = scan(dir.path());
  EXPECT_TRUE(holds(reasonFor(report, dir / "test/new"), "without training images"));
  EXPECT_TRUE(holds(reasonFor(report, dir / "train/none"), "without pictures"));
}

TEST(WrappingFolder, IsLookedThrough) {
  const TempDir dir;
  for (const char* name : {"a", "b"}) {
    addPictures(dir.path() / "splits/archive/train" / name, 4);
    addPictures(dir.path() / "splits/archive/test" / name, 2);
    addPictures(dir.path() / "classes/archive/inner" / name, 4);
  }
  addPicture(dir / "splits/__MACOSX/archive/train/a/x.png");
  addPicture(dir / "splits/cover.png");
  const ScanReport splits = scan(dir / "splits");
  EXPECT_EQ(splits.splits, (Counts{{"train", 8}, {"test", 4}}));
  EXPECT_TRUE(holds(reasonFor(splits, dir / "splits/__MACOSX"), "another program"));
  EXPECT_TRUE(holds(reasonFor(splits, dir / "splits/cover.png"), "beside"));
  EXPECT_EQ(scan(dir / "classes").classes, (Counts{{"a", 4}, {"b", 4}}));
}

// Issue 16, P14.
TEST(StrayPictures, BesideClassFoldersAreLeftOutWithANote) {
  const TempDir dir;
  addPictures(dir / "cat", 10);
  addPictures(dir / "dog", 10);
  addPicture(dir / "Folder.jpg");
  const ScanReport report = scan(dir.path());
  EXPECT_EQ(report.classes, (Counts{{"cat", 10}, {"dog", 10}}));
  EXPECT_TRUE(holds(reasonFor(report, dir / "Folder.jpg"), "beside the folders of classes"));
  EXPECT_TRUE(open(dir.path()).heldOut);
}

TEST(StrayPictures, ThatAreMostOfAllAreKeptAndTheFoldersAreNamed) {
  const TempDir dir;
  addPictures(dir.path(), 30);
  addPictures(dir / "a", 2);
  addPictures(dir / "b", 2);
  const ScanReport report = scan(dir.path());
  EXPECT_EQ(report.images, 34);
  EXPECT_TRUE(report.classes.empty());
  EXPECT_TRUE(holds(reasonFor(report, dir / "a"), "no class"));
}

TEST(Leftovers, OfOtherProgramsAreNoDataAndAreNamed) {
  const TempDir dir;
  addPictures(dir / "cat", 4);
  addPictures(dir / "dog", 4);
  for (const char* name :
       {".git", "__MACOSX", ".ipynb_checkpoints", "@eaDir", "lost+found", "$RECYCLE.BIN"}) {
    addPictures(dir / name, 3);
  }
  addPictures(dir / "cat/@eaDir", 3);
  write(dir / "Thumbs.db");
  write(dir / ".DS_Store");
  write(dir / "cat/._0.png");
  const ScanReport report = scan(dir.path());
  EXPECT_EQ(report.classes, (Counts{{"cat", 4}, {"dog", 4}}));
  EXPECT_EQ(countOf(report.leftOut), 10);
  EXPECT_TRUE(holds(reasonFor(report, dir / ".git"), "hidden"));
  EXPECT_TRUE(holds(reasonFor(report, dir / "Thumbs.db"), "another program"));
}

// Issue 16, P17.
TEST(OtherEndings, AreCountedAndNamed) {
  const TempDir dir;
  addPictures(dir / "a", 2);
  for (int i = 0; i < 30; ++i) {
    write(dir / ("a/x" + std::to_string(i) + ".PSD"));
  }
  write(dir / "a/README");
  addPicture(dir / "a/UPPER.PNG");
  addPicture(dir / "a/with space \xff.png");  // no UTF-8
  for (int i = 0; i < 200; ++i) {
    write(dir / ("a/scan." + std::to_string(i)));
  }
  const ScanReport report = scan(dir.path());
  EXPECT_EQ(report.images, 4);
  EXPECT_EQ(countOf(report.leftOut), 231);
  EXPECT_LT(report.leftOut.size(), 60u);
  const auto psd = std::find_if(report.leftOut.begin(),
                                report.leftOut.end(),
                                [](const LeftOut& entry) { return holds(entry.reason, ".psd"); });
  ASSERT_NE(psd, report.leftOut.end());
  EXPECT_EQ(psd->count, 30);
  ASSERT_EQ(psd->paths.size(), LeftOut::kMostPaths);
  EXPECT_TRUE(std::is_sorted(psd->paths.begin(), psd->paths.end()));
  EXPECT_EQ(psd->paths.front(), (dir / "a/x0.PSD").string());
  EXPECT_TRUE(holds(toJson(report), "\"left_out_count\":231"));
}

// Issue 16, P16: a pipe is never opened, for opening one waits.
TEST(SpecialFiles, AreNamedAndNeverOpened) {
  const TempDir dir;
  addPictures(dir / "cat", 4);
  ASSERT_EQ(mkfifo((dir / "cat/z.jpg").c_str(), 0600), 0);
  ASSERT_EQ(mkfifo((dir / "cat/notes.txt").c_str(), 0600), 0);
  fs::create_symlink("z.jpg", dir / "cat/link.jpg");
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string socketPath = (dir / "cat/s.png").string();
  ASSERT_LT(socketPath.size(), sizeof(address.sun_path));
  socketPath.copy(address.sun_path, socketPath.size());
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ::close(listener);
  const ScanReport report = scan(dir.path());
  EXPECT_EQ(report.images, 4);
  for (const char* name : {"z.jpg", "notes.txt", "link.jpg"}) {
    EXPECT_EQ(reasonFor(report, dir.path() / "cat" / name), "a named pipe") << name;
  }
  EXPECT_EQ(reasonFor(report, socketPath), "a socket");
  EXPECT_TRUE(holds(failureOf((dir / "cat/z.jpg").string()), "pipe"));
  EXPECT_TRUE(holds(failureOf("/dev/null"), "device"));
}

// Another user's eyes while it lives, where the tests run as root, who may look into everything.
class Unprivileged {
 public:
  explicit Unprivileged(const fs::path& folder) : isRoot_(geteuid() == 0) {
    fs::permissions(folder, fs::perms::all);
    if (isRoot_) {
      EXPECT_EQ(seteuid(65534), 0);
    }
  }
  ~Unprivileged() {
    if (isRoot_) {
      EXPECT_EQ(seteuid(0), 0);
    }
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

 private:
  bool isRoot_;
};

// Issue 16, P15.
TEST(UnreadableFolder, IsLeftOutAndNamed) {
  const TempDir dir;
  addPictures(dir / "cat", 4);
  addPictures(dir / "dog", 4);
  addPictures(dir / "secret", 4);
  fs::create_directory_symlink("secret/inner", dir / "link");
  fs::permissions(dir / "secret", fs::perms::none);
  {
    const Unprivileged user(dir.path());
    const ScanReport report = scan(dir.path());
    EXPECT_EQ(report.classes, (Counts{{"cat", 4}, {"dog", 4}}));
    EXPECT_TRUE(holds(reasonFor(report, dir / "secret"), "cannot be looked into"));
    EXPECT_TRUE(holds(reasonFor(report, dir / "link"), "cannot be followed"));
    EXPECT_TRUE(holds(failureOf((dir / "secret").string()), "Cannot look into"));
    EXPECT_TRUE(holds(failureOf((dir / "secret/inner").string()), "Cannot look into"));
  }
  fs::permissions(dir / "secret", fs::perms::owner_all);
}

TEST(Folders, NestedDeeplyAreRead) {
  const TempDir dir;
  fs::path deep = dir.path();
  for (int i = 0; i < 100; ++i) {
    deep /= "level";
  }
  addPictures(deep, 2);
  EXPECT_EQ(scan(dir.path()).images, 2);
}

// Issue 16, P18.
TEST(CifarForPython, IsToldFromTheBinaryVersion) {
  const TempDir dir;
  write(dir / "ten/cifar-10-batches-py/data_batch_1", "\x80\x02");
  write(dir / "ten/cifar-10-batches-py/batches.meta", "\x80\x02");
  write(dir / "hundred/train", "\x80\x02");
  write(dir / "hundred/meta", "\x80\x02");
  write(dir / "packed/cifar-100-binary.tar.gz");
  const std::string ten = (dir / "ten").string();
  for (const std::string& source :
       {ten, "cifar10:" + ten, ten + "/cifar-10-batches-py", "cifar100:" + ten}) {
    EXPECT_TRUE(holds(failureOf(source), "cifar-10-binary.tar.gz")) << failureOf(source);
  }
  EXPECT_TRUE(
      holds(failureOf("cifar100:" + (dir / "hundred").string()), "cifar-100-binary.tar.gz"));
  EXPECT_TRUE(holds(failureOf((dir / "hundred").string()), "cifar-100-binary.tar.gz"));
  EXPECT_TRUE(holds(failureOf((dir / "packed").string()), "not unpacked"));
}

TEST(AbsoluteSource, MeansTheSameFromAnyFolder) {
  const TempDir dir;
  addPictures(dir / "photos", 2);
  fs::create_directories(dir / "other/inner");
  fs::create_directory_symlink(dir / "other/inner", dir / "link");
  const std::string photos = (fs::canonical(dir.path()) / "photos").string();
  const fs::path before = fs::current_path();
  fs::current_path(dir.path());
  EXPECT_EQ(absoluteSource("photos"), photos);
  EXPECT_EQ(absoluteSource("./photos/"), photos);
  EXPECT_EQ(absoluteSource("photos/../photos"), photos);
  EXPECT_EQ(absoluteSource("cifar10:photos"), "cifar10:" + photos);
  EXPECT_EQ(absoluteSource("link/.."), (fs::canonical(dir.path()) / "other").string());
  EXPECT_EQ(absoluteSource("shapes"), "shapes");
  EXPECT_EQ(absoluteSource("cifar10"), "cifar10");
  fs::current_path(before);
}

}  // namespace
}  // namespace barlow
