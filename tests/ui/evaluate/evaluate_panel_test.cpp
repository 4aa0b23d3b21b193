#include "ui/evaluate/evaluate_panel.h"

#include "tests/support/temp_dir.h"
#include "tests/ui/evaluate/fake_doors.h"
#include "ui/bridge/experiment.h"
#include "ui/bridge/run_controller.h"
#include "ui/dialogs/ask.h"
#include "ui/evaluate/accuracy_chart.h"
#include "ui/evaluate/class_accuracy.h"
#include "ui/evaluate/confusion_view.h"
#include "ui/evaluate/evaluation_queue.h"
#include "ui/evaluate/map_view.h"
#include "ui/evaluate/point_map.h"
#include "ui/evaluate/probe_form.h"
#include "ui/evaluate/results_view.h"
#include "ui/panels/thumbnail_grid.h"
#include "ui/panels/thumbnail_model.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDropEvent>
#include <QLabel>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <QTest>
#include <QTreeWidget>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

class EvaluatePanelTest : public testing::Test {
 protected:
  ~EvaluatePanelTest() override { core.release(); }

  void open(bool hasRun = true) {
    controller = std::make_unique<RunController>(
        experiment, RunController::Options{.makeLoop = {}, .runsRoot = dir.path()});
    panel = std::make_unique<EvaluatePanel>(*controller, core.doors());
    if (hasRun) {
      RunHeadline headline{.folder = "/runs/a"};
      headline.record.name = "first";
      RunHeadline other{.folder = "/runs/b"};
      other.record.name = "second";
      panel->setRuns({headline, other});
    }
    panel->resize(1280, 760);
    panel->show();
    ASSERT_TRUE(waitFor([&] { return !panel->isBusy(); }));
  }
  bool waitFor(const std::function<bool()>& isTrue) { return QTest::qWaitFor(isTrue, 20'000); }
  template <class T>
  T& child(const char* name) {
    auto* found = panel->findChild<T*>(QString::fromLatin1(name));
    EXPECT_NE(found, nullptr) << name;
    return *found;
  }
  void evaluateNow() { QTest::mouseClick(&child<QPushButton>("evaluateButton"), Qt::LeftButton); }
  bool evaluated(std::size_t count) {
    return waitFor(
        [&] { return panel->results().evaluations().size() == count && !panel->queue().isBusy(); });
  }
  std::vector<qint64> shownIn(const char* grid) {
    const auto* model = child<QListView>(grid).model();
    std::vector<qint64> images;
    for (int row = 0; row < model->rowCount(); ++row) {
      images.push_back(model->index(row, 0).data(ThumbnailModel::ImageIndexRole).toLongLong());
    }
    return images;
  }
  QString emptyText() { return child<QLabel>("evaluationEmpty").text(); }

  TempDir dir;
  FakeCore core;
  std::vector<QString> told;
  std::optional<QString> folder;
  QStringList files;
  AnswerDialogs dialogs{{.folder = [this](const QString&) { return folder; },
                         .told = [this](const QString& text) { told.push_back(text); },
                         .openFiles = [this](const QString&) { return files; }}};
  Experiment experiment;
  std::unique_ptr<RunController> controller;
  std::unique_ptr<EvaluatePanel> panel;
};

TEST_F(EvaluatePanelTest, OneClickJudgesTheNewestCheckpointByItsNeighbours) {
  open();
  EXPECT_TRUE(emptyText().contains(QStringLiteral("Press Evaluate")));
  evaluateNow();
  ASSERT_TRUE(evaluated(1));
  const EvaluationRequest request = core.asked().front();
  EXPECT_EQ(request.probe, ProbeKind::Knn);
  EXPECT_EQ(request.k, 200);
  EXPECT_EQ(request.temperature, 0.1);
  EXPECT_EQ(request.model, std::filesystem::path("/runs/a/checkpoints/step-300"));
  EXPECT_TRUE(request.data.empty());
  ASSERT_NE(panel->results().chosen(), nullptr);
  EXPECT_EQ(child<ConfusionView>("confusionView").classCount(), 3);
  EXPECT_EQ(child<ClassAccuracy>("classAccuracy").topLevelItemCount(), 3);
  EXPECT_EQ(child<ClassAccuracy>("classAccuracy").topLevelItem(0)->text(0),
            QStringLiteral("square"))
      << "the worst first";
}

TEST_F(EvaluatePanelTest, ASeriesOfCheckpointsBecomesACurve) {
  open();
  auto& list = child<QListWidget>("evaluateCheckpoints");
  list.setFocus();
  QTest::keyClick(&list, Qt::Key_A, Qt::ControlModifier);
  EXPECT_EQ(child<QPushButton>("evaluateButton").text(), QStringLiteral("Evaluate 3 checkpoints"));
  QTest::keyClick(panel.get(), Qt::Key_E, Qt::ControlModifier);
  ASSERT_TRUE(evaluated(3));
  const auto& series = child<AccuracyChart>("accuracyChart").series();
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0].points, (std::vector<QPointF>{{1, 0.25}, {2, 0.5}, {3, 0.75}}));
  const auto& tree = child<QTreeWidget>("evaluationResults");
  ASSERT_EQ(tree.topLevelItemCount(), 1);
  EXPECT_EQ(tree.topLevelItem(0)->childCount(), 3);
  auto& chart = child<AccuracyChart>("accuracyChart");
  chart.setFocus();
  QTest::keyClick(&chart, Qt::Key_Right);
  EXPECT_TRUE(chart.readOut().contains(QStringLiteral("epoch 2"))) << chart.readOut().toStdString();
}

