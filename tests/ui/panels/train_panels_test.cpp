#include "ui/dialogs/guide.h"
#include "ui/panels/charts_panel.h"
#include "ui/panels/log_panel.h"
#include "ui/panels/matrix_panel.h"
#include "ui/panels/metric_cards.h"
#include "ui/panels/settings_panel.h"
#include "ui/plots/line_chart.h"
#include "ui/plots/matrix_canvas.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QTest>
#include <QToolButton>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace barlow::ui {
namespace {

MetricCard* card(QWidget& parent, const char* name) {
  return parent.findChild<MetricCard*>(QString::fromLatin1(name));
}

TEST(MetricCards, ShowNumbersBesideWhatIsGood) {
  MetricCards cards;
  cards.setShape(128, 100);
  cards.showMetrics({.step = 1,
                     .loss = 35.8312,
                     .floor = 0.01,
                     .meanDiagonal = 0.5,
                     .rmsOffDiagonal = 0.25,
                     .collapse = CollapseNumbers{.effectiveRank = 12.34}});
  EXPECT_EQ(card(cards, "lossCard")->value(), QStringLiteral("35.83"));
  EXPECT_TRUE(card(cards, "lossCard")->note().contains(QStringLiteral("0.01")));
  EXPECT_EQ(card(cards, "diagonalCard")->value(), QStringLiteral("0.500"));
  EXPECT_TRUE(card(cards, "offDiagonalCard")->note().contains(QStringLiteral("0.100")))
      << "1/sqrt(N)";
  EXPECT_EQ(card(cards, "rankCard")->value(), QStringLiteral("12.3"));
  EXPECT_TRUE(card(cards, "rankCard")->note().contains(QStringLiteral("128")));
}

TEST(MetricCards, SayWhenItCollapsesOrDiverges) {
  MetricCards cards;
  cards.showMetrics({.step = 1,
                     .loss = std::numeric_limits<double>::quiet_NaN(),
                     .collapse = CollapseNumbers{.effectiveRank = 1.0, .deadDimensions = 3}});
  EXPECT_EQ(card(cards, "lossCard")->value(), QStringLiteral("not finite"));
  EXPECT_TRUE(card(cards, "rankCard")->note().contains(QStringLiteral("collapsed")));
  EXPECT_TRUE(card(cards, "rankCard")->note().contains(QStringLiteral("3 dead")));
}

// Issue 16: a number that cannot be is never shown as a good or an ordinary one.
TEST(MetricCards, NumbersThatCannotBeAreBad) {
  using Mood = MetricCard::Mood;
  MetricCards cards;
  cards.showMetrics({.step = 1, .loss = 3, .meanDiagonal = 0.9, .rmsOffDiagonal = 0.1});
  EXPECT_EQ(card(cards, "diagonalCard")->mood(), Mood::Good);
  for (const char* name : {"lossCard", "offDiagonalCard"}) {
    EXPECT_EQ(card(cards, name)->mood(), Mood::Plain) << name << ": nothing to judge by";
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const MetricPoint& wrong : std::initializer_list<MetricPoint>{
           {.step = 1, .loss = -3, .meanDiagonal = 1e29, .rmsOffDiagonal = 1e29},
           {.step = 1, .loss = nan, .meanDiagonal = nan, .rmsOffDiagonal = nan}}) {
    cards.showMetrics(wrong);
    for (const char* name : {"lossCard", "diagonalCard", "offDiagonalCard"}) {
      EXPECT_EQ(card(cards, name)->mood(), Mood::Bad) << name;
    }
  }
  cards.showMetrics({.step = 1, .collapse = CollapseNumbers{.effectiveRank = nan}});
  EXPECT_EQ(card(cards, "rankCard")->mood(), Mood::Bad);
  cards.showEvaluation({.step = 0, .top1 = 0.4});
  cards.showEvaluation({.step = 5, .top1 = 7});
  EXPECT_EQ(card(cards, "knnCard")->mood(), Mood::Bad);
}

// Issue 16, F2: only kNN was judged, and an untrained network had the off-diagonal RMS of a good
// one.
TEST(MetricCards, AreJudgedByOneRuleAndSayWhatToDo) {
  using Mood = MetricCard::Mood;
  MetricCards cards;
  cards.setShape(64, 100);
  const std::vector<const char*> all = {"lossCard", "diagonalCard", "offDiagonalCard", "rankCard"};
  cards.showMetrics({.step = 9,
                     .loss = 5,
                     .meanDiagonal = 0.85,
                     .rmsOffDiagonal = 0.15,
                     .collapse = CollapseNumbers{.effectiveRank = 40}});
  for (const char* name : all) {
    EXPECT_EQ(card(cards, name)->mood(), Mood::Good) << name;
    EXPECT_TRUE(card(cards, name)->note().startsWith(QStringLiteral("good"))) << name;
  }
  cards.showMetrics({.step = 1,
                     .loss = 60,
                     .meanDiagonal = 0.05,
                     .rmsOffDiagonal = 0.1,
                     .collapse = CollapseNumbers{.effectiveRank = 34}});
  for (const char* name : all) {
    EXPECT_NE(card(cards, name)->mood(), Mood::Good) << name << " of an untrained network";
  }
  EXPECT_TRUE(card(cards, "diagonalCard")->note().contains(QStringLiteral("train longer")));
}

TEST(MetricCards, CompareKnnWithTheUntrainedNetwork) {
  MetricCards cards;
  cards.showEvaluation({.step = 0, .top1 = 0.466});
  cards.showEvaluation({.step = 138, .top1 = 0.911});
  EXPECT_EQ(card(cards, "knnCard")->value(), QStringLiteral("91.1 %"));
  EXPECT_TRUE(card(cards, "knnCard")->note().contains(QStringLiteral("46.6 %")));
}

// Issue 16, F6 and F9.
TEST(MetricCards, ExplainThemselvesWhenPressed) {
  MetricCards cards;
  cards.show();
  QStringList asked;
  QObject::connect(&cards, &MetricCards::explanationRequested, &cards, [&](const QString& section) {
    asked << section;
  });
  auto* rank = card(cards, "rankCard");
  EXPECT_TRUE(rank->focusPolicy() & Qt::TabFocus);
  QTest::keyClick(rank, Qt::Key_Return);
  QTest::mouseClick(card(cards, "lossCard"), Qt::LeftButton);
  EXPECT_EQ(asked, (QStringList{QStringLiteral("rank"), QStringLiteral("loss")}));
  for (const QString& section : asked) {
    EXPECT_TRUE(guideSections().contains(section));
  }
}

TEST(ChartsPanel, DrawsTheTermsAsTheLossWeighsThem) {
  ChartsPanel charts;
  charts.setLambda(0.5);
  charts.append(
      {MetricPoint{.step = 1, .loss = 4, .onDiagonal = 1, .offDiagonal = 6, .floor = 0.1}});
  EXPECT_EQ(charts.lossChart()->readOut(1),
            QStringLiteral("step 1 · loss 4 · diagonal 1 · λ · off-diagonal 3 · floor 0.1"));
  charts.append(EvaluationResult{.step = 0, .top1 = 0.5, .top5 = 0.9});
  EXPECT_EQ(charts.knnChart()->readOut(0), QStringLiteral("step 0 · top-1 50 · top-5 90"));
  charts.clear();
  EXPECT_EQ(charts.lossChart()->pointCount(), 0);
}

TEST(ChartsPanel, OneBoxHoldsAndFollowsAllCharts) {
  ChartsPanel charts;
  auto* follow = charts.findChild<QCheckBox*>(QStringLiteral("followCharts"));
  charts.rateChart()->setFollowing(false);
  EXPECT_FALSE(follow->isChecked());
  EXPECT_FALSE(charts.lossChart()->isFollowing());
  follow->click();
  EXPECT_TRUE(charts.lossChart()->isFollowing() && charts.rateChart()->isFollowing());
  charts.findChild<QCheckBox*>(QStringLiteral("logarithmicLoss"))->click();
  EXPECT_FALSE(charts.lossChart()->isLogarithmic());
}

TEST(SettingsPanel, SuggestsTheAuthorsRateWhichCanBeTakenOrRefused) {
  Experiment experiment;
  SettingsPanel panel(experiment);
  panel.resize(420, 700);
  panel.show();
  auto* advice = panel.findChild<QWidget*>(QStringLiteral("rateAdvice"));
  auto* take = panel.findChild<QPushButton*>(QStringLiteral("takeRateAdvice"));
  auto* refuse = panel.findChild<QPushButton*>(QStringLiteral("refuseRateAdvice"));
  const auto setBatch = [&](int batch) {
    RunConfig config = experiment.config();
    config.optim.name = OptimizerName::Lars;
    config.optim.larsClip = false;
    config.run.batchSize = batch;
    experiment.setConfig(config);
  };
  RunConfig start = experiment.config();
  start.optim.baseLearningRate = 0.2;
  experiment.setConfig(start);
  setBatch(2048);
  EXPECT_FALSE(advice->isVisible());
  setBatch(64);
  ASSERT_TRUE(advice->isVisible());
  QTest::mouseClick(take, Qt::LeftButton);
  EXPECT_EQ(experiment.config().optim.baseLearningRate, 1.0);
  EXPECT_FALSE(advice->isVisible());

  setBatch(256);
  ASSERT_TRUE(advice->isVisible());
  QTest::mouseClick(refuse, Qt::LeftButton);
  EXPECT_FALSE(advice->isVisible());
  EXPECT_EQ(experiment.config().optim.baseLearningRate, 1.0) << "refused is refused";
  setBatch(512);
  EXPECT_TRUE(advice->isVisible()) << "another suggestion";
}

// Issue 16, F17.
TEST(SettingsPanel, SuggestsAShorterWarmUpWhereItTakesMostOfTheRun) {
  Experiment experiment;
  SettingsPanel panel(experiment);
  panel.resize(420, 700);
  panel.show();
  auto* advice = panel.findChild<QWidget*>(QStringLiteral("warmupAdvice"));
  EXPECT_FALSE(advice->isVisible());
  RunConfig config = experiment.config();
  config.run.epochs = 10;
  config.optim.warmupEpochs = 10;
  experiment.setConfig(config);
  ASSERT_TRUE(advice->isVisible());
  QTest::mouseClick(panel.findChild<QPushButton*>(QStringLiteral("takeWarmupAdvice")),
                    Qt::LeftButton);
  EXPECT_EQ(experiment.config().optim.warmupEpochs, 1);
  EXPECT_FALSE(advice->isVisible());
}

// Issue 16, F18.
TEST(SettingsPanel, SpeaksOfARunThatGoesOnAndInTheWordsOfTheForm) {
  Experiment experiment;
  SettingsPanel panel(experiment);
  panel.resize(420, 700);
  panel.show();
  const auto label = [&](const char* name) {
    return panel.findChild<QLabel*>(QString::fromLatin1(name));
  };
  EXPECT_TRUE(label("settingsData")->text().contains(QStringLiteral("Generated shapes")));
  EXPECT_FALSE(label("runningNote")->isVisible());
  panel.setRunning(true);
  EXPECT_TRUE(label("runningNote")->isVisible());
  EXPECT_FALSE(panel.findChild<QComboBox*>(QStringLiteral("presetChoice"))->isEnabled());
  RunConfig config = experiment.config();
  config.optim.baseLearningRate = -1;
  experiment.setConfig(config);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !panel.isBusy(); }, 10'000));
  EXPECT_TRUE(label("runEstimate")->text().contains(QStringLiteral("Resume")));
  EXPECT_FALSE(label("runEstimate")->text().contains(QStringLiteral("can start")));
  EXPECT_FALSE(label("configProblems")->text().contains(QStringLiteral("base_learning_rate")));
  EXPECT_TRUE(label("configProblems")->text().contains(QStringLiteral("Optimiser: ")));
  panel.setRunning(false);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !panel.isBusy(); }, 10'000));
  EXPECT_TRUE(label("runEstimate")->text().contains(QStringLiteral("can start")));
}

