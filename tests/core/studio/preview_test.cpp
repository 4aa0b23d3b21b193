#include "core/augment/augment.h"
#include "core/base/check.h"
#include "core/base/error.h"
#include "core/dataset/open_dataset.h"
#include "core/image/decode.h"
#include "core/loader/sample_maker.h"
#include "core/params/presets.h"
#include "core/recording/run_pictures.h"
#include "core/studio/augment_preview.h"
#include "core/studio/dataset_browser.h"
#include "core/studio/run_estimate.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace barlow {
namespace {

TEST(AugmentPreview, IsWhatTheTrainerFeeds) {
  for (const char* preset : {"quick-shapes", "cifar10-small"}) {
    RunConfig config = findPreset(preset)->config;
    config.data.source = "shapes";
    config.data.limit = 16;
    config.augment.smallCrops = 2;
    const OpenedDataset data = openDataset(config.data, config.run.seed);
    const SampleMaker maker(data.train, config);
    for (std::int64_t sample = 0; sample < 16; ++sample) {
      ViewBatch batch;
      batch.epoch = 3;
      batch.indices.resize(1);
      for (std::size_t view = 0; view < config.augment.views(); ++view) {
        const int side = config.augment.side(view, config.data.imageSize);
        batch.views.push_back(
            {.side = side,
             .pixels = std::vector<float>(static_cast<std::size_t>(side * side * 3)),
             .plans = std::vector<ViewPlan>(1)});
      }
      std::vector<SampleProblem> problems;
      maker.fillRow(batch, 0, sample, problems);
      const auto fed = [&](const ViewSet& view) {
        const auto edge = static_cast<std::int64_t>(view.side);
        return DeviceViewSet{
            torch::tensor(view.pixels).view({1, edge, edge, 3}).permute({0, 3, 1, 2}), view.plans};
      };
      DeviceBatch twin{.indices = batch.indices};
      for (const ViewSet& view : batch.views) {
        twin.views.push_back(fed(view));
      }
      const SampleViews trained = sampleViewsOf(twin, config.data, 1).front();
      const SampleViews shown =
          previewViews(*data.train->image(sample),
                       config.augment,
                       config.data.imageSize,
                       {.seed = config.run.seed, .epoch = 3, .sample = sample});
      EXPECT_TRUE(shown == trained) << preset << " " << sample;
    }
  }
}

TEST(DatasetBrowser, ShowsTrainingImagesThenThoseHeldOut) {
  DataParams params;
  params.source = "shapes:1";
  params.limit = 50;
  const auto browser = DatasetBrowser::open(params, 1);
  EXPECT_EQ(browser->trainSize(), 50);
  EXPECT_EQ(browser->size(), 50 + 1000);
  EXPECT_EQ(browser->split(49), "train");
  EXPECT_EQ(browser->split(50), "test");
  EXPECT_EQ(browser->classNames().size(), 8u);
  EXPECT_EQ(browser->label(9), 1);
  EXPECT_EQ(browser->image(0)->width, 32);
  EXPECT_EQ(browser->thumbnail(0, 16)->width, 16);
  EXPECT_EQ(browser->thumbnail(0, 64)->width, 32) << "never enlarged";
  EXPECT_THROW(static_cast<void>(browser->image(1050)), CheckFailure);
}

TEST(DatasetBrowser, ShowsAFolderWithoutASplitOfItsOwn) {
  const TempDir dir;
  for (int i = 0; i < 10; ++i) {
    for (const char* name : {"cat", "dog"}) {
      std::filesystem::create_directories(dir / name);
      writePng(dir / name / (std::to_string(i) + ".png"), RgbImage(40, 20));
    }
  }
  std::ofstream(dir / "dog" / "words.png") << "no picture at all";
  DataParams params;
  params.source = dir.path().string();
  params.validationFraction = 0.2;
  const auto browser = DatasetBrowser::open(params, 1);
  EXPECT_EQ(browser->trainSize(), 16);
  EXPECT_EQ(browser->size(), 20);
  EXPECT_EQ(browser->split(16), "held out");
  EXPECT_EQ(browser->classNames(), (std::vector<std::string>{"cat", "dog"}));
  for (std::int64_t i = 0; i < browser->size(); ++i) {
    const std::string& name = browser->classNames().at(static_cast<std::size_t>(browser->label(i)));
    EXPECT_NE(browser->name(i).find("/" + name + "/"), std::string::npos) << browser->name(i);
  }
  ASSERT_EQ(browser->problems().size(), 1u);
  EXPECT_NE(browser->problems()[0].path.find("words.png"), std::string::npos);
  EXPECT_FALSE(browser->problems()[0].reason.empty());
  const auto small = browser->thumbnail(0, 16);
  ASSERT_TRUE(small);
  EXPECT_EQ(small->width, 16);
  EXPECT_EQ(small->height, 8) << "the aspect is kept";
  std::filesystem::remove(browser->name(3));
  EXPECT_FALSE(browser->image(3)) << "an ordinary failure";
  EXPECT_FALSE(browser->thumbnail(3, 16));
}

TEST(DatasetBrowser, RecognizesCifarByItsFiles) {
  const TempDir dir;
  const std::string folder = dir.path().string();
  EXPECT_EQ(recognizedSource(folder), folder);
  EXPECT_EQ(recognizedSource("shapes"), "shapes:2");
  EXPECT_EQ(recognizedSource("shapes:1"), "shapes:1");
  EXPECT_EQ(recognizedSource((dir / "nothing").string()), (dir / "nothing").string());
  for (const char* name : {"train.bin", "test.bin"}) {
    std::ofstream(dir / name) << "x";
  }
  EXPECT_EQ(recognizedSource(folder), "cifar100:" + folder);
  for (const char* name : {"data_batch_1.bin", "data_batch_5.bin"}) {
    std::ofstream(dir / name) << "x";
  }
  EXPECT_EQ(recognizedSource(folder), "cifar10:" + folder);
}

TEST(DatasetBrowser, RecognizesCifarInTheFolderOfItsArchive) {
  const TempDir dir;
  std::filesystem::create_directories(dir / "cifar-100-binary");
  for (const char* name : {"train.bin", "test.bin"}) {
    std::ofstream(dir / "cifar-100-binary" / name) << "x";
  }
  EXPECT_EQ(recognizedSource(dir.path().string()), "cifar100:" + dir.path().string());
}

TEST(DatasetBrowser, TellsEverySplitAndWhatIsLeftOut) {
  const TempDir dir;
  for (const char* split : {"train", "val", "test"}) {
    for (const char* name : {"cat", "dog"}) {
      std::filesystem::create_directories(dir / split / name);
      writePng(dir / split / name / "0.png", RgbImage(8, 8));
    }
  }
  std::ofstream(dir / "test" / "cat" / "list.csv") << "x";
  DataParams params;
  params.source = dir.path().string();
  const auto browser = DatasetBrowser::open(params, 1);
  EXPECT_EQ(browser->size(), 4);
  EXPECT_EQ(browser->splits(),
            (std::vector<SplitUse>{{"train", 2, "trained on"},
                                   {"val", 2, "not used: evaluation takes test"},
                                   {"test", 2, "held out for evaluation"}}));
  ASSERT_EQ(browser->leftOut().size(), 1u);
  EXPECT_EQ(browser->leftOut()[0].reason, "not read: it ends in .csv");
}

// Issue 16, P16 and F21.
TEST(ChosenPath, ThatIsNoPictureIsRefusedInASentence) {
  const TempDir dir;
  std::ofstream(dir / "notes.txt") << "words";
  writePng(dir / "a.png", RgbImage(8, 8));
  std::filesystem::copy(dir / "a.png", dir / "picture without ending");
  ASSERT_EQ(mkfifo((dir / "z.jpg").c_str(), 0600), 0);
  EXPECT_EQ(whyNoPicture((dir / "a.png").string()), "");
  EXPECT_EQ(whyNoPicture((dir / "picture without ending").string()), "");
  EXPECT_NE(whyNoPicture((dir / "notes.txt").string()).find("notes.txt is not a picture"),
            std::string::npos);
  EXPECT_NE(whyNoPicture((dir / "z.jpg").string()).find("pipe"), std::string::npos);
  EXPECT_NE(whyNoPicture((dir / "none.png").string()).find("does not exist"), std::string::npos);
}

TEST(ChosenPath, KnowsAFolderThatIsGone) {
  const TempDir dir;
  const std::string gone = (dir / "gone").string();
  EXPECT_EQ(missingFolder(gone), gone);
  EXPECT_EQ(missingFolder("cifar10:" + gone), gone);
  EXPECT_EQ(missingFolder(dir.path().string()), "");
  EXPECT_EQ(missingFolder("shapes"), "");
  EXPECT_EQ(missingFolder("cifar10"), "");
}

TEST(DatasetBrowser, SaysWhatIsMissing) {
  const TempDir dir;
  DataParams params;
  params.source = (dir / "nothing").string();
  EXPECT_THROW(static_cast<void>(DatasetBrowser::open(params, 1)), Exception);
}

TEST(RunEstimate, KnowsThisMachine) {
  const RunConfig config = findPreset("quick-shapes")->config;
  const ResourceEstimate estimate = estimateRun(config, 6000);
  EXPECT_TRUE(estimate.fits());
  EXPECT_GT(estimate.availableBytes, estimate.memoryBytes);
  EXPECT_GT(estimate.secondsPerEpoch, 0);
  EXPECT_GT(estimateRun(config, 12000).secondsPerEpoch, estimate.secondsPerEpoch);
}

}  // namespace
}  // namespace barlow