TEST_F(EvaluatePanelTest, WhatTheRunMeasuredItselfIsACurveOfItsOwn) {
  for (const std::int64_t epoch : {1, 2}) {
    core.trained.push_back({.step = 100 * epoch,
                            .epoch = epoch,
                            .k = 200,
                            .temperature = 0.1,
                            .bankSize = 5000,
                            .queries = 1000,
                            .top1 = 0.1 * static_cast<double>(epoch)});
  }
  open();
  auto& chart = child<AccuracyChart>("accuracyChart");
  ASSERT_EQ(chart.series().size(), 1U) << "before anything is evaluated";
  evaluateNow();
  ASSERT_TRUE(evaluated(1));
  ASSERT_EQ(chart.series().size(), 2U);
  EXPECT_FALSE(chart.series()[0].name.contains(QStringLiteral("While training")));
  EXPECT_TRUE(chart.series()[1].name.contains(QStringLiteral("While training")));
  EXPECT_EQ(chart.series()[1].points, (std::vector<QPointF>{{1, 0.1}, {2, 0.2}}));
}

TEST_F(EvaluatePanelTest, TheClassifierBesideTheEncoderIsACurveOfItsOwn) {
  for (const std::int64_t epoch : {0, 1, 2}) {
    core.trained.push_back({.epoch = epoch, .top1 = 0.1});
    if (epoch > 0) {  // it was turned on after the first one
      core.trained.back().onlineTop1 = 0.2 * static_cast<double>(epoch);
    }
  }
  open();
  const auto& series = child<AccuracyChart>("accuracyChart").series();
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[0].points.size(), 3);
  EXPECT_TRUE(series[1].name.contains(QStringLiteral("online linear")))
      << series[1].name.toStdString();
  EXPECT_EQ(series[1].points, (std::vector<QPointF>{{1, 0.2}, {2, 0.4}}));
}

TEST_F(EvaluatePanelTest, TheImagesThatAreJudgedCanBeChosen) {
  open();
  auto& split = child<QComboBox>("evaluateSplit");
  QTest::keyClick(&split, Qt::Key_Down);
  evaluateNow();
  ASSERT_TRUE(evaluated(1));
  EXPECT_EQ(core.asked().back().split, "test");
  QTest::keyClick(&split, Qt::Key_Down);
  evaluateNow();
  ASSERT_TRUE(evaluated(2));
  EXPECT_EQ(core.asked().back().split, "validation");
  // Those that a classifier learns from are for the probe without labels.
  QTest::keyClick(&split, Qt::Key_Down);
  EXPECT_EQ(split.currentData(), QStringLiteral("validation"));
  auto& probe = child<QComboBox>("evaluateProbe");
  probe.setCurrentIndex(3);
  QTest::keyClick(&split, Qt::Key_Down);
  evaluateNow();
  ASSERT_TRUE(evaluated(3));
  EXPECT_EQ(core.asked().back().split, "train");
  probe.setCurrentIndex(0);
  EXPECT_EQ(split.currentData(), QStringLiteral(""));
}