TEST(SettingsPanel, WhatWasMeasuredStandsInForTheEstimate) {
  Experiment experiment;
  RunConfig config = experiment.config();
  config.run.epochs = 10;
  experiment.load(config, QStringLiteral("mine"));
  SettingsPanel panel(experiment);
  double seconds = -1;
  QObject::connect(&panel, &SettingsPanel::estimated, &panel, [&](double now) { seconds = now; });
  panel.setImageCount(1000);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !panel.isBusy(); }, 60'000));
  panel.setMeasured(experiment.config(), 50);
  EXPECT_DOUBLE_EQ(seconds, 500);
  config.model.width *= 2;  // another network
  experiment.setConfig(config);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !panel.isBusy(); }, 60'000));
  EXPECT_NE(seconds, 500);
}

TEST(MatrixPanel, NamesItsSizeStepAndPooling) {
  MatrixPanel panel;
  panel.resize(420, 420);
  panel.show();
  const auto inspection = std::make_shared<Inspection>();
  inspection->pyramid = MatrixPyramid::build(Matrix::generated(
      2048, 2048, [](auto i, auto j) { return i == j ? 1.0F : 0.0F; }, {.n = 64, .step = 17}));
  panel.show(inspection);
  QString caption;
  for (const auto* label : panel.findChildren<QLabel*>()) {
    if (label->text().contains(QStringLiteral("2,048 x 2,048"))) {
      caption = label->text();
    }
  }
  EXPECT_TRUE(caption.contains(QStringLiteral("step 17"))) << qPrintable(caption);
  ASSERT_GT(panel.canvas()->level(), 0);
  const QString blocks = QStringLiteral("blocks of %1 x %1").arg(1 << panel.canvas()->level());
  EXPECT_TRUE(caption.contains(blocks)) << qPrintable(caption);
  auto* reduction = panel.findChild<QComboBox*>(QStringLiteral("matrixReduction"));
  reduction->setCurrentIndex(2);
  EXPECT_EQ(panel.canvas()->settings().reduction, Reduction::Rms);
  bool isAsked = false;
  QObject::connect(&panel, &MatrixPanel::inspectRequested, &panel, [&] { isAsked = true; });
  QTest::mouseClick(panel.findChild<QToolButton*>(QStringLiteral("matrixInspect")), Qt::LeftButton);
  EXPECT_TRUE(isAsked);
  panel.clear();
  EXPECT_EQ(panel.canvas()->matrix(), nullptr);
}

