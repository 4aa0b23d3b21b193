#include "core/augment/augment.h"
#include "core/base/check.h"
#include "core/base/error.h"
#include "core/dataset/open_dataset.h"
#include "core/loader/sample_maker.h"
#include "core/params/presets.h"
#include "core/studio/augment_preview.h"
#include "core/studio/dataset_browser.h"
#include "core/studio/run_estimate.h"
#include "core/training/run_pictures.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

TEST(AugmentPreview, IsWhatTheTrainerFeeds) {
  for (const char* preset : {"quick-shapes", "cifar10-small"}) {
    RunConfig config = findPreset(preset)->config;
    config.data.source = "shapes";
    config.data.limit = 16;
    const OpenedDataset data = openDataset(config.data, config.run.seed);
    const SampleMaker maker(data.train, config);
    for (std::int64_t sample = 0; sample < 16; ++sample) {
      const auto side = static_cast<std::size_t>(config.data.imageSize);
      ViewPairBatch batch;
      batch.epoch = 3;
      batch.side = config.data.imageSize;
      batch.indices.resize(1);
      batch.plansA.resize(1);
      batch.plansB.resize(1);
      batch.viewA.resize(side * side * 3);
      batch.viewB.resize(side * side * 3);
      std::vector<SampleProblem> problems;
      maker.fillRow(batch, 0, sample, problems);
      const ViewPair trained = viewPairsOf(batch, config.data, 1).front();
      const ViewPair shown =
          previewViewPair(*data.train->image(sample),
                          config.augment,
                          config.data.imageSize,
                          {.seed = config.run.seed, .epoch = 3, .sample = sample});
      EXPECT_TRUE(shown == trained) << preset << " " << sample;
    }
  }
}

TEST(DatasetBrowser, ShowsTrainingImagesThenThoseHeldOut) {
  DataParams params;
  params.source = "shapes";
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