TEST_F(EvaluatePanelTest, NumbersOfDifferentProtocolsStandApart) {
  auto other = FakeCore::report(100, 0.5);
  other.protocol = KnnProtocol{.k = 200, .temperature = 0.5};
  auto transfer = FakeCore::report(100, 0.4);
  transfer.data.source = "/other/images";
  transfer.data.isTransfer = true;
  for (const auto& report :
       {FakeCore::report(100, 0.6), FakeCore::report(200, 0.7), other, transfer}) {
    core.store(report);
  }
  open();
  const auto& tree = child<QTreeWidget>("evaluationResults");
  ASSERT_EQ(tree.topLevelItemCount(), 3);
  EXPECT_TRUE(tree.topLevelItem(0)->text(0).contains(QStringLiteral("transfer")));
  EXPECT_TRUE(tree.topLevelItem(1)->text(0).contains(QStringLiteral("200")));
  EXPECT_EQ(tree.topLevelItem(2)->childCount(), 2);
  EXPECT_EQ(child<AccuracyChart>("accuracyChart").series().size(), 3U);
}

TEST_F(EvaluatePanelTest, PublishedRowsStandBelowWithWhatDiffers) {
  auto report = FakeCore::report(100, 0.6);
  report.data.source = "cifar10:/data";
  core.store(report);
  open();
  const auto& tree = child<QTreeWidget>("evaluationResults");
  ASSERT_GT(tree.topLevelItemCount(), 2);
  EXPECT_TRUE(tree.topLevelItem(1)->text(0).startsWith(QStringLiteral("Published")));
  EXPECT_FALSE(tree.topLevelItem(1)->child(0)->text(0).isEmpty()) << "what differs";
  EXPECT_GT(child<AccuracyChart>("accuracyChart").series().size(), 1U);
  QTest::mouseClick(&child<QCheckBox>("publishedResults"), Qt::LeftButton, {}, {8, 8});
  EXPECT_EQ(tree.topLevelItemCount(), 1);
  EXPECT_EQ(child<AccuracyChart>("accuracyChart").series().size(), 1U);
  EXPECT_NE(panel->results().chosen(), nullptr);
}

TEST_F(EvaluatePanelTest, ACellShowsTheImagesBehindIt) {
  core.store(FakeCore::report(300, 0.6));
  open();
  auto& confusion = child<ConfusionView>("confusionView");
  EXPECT_EQ(core.opened(), 0) << "nothing is looked at unasked";
  // The second row's first cell: squares that were taken for circles.
  QTest::mouseClick(&confusion, Qt::LeftButton, {}, confusion.cellRect({1, 0}).center().toPoint());
  ASSERT_TRUE(waitFor([&] { return shownIn("confusedImages").size() == 4; }));
  EXPECT_EQ(shownIn("confusedImages"), (std::vector<qint64>{31, 34, 37, 40}));
  const auto* heading =
      child<QAbstractItemView>("confusedImages").parent()->findChild<QLabel*>("collectionHeading");
  EXPECT_EQ(heading->text(), QStringLiteral("square, taken for circle: 4 (2 when it was judged)"));
  // And by key: to the cell beside it, which is empty.
  confusion.setFocus();
  QTest::keyClick(&confusion, Qt::Key_Right);
  EXPECT_TRUE(
      confusion.accessibleDescription().contains(QStringLiteral("square recognised: 1 of 4")))
      << confusion.accessibleDescription().toStdString();
  QTest::keyClick(&confusion, Qt::Key_Return);
  EXPECT_TRUE(shownIn("confusedImages").empty());
  EXPECT_EQ(core.opened(), 1);
}

