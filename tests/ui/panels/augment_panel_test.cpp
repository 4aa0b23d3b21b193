#include "ui/panels/augment_panel.h"

#include "core/params/config_io.h"
#include "core/studio/augment_preview.h"
#include "ui/forms/config_form.h"
#include "ui/plots/crop_view.h"
#include "ui/plots/image_convert.h"

#include <QAction>
#include <QLabel>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTest>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

class AugmentPanelTest : public testing::Test {
 protected:
  AugmentPanelTest() {
    DataParams params;
    params.source = "shapes";
    params.limit = 20;
    dataset = DatasetBrowser::open(params, 0);
    panel.resize(1180, 760);
    panel.show();
  }
  void settle() {
    ASSERT_TRUE(QTest::qWaitFor([&] { return !panel.isBusy(); }, 10'000));
  }
  CropView* view(const char* name) { return panel.findChild<CropView*>(QString::fromLatin1(name)); }
  // What stands on screen is what training makes of this image in this epoch.
  void expectShown(std::int64_t index, std::int64_t epoch) {
    const RunConfig& config = experiment.config();
    const SampleViews sample =
        previewViews(*dataset->image(index),
                     config.augment,
                     config.data.imageSize,
                     {.seed = config.run.seed, .epoch = epoch, .sample = index});
    EXPECT_EQ(view("viewA")->image(), toQImage(sample.views[0].image));
    EXPECT_EQ(view("viewB")->image(), toQImage(sample.views[1].image));
    for (std::size_t crop = 2; crop < sample.views.size(); ++crop) {
      const auto* small = panel.findChild<CropView*>(QStringLiteral("smallCrop%1").arg(crop - 2));
      ASSERT_NE(small, nullptr);
      EXPECT_EQ(small->image(), toQImage(sample.views[crop].image));
    }
    EXPECT_EQ(view("sourceImage")->image(), toQImage(*dataset->image(index)));
  }
  Experiment experiment;
  std::shared_ptr<const DatasetBrowser> dataset;
  AugmentPanel panel{experiment};
};

TEST_F(AugmentPanelTest, ShowsTheTrainersViewsBitForBit) {
  panel.setDataset(dataset);
  settle();
  expectShown(0, 0);
  EXPECT_TRUE(
      panel.findChild<QLabel*>(QStringLiteral("wordsA"))->text().contains(QStringLiteral("crop")));
}

// Issue 17: small crops were not shown.
TEST_F(AugmentPanelTest, ShowsSmallCropsAndTheirSettingsWhereThereAreAny) {
  const auto* tabs = panel.findChild<QTabWidget*>(QStringLiteral("branchTabs"));
  panel.setDataset(dataset);
  settle();
  EXPECT_FALSE(tabs->isTabVisible(2));
  EXPECT_EQ(view("smallCrop0"), nullptr);
  RunConfig config = experiment.config();
  config.augment.smallCrops = 4;
  config.augment.smallCropSize = 12;
  experiment.setConfig(config);
  settle();
  EXPECT_TRUE(tabs->isTabVisible(2));
  expectShown(0, 0);
  ASSERT_NE(view("smallCrop3"), nullptr);
  EXPECT_TRUE(view("smallCrop3")->isVisible());
  EXPECT_EQ(view("smallCrop3")->image().width(), 12);
  config.augment.smallCrops = 0;
  experiment.setConfig(config);
  settle();
  EXPECT_EQ(view("smallCrop0"), nullptr);
}

// Issue 16, F18, in Augment.
TEST_F(AugmentPanelTest, SaysThatChangesWaitWhileARunGoesOn) {
  const auto* note = panel.findChild<QLabel*>(QStringLiteral("augmentRunningNote"));
  const auto* seed = panel.findChild<QWidget*>(QStringLiteral("previewSeed"));
  EXPECT_FALSE(note->isVisible());
  panel.setRunning(true);
  EXPECT_TRUE(note->isVisible());
  EXPECT_FALSE(seed->isEnabled()) << "a run keeps its seed";
  for (const ConfigForm* form : panel.findChildren<ConfigForm*>()) {
    for (const QString& key : form->keys()) {
      EXPECT_EQ(form->control(key)->isEnabled(), canChangeMidRun(key.toStdString()))
          << qPrintable(key);
    }
  }
  panel.setRunning(false);
  EXPECT_FALSE(note->isVisible());
  EXPECT_TRUE(seed->isEnabled());
}

TEST_F(AugmentPanelTest, KeysRerollAndChangeTheImage) {
  panel.setDataset(dataset);
  settle();
  const QImage before = view("viewA")->image();
  QTest::keyClick(&panel, Qt::Key_R);
  settle();
  expectShown(0, 1);
  EXPECT_NE(view("viewA")->image(), before);
  QTest::keyClick(&panel, Qt::Key_N);
  settle();
  EXPECT_EQ(panel.imageIndex(), 1);
  expectShown(1, 1);
  QTest::keyClick(&panel, Qt::Key_P);
  QTest::keyClick(&panel, Qt::Key_P);
  settle();
  EXPECT_EQ(panel.imageIndex(), 0) << "there is none before the first";
}

TEST_F(AugmentPanelTest, EditsReachThePictureAndOnlyTheNewestCounts) {
  panel.setDataset(dataset);
  QSignalSpy shown(&panel, &AugmentPanel::previewShown);
  for (int i = 1; i <= 20; ++i) {
    RunConfig config = experiment.config();
    config.augment.a.cropScaleMin = 0.03 * i;
    config.run.seed = i;
    experiment.setConfig(config);
  }
  settle();
  expectShown(0, 0);
  EXPECT_EQ(shown.count(), 1) << "stale requests show nothing";
}

TEST_F(AugmentPanelTest, SaysWhatIsMissing) {
  settle();
  EXPECT_TRUE(view("viewA")->image().isNull());
  EXPECT_TRUE(view("sourceImage")->emptyText().contains(QStringLiteral("Data")));
  EXPECT_FALSE(panel.findChild<QAction*>(QStringLiteral("reroll"))->isEnabled());
  panel.setDataset(dataset);
  settle();
  EXPECT_FALSE(view("viewA")->image().isNull());
  panel.setDataset(nullptr);
  settle();
  EXPECT_TRUE(view("viewA")->image().isNull());
}

}  // namespace
}  // namespace barlow::ui
