#include "ui/panels/augment_panel.h"

#include "core/params/config_io.h"
#include "core/studio/augment_preview.h"
#include "ui/forms/config_form.h"
#include "ui/plots/crop_view.h"
#include "ui/plots/image_convert.h"

#include <QAction>
#include <QLabel>
#include <QSignalSpy>
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
    const ViewPair pair =
        previewViewPair(*dataset->image(index),
                        config.augment,
                        config.data.imageSize,
                        {.seed = config.run.seed, .epoch = epoch, .sample = index});
    EXPECT_EQ(view("viewA")->image(), toQImage(pair.a));
    EXPECT_EQ(view("viewB")->image(), toQImage(pair.b));
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