TEST_F(EvaluatePanelTest, AChosenCellStaysWhenAnotherResultIsLookedAt) {
  core.store(FakeCore::report(200, 0.5));
  core.store(FakeCore::report(300, 0.6));
  open();
  auto& confusion = child<ConfusionView>("confusionView");
  QTest::mouseClick(&confusion, Qt::LeftButton, {}, confusion.cellRect({1, 0}).center().toPoint());
  ASSERT_TRUE(waitFor([&] { return shownIn("confusedImages").size() == 4; }));
  auto& tree = child<QTreeWidget>("evaluationResults");
  tree.setFocus();
  const auto* before = panel->results().chosen();
  QTest::keyClick(&tree,
                  tree.currentItem() == tree.topLevelItem(0)->child(0) ? Qt::Key_Down : Qt::Key_Up);
  ASSERT_NE(panel->results().chosen(), before);
  EXPECT_TRUE(confusion.current() == (ConfusionView::Cell{1, 0}));
  ASSERT_TRUE(waitFor([&] { return core.opened() == 2 && shownIn("confusedImages").size() == 4; }));
}

TEST_F(EvaluatePanelTest, AClassShowsItsMistakes) {
  core.store(FakeCore::report(300, 0.6));
  open();
  panel->tabs()->setCurrentIndex(1);
  auto& classes = child<ClassAccuracy>("classAccuracy");
  classes.setFocus();
  classes.setCurrentItem(classes.topLevelItem(0));
  QTest::keyClick(&classes, Qt::Key_Return);
  EXPECT_EQ(panel->tabs()->currentIndex(), 0);
  ASSERT_TRUE(waitFor([&] { return shownIn("confusedImages").size() == 4; }));
}

TEST_F(EvaluatePanelTest, NeighboursAreMarkedBySign) {
  core.store(FakeCore::report(300, 0.6));
  open();
  panel->tabs()->setCurrentIndex(2);
  auto& list = child<QListWidget>("neighbours");
  ASSERT_TRUE(waitFor([&] { return list.count() == 12; }));
  EXPECT_TRUE(list.item(0)->text().startsWith(QStringLiteral("✓ ")));
  EXPECT_TRUE(list.item(11)->text().startsWith(QStringLiteral("✗ "))) << "10 of the bank are of it";
  EXPECT_TRUE(list.item(11)
                  ->data(Qt::AccessibleTextRole)
                  .toString()
                  .contains(QStringLiteral("another class")));
  child<QSpinBox>("neighbourCount").setValue(3);
  ASSERT_TRUE(waitFor([&] { return list.count() == 3; }));
  EXPECT_TRUE(child<QLabel>("queryTitle").text().contains(QStringLiteral("3 of 3")));
}