class LogPanelTest : public testing::Test {
 protected:
  LogPanelTest() {
    panel.append(LogLevel::Debug, QStringLiteral("epoch 1"));
    panel.append(LogLevel::Info, QStringLiteral("Training in /data"));
    panel.append(LogLevel::Warning, QStringLiteral("one image is broken"));
    panel.append(LogLevel::Error, QStringLiteral("disk full"));
  }
  LogPanel panel;
};

TEST_F(LogPanelTest, FiltersByLevelAndWords) {
  QAbstractItemModel& shown = const_cast<QAbstractItemModel&>(panel.shown());
  const QAbstractItemModelTester tester(&shown,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  EXPECT_EQ(panel.model().rowCount(), 4);
  EXPECT_EQ(panel.shown().rowCount(), 3) << "epochs are for who asks";
  auto* level = panel.findChild<QComboBox*>(QStringLiteral("logLevel"));
  level->setCurrentIndex(0);
  EXPECT_EQ(panel.shown().rowCount(), 4);
  level->setCurrentIndex(2);
  EXPECT_EQ(panel.shown().rowCount(), 2);
  QTest::keyClicks(panel.findChild<QLineEdit*>(QStringLiteral("logSearch")),
                   QStringLiteral("DISK"));
  ASSERT_EQ(panel.shown().rowCount(), 1);
  EXPECT_TRUE(
      panel.shown().index(0, 0).data().toString().contains(QStringLiteral("Error: disk full")));
}

TEST_F(LogPanelTest, CopiesWhatIsSelected) {
  auto* list = panel.findChild<QListView*>(QStringLiteral("logLines"));
  panel.show();
  ASSERT_TRUE(QTest::qWaitForWindowActive(&panel));
  list->setFocus();
  list->selectAll();
  QTest::keySequence(list, QKeySequence::Copy);
  const QStringList lines = QApplication::clipboard()->text().split(QLatin1Char('\n'));
  ASSERT_EQ(lines.size(), 3);
  EXPECT_TRUE(lines.front().contains(QStringLiteral("Training in /data")));
}

TEST(LogModel, ForgetsTheOldestLines) {
  LogModel model;
  for (int i = 0; i < LogModel::kMost + 10; ++i) {
    model.append(LogLevel::Info, QString::number(i));
  }
  EXPECT_EQ(model.rowCount(), LogModel::kMost);
  EXPECT_TRUE(model.index(0, 0).data().toString().endsWith(QStringLiteral("  10")));
}

}  // namespace
}  // namespace barlow::ui