TEST_F(EvaluatePanelTest, AnImageFromOutsideIsLookedUp) {
  core.store(FakeCore::report(300, 0.6));
  open();
  panel->tabs()->setCurrentIndex(2);
  auto& list = child<QListWidget>("neighbours");
  ASSERT_TRUE(waitFor([&] { return list.count() == 12; }));
  const QString file = QString::fromStdString((dir / "mine.png").string());
  QImage image(8, 8, QImage::Format_RGB32);
  image.fill(Qt::blue);
  ASSERT_TRUE(image.save(file));
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(file)});
  QWidget* view = panel->tabs()->currentWidget();
  QDragEnterEvent enter({60, 60}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(view, &enter);
  ASSERT_TRUE(enter.isAccepted());
  QDropEvent drop({60, 60}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(view, &drop);
  const auto isShown = [&] {
    return child<QLabel>("queryTitle").text() == QStringLiteral("mine.png") && list.count() == 12;
  };
  ASSERT_TRUE(waitFor(isShown));
  EXPECT_TRUE(list.item(0)->text().startsWith(QStringLiteral("square")))
      << "no sign where the class is not known";
}

TEST_F(EvaluatePanelTest, TheMapShowsImagesAndALassoListsThem) {
  core.store(FakeCore::report(300, 0.6));
  open();
  panel->tabs()->setCurrentIndex(3);
  auto& points = child<PointMap>("pointMap");
  ASSERT_TRUE(waitFor([&] { return points.count() == 12; }));
  EXPECT_TRUE(child<QLabel>("mapNote").text().contains(QStringLiteral("50 %")));
  const auto& legend = child<QLabel>("mapLegend");
  for (const char* name : {"circle", "square", "star"}) {
    EXPECT_TRUE(legend.text().contains(QLatin1String(name))) << name;
  }
  Q_EMIT points.hovered(1);
  EXPECT_TRUE(child<QLabel>("mapCaption").text().contains(QStringLiteral("square")));
  EXPECT_TRUE(child<QLabel>("mapCaption").text().contains(QStringLiteral("✗")));
  points.setFocus();
  QTest::keyClick(&points, Qt::Key_Return);
  EXPECT_EQ(shownIn("lassoedImages").size(), 12U);
  auto& colour = child<QComboBox>("mapColour");
  colour.setFocus();
  QTest::keyClick(&colour, Qt::Key_End);
  EXPECT_TRUE(legend.text().contains(QStringLiteral("alike"))) << legend.text().toStdString();
  EXPECT_FALSE(legend.text().contains(QStringLiteral("circle")));
}

TEST_F(EvaluatePanelTest, TheMapIsSeenWhileItIsMadeAndKeptWhenStopped) {
  core.store(FakeCore::report(300, 0.6));
  open();
  panel->tabs()->setCurrentIndex(3);
  auto& points = child<PointMap>("pointMap");
  ASSERT_TRUE(waitFor([&] { return points.count() == 12; }));
  core.hold();
  auto& method = child<QComboBox>("mapMethod");
  method.setFocus();
  QTest::keyClick(&method, Qt::Key_Down);
  auto& stop = child<QPushButton>("mapStop");
  ASSERT_TRUE(waitFor([&] {
    return stop.isVisible() &&
           child<QLabel>("mapNote").text().contains(QStringLiteral("say nothing"));
  }));
  QTest::mouseClick(&stop, Qt::LeftButton);
  EXPECT_FALSE(stop.isVisible());
  EXPECT_EQ(points.count(), 12);
}

TEST_F(EvaluatePanelTest, AProbeWithoutLabelsSaysItsNumbers) {
  open();
  auto& probe = child<QComboBox>("evaluateProbe");
  probe.setCurrentIndex(3);
  EXPECT_FALSE(child<QSpinBox>("knnK").isVisible());
  evaluateNow();
  ASSERT_TRUE(evaluated(1));
  EXPECT_EQ(core.asked().front().probe, ProbeKind::Unlabelled);
  const auto* row = child<QTreeWidget>("evaluationResults").topLevelItem(0)->child(0);
  EXPECT_EQ(row->text(1), QStringLiteral("–"));
  EXPECT_TRUE(row->child(0)->text(0).contains(QStringLiteral("12.5")));
  EXPECT_EQ(child<ConfusionView>("confusionView").classCount(), 0);
}

TEST_F(EvaluatePanelTest, SettingsOfEachProbeAreAskedFor) {
  open();
  auto& probe = child<QComboBox>("evaluateProbe");
  auto& labels = child<QComboBox>("probeLabels");
  EXPECT_FALSE(labels.isVisible());
  probe.setCurrentIndex(2);
  EXPECT_EQ(labels.currentText(), QStringLiteral("1 %"));
  probe.setCurrentIndex(1);
  EXPECT_TRUE(labels.isVisible());
  EXPECT_EQ(labels.currentText(), QStringLiteral("100 %"));
  labels.setCurrentIndex(1);
  child<QComboBox>("linearPreset").setCurrentIndex(2);
  evaluateNow();
  ASSERT_TRUE(evaluated(1));
  EXPECT_EQ(core.asked().front().labels, 0.1);
  EXPECT_EQ(core.asked().front().preset, LinearPreset::Solo);
  probe.setCurrentIndex(0);
  auto& way = child<QComboBox>("knnPreset");
  way.setCurrentIndex(2);
  Q_EMIT way.activated(2);
  EXPECT_EQ(child<QSpinBox>("knnK").value(), 20);
  child<QSpinBox>("knnK").setValue(7);
  EXPECT_EQ(way.currentText(), QStringLiteral("My own"));
}

TEST_F(EvaluatePanelTest, SaysWhatToDoWhereNothingIs) {
  open(false);
  EXPECT_TRUE(emptyText().contains(QStringLiteral("no run")));
  EXPECT_FALSE(child<QPushButton>("evaluateButton").isEnabled());
  QTest::keyClick(panel.get(), Qt::Key_E, Qt::ControlModifier);
  EXPECT_TRUE(panel->queue().entries().empty());
}

TEST_F(EvaluatePanelTest, SaysThatARunHasNoCheckpoint) {
  core.steps.clear();
  open();
  EXPECT_TRUE(emptyText().contains(QStringLiteral("no checkpoint")));
}

TEST_F(EvaluatePanelTest, AFailureStandsInTheQueueAndTheWindowLives) {
  core.failure = "shapes has no labels; take the probe without labels.";
  open();
  evaluateNow();
  ASSERT_TRUE(
      waitFor([&] { return !panel->queue().isBusy() && !panel->queue().entries().empty(); }));
  auto& queue = child<QListWidget>("evaluationQueue");
  EXPECT_TRUE(
      queue.item(0)->data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("no labels")));
  queue.setFocus();
  QTest::keyClick(&queue, Qt::Key_Delete);
  EXPECT_TRUE(panel->queue().entries().empty());
}

TEST_F(EvaluatePanelTest, WhatCannotBeLookedAtSaysWhy) {
  core.openFailure = "The folder of the data is gone.";
  core.store(FakeCore::report(300, 0.6));
  open();
  const QString reason = QStringLiteral("The folder of the data is gone.");
  panel->tabs()->setCurrentIndex(2);
  ASSERT_TRUE(waitFor([&] { return child<QLabel>("neighboursNote").text() == reason; }));
  EXPECT_EQ(core.opened(), 1) << "it does not try for ever";
  panel->tabs()->setCurrentIndex(3);
  ASSERT_TRUE(waitFor([&] { return child<QLabel>("mapNote").text() == reason; }));
  core.openFailure.clear();
  panel->tabs()->setCurrentIndex(2);
  ASSERT_TRUE(waitFor([&] { return child<QListWidget>("neighbours").count() == 12; }));
}

TEST_F(EvaluatePanelTest, AnotherFolderMustBeARun) {
  open();
  folder = QString::fromStdString(dir.path().string());
  auto& run = child<QComboBox>("evaluateRun");
  const int other = run.findText(QStringLiteral("Another run..."));
  run.setCurrentIndex(other);
  Q_EMIT run.activated(other);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told.front().contains(QStringLiteral("is not a run")));
  EXPECT_EQ(panel->form().run(), std::filesystem::path("/runs/a"));
}

TEST_F(EvaluatePanelTest, FitsIntoSmallWindowsInBothThemes) {
  core.store(FakeCore::report(300, 0.6));
  open();
  for (const Theme theme : {Theme::Light, Theme::Dark}) {
    applyTheme(*qApp, theme);
    for (const QSize& size : {QSize(1024 - 92, 620), QSize(1280 - 92, 720)}) {
      panel->resize(size);
      EXPECT_EQ(panel->size(), size) << "it asks for more";
      for (int tab = 0; tab < panel->tabs()->count(); ++tab) {
        panel->tabs()->setCurrentIndex(tab);
        ASSERT_TRUE(waitFor([&] { return !panel->isBusy(); }));
        EXPECT_FALSE(panel->grab().isNull());
      }
    }
  }
}

TEST_F(EvaluatePanelTest, EverythingThatCanBeReachedHasAName) {
  core.store(FakeCore::report(300, 0.6));
  open();
  for (const QWidget* widget : panel->findChildren<QWidget*>()) {
    const bool isOwn = !widget->objectName().startsWith(QStringLiteral("qt_")) &&
                       !widget->inherits("QComboBoxListView");
    if (isOwn && widget->focusPolicy() != Qt::NoFocus &&
        (qobject_cast<const QAbstractItemView*>(widget) != nullptr ||
         qobject_cast<const QComboBox*>(widget) != nullptr ||
         qobject_cast<const QAbstractSpinBox*>(widget) != nullptr)) {
      EXPECT_FALSE(widget->accessibleName().isEmpty())
          << widget->metaObject()->className() << ' ' << widget->objectName().toStdString();
    }
  }
}

}  // namespace
}  // namespace barlow::ui
