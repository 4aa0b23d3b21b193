#include "ui/dialogs/guide.h"
#include "ui/panels/charts_panel.h"
#include "ui/panels/log_panel.h"
#include "ui/panels/matrix_panel.h"
#include "ui/panels/metric_cards.h"
#include "ui/panels/settings_panel.h"
#include "ui/plots/color_limits_bar.h"
#include "ui/plots/line_chart.h"
#include "ui/plots/matrix_canvas.h"
#include "ui/plots/matrix_kind_choice.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QLocale>
#include <QPushButton>
#include <QTest>
#include <QToolButton>
#include <gtest/gtest.h>

#include <limits>
#include <utility>
#include <vector>

namespace barlow::ui {
namespace {

MetricCard* card(QWidget& parent, const char* name) {
  return parent.findChild<MetricCard*>(QString::fromLatin1(name));
}

// A row of Barlow Twins with what its cards show.
MetricPoint rowOf(double loss, double meanDiagonal, double rmsOffDiagonal, double rank = 1) {
  return {.step = 1,
          .loss = loss,
          .terms = {0, 0, 0, meanDiagonal, rmsOffDiagonal},
          .collapse = CollapseNumbers{.effectiveRank = rank}};
}

// Three terms, two charts, two cards.
MetricSchema inventedSchema() {
  MetricSchema schema;
  schema.loss.range = {.good = -0.9, .poor = -0.1, .least = -1, .most = 1, .reference = -1};
  schema.loss.hints = {
      .aim = "towards {}", .good = "good: near {}", .fair = "fair", .poor = "poor"};
  schema.loss.chartLabel = "loss";
  schema.terms = {{.key = "queue_share",
                   .label = "Queue share",
                   .unit = "%",
                   .help = "Share of the queue that is used.",
                   .chart = "Queue use",
                   .isCard = true,
                   .range = {.good = 50, .poor = 10, .least = 0, .most = 100},
                   .hints = {.aim = "up", .good = "good: used", .fair = "fair", .poor = "poor"}},
                  {.key = "least", .label = "least", .chart = "Loss", .isReference = true},
                  {.key = "hidden", .label = "Hidden"}};
  return schema;
}

TEST(MetricCards, ShowNumbersBesideWhatIsGood) {
  MetricCards cards;
  cards.setSchema(barlowTwinsSchema(100, 128, 0.01));
  cards.setShape(128, 100);
  cards.showMetrics({.step = 1,
                     .loss = 35.8312,
                     .terms = {0, 0, 0, 0.5, 0.25},
                     .collapse = CollapseNumbers{.effectiveRank = 12.34}});
  EXPECT_EQ(card(cards, "lossCard")->value(), QStringLiteral("35.83"));
  EXPECT_TRUE(card(cards, "lossCard")
                  ->note()
                  .contains(QLocale().toString(
                      barlowTwinsSchema(100, 128, 0.01).loss.range.reference, 'g', 4)))
      << "the floor";
  EXPECT_EQ(card(cards, "meanDiagonalCard")->value(), QStringLiteral("0.500"));
  EXPECT_TRUE(card(cards, "rmsOffDiagonalCard")->note().contains(QStringLiteral("0.100")))
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
  cards.showMetrics(rowOf(3, 0.9, 0.1));
  EXPECT_EQ(card(cards, "meanDiagonalCard")->mood(), Mood::Good);
  for (const char* name : {"lossCard", "rmsOffDiagonalCard"}) {
    EXPECT_EQ(card(cards, name)->mood(), Mood::Plain) << name << ": nothing to judge by";
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const MetricPoint& wrong : {rowOf(-3, 1e29, 1e29), rowOf(nan, nan, nan)}) {
    cards.showMetrics(wrong);
    for (const char* name : {"lossCard", "meanDiagonalCard", "rmsOffDiagonalCard"}) {
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
  cards.setSchema(barlowTwinsSchema(100, 64, 0.0051));
  cards.setShape(64, 100);
  const std::vector<const char*> all = {
      "lossCard", "meanDiagonalCard", "rmsOffDiagonalCard", "rankCard"};
  cards.showMetrics(rowOf(5, 0.85, 0.15, 40));
  for (const char* name : all) {
    EXPECT_EQ(card(cards, name)->mood(), Mood::Good) << name;
    EXPECT_TRUE(card(cards, name)->note().startsWith(QStringLiteral("good"))) << name;
  }
  cards.showMetrics(rowOf(60, 0.05, 0.1, 34));
  for (const char* name : all) {
    EXPECT_NE(card(cards, name)->mood(), Mood::Good) << name << " of an untrained network";
  }
  EXPECT_TRUE(card(cards, "meanDiagonalCard")->note().contains(QStringLiteral("train longer")));
}

TEST(MetricCards, JudgeTheBeginningOfARunOnlyWhereItIsGood) {
  using Mood = MetricCard::Mood;
  MetricCards cards;
  cards.setSchema(barlowTwinsSchema(64, 512, 0.0051));
  cards.setShape(512, 64);
  cards.setEnd(940);
  MetricPoint point = rowOf(273, 0.43, 0.6, 4.7);
  point.step = 11;
  cards.showEvaluation({.step = 0, .top1 = 0.4});
  cards.showEvaluation({.step = 10, .top1 = 0.39});
  cards.showMetrics(point);
  for (const char* name :
       {"lossCard", "meanDiagonalCard", "rmsOffDiagonalCard", "rankCard", "knnCard"}) {
    EXPECT_EQ(card(cards, name)->mood(), Mood::Plain) << name;
    EXPECT_FALSE(card(cards, name)->note().startsWith(QStringLiteral("poor"))) << name;
  }
  cards.setEnd(0);  // it was stopped here
  for (const char* name : {"meanDiagonalCard", "rankCard", "knnCard"}) {
    EXPECT_EQ(card(cards, name)->mood(), Mood::Attention) << name;
    EXPECT_TRUE(card(cards, name)->note().startsWith(QStringLiteral("poor"))) << name;
  }
}

TEST(MetricCards, JudgeTheBeginningByWhateverIsDeclared) {
  using Mood = MetricCard::Mood;
  MetricCards cards;
  cards.setSchema(inventedSchema());
  cards.setEnd(400);
  for (const auto& [step, mood] : {std::pair{99, Mood::Plain}, std::pair{100, Mood::Attention}}) {
    cards.showMetrics({.step = step, .loss = 0, .terms = {5, 0, 0}});
    for (const char* name : {"lossCard", "queueShareCard"}) {
      EXPECT_EQ(card(cards, name)->mood(), mood) << name << " at step " << step;
    }
    cards.showMetrics({.step = step, .loss = -0.95, .terms = {60, 0, 0}});
    EXPECT_EQ(card(cards, "queueShareCard")->mood(), Mood::Good) << "at step " << step;
  }
}

TEST(MetricCards, WaitForANumberThatComesLater) {
  MetricSchema schema = inventedSchema();
  schema.terms[0].comesLater = true;
  MetricCards cards;
  cards.setSchema(schema);
  const double none = std::numeric_limits<double>::quiet_NaN();
  cards.showMetrics({.step = 1, .loss = 0, .terms = {none, 0, 0}});
  EXPECT_EQ(card(cards, "queueShareCard")->mood(), MetricCard::Mood::Plain);
  EXPECT_EQ(card(cards, "queueShareCard")->value(), QStringLiteral("–"));
  cards.showMetrics({.step = 2, .loss = 0, .terms = {60, 0, 0}});
  EXPECT_EQ(card(cards, "queueShareCard")->mood(), MetricCard::Mood::Good);
}

TEST(MetricCards, KeepANumberThatIsMeasuredNowAndThen) {
  MetricSchema schema = inventedSchema();
  schema.terms.push_back(
      {.key = "distance", .label = "Distance", .isCard = true, .comesLater = true});
  MetricCards cards;
  cards.setSchema(schema);
  cards.showMetrics({.step = 1, .loss = 0, .terms = {60, 0, 0, 0.125}});
  const QString value = card(cards, "distanceCard")->value();
  EXPECT_TRUE(value.contains(QStringLiteral("0.125"))) << qPrintable(value);
  cards.showMetrics({.step = 2, .loss = 0, .terms = {60, 0, 0}});
  EXPECT_EQ(card(cards, "distanceCard")->value(), value);
  cards.clear();
  EXPECT_EQ(card(cards, "distanceCard")->value(), QStringLiteral("–"));
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

TEST(MetricCards, AreThoseOfTheSchema) {
  using Mood = MetricCard::Mood;
  MetricCards cards;
  cards.setSchema(inventedSchema());
  EXPECT_EQ(cards.findChildren<MetricCard*>().size(), 4) << "loss, queue share, kNN, rank";
  EXPECT_EQ(card(cards, "meanDiagonalCard"), nullptr);
  ASSERT_NE(card(cards, "queueShareCard"), nullptr);
  EXPECT_EQ(card(cards, "lossCard")->note(), QStringLiteral("towards -1.000"));
  EXPECT_EQ(card(cards, "queueShareCard")->note(), QStringLiteral("up"));
  cards.setShape(64, 100);
  cards.showMetrics({.step = 1,
                     .loss = -0.95,
                     .terms = {62.5, -1, 7},
                     .collapse = CollapseNumbers{.effectiveRank = 40}});
  EXPECT_EQ(card(cards, "lossCard")->value(), QStringLiteral("-0.950"));
  EXPECT_EQ(card(cards, "lossCard")->note(), QStringLiteral("good: near -1.000"));
  EXPECT_EQ(card(cards, "queueShareCard")->value(), QStringLiteral("62.5 %"));
  for (const char* name : {"lossCard", "queueShareCard", "rankCard"}) {
    EXPECT_EQ(card(cards, name)->mood(), Mood::Good) << name << ": there is no diagonal to ask";
  }
  cards.showMetrics({.step = 2, .loss = -0.5, .terms = {120}});
  EXPECT_EQ(card(cards, "queueShareCard")->mood(), Mood::Bad);
  EXPECT_FALSE(card(cards, "queueShareCard")->note().startsWith(QStringLiteral("good")));
  QString asked;
  QObject::connect(
      &cards, &MetricCards::explanationRequested, &cards, [&](const QString& key) { asked = key; });
  cards.show();
  QTest::mouseClick(card(cards, "queueShareCard"), Qt::LeftButton);
  EXPECT_EQ(asked, QStringLiteral("queue_share"));
  cards.setSchema(barlowTwinsSchema(0, 0, 1));
  EXPECT_NE(card(cards, "meanDiagonalCard"), nullptr);
  EXPECT_EQ(card(cards, "queueShareCard"), nullptr);
}

TEST(ChartsPanel, DrawsTheTermsAsTheLossWeighsThem) {
  ChartsPanel charts;
  charts.setSchema(barlowTwinsSchema(64, 32, 0.5));
  const LineChart* loss = charts.lossChart();
  charts.append({MetricPoint{.step = 1, .loss = 4, .terms = {1, 6, 0.1, 0.5, 0.25}}});
  EXPECT_EQ(loss->readOut(1),
            QStringLiteral("step 1 · loss 4 · diagonal 1 · λ · off-diagonal 3 · floor 0.1"));
  EXPECT_EQ(charts.findChild<LineChart*>(QStringLiteral("correlationChart"))->readOut(1),
            QStringLiteral("step 1 · mean diagonal 0.5 · off-diagonal 0.25"));
  charts.append(EvaluationResult{.step = 0, .top1 = 0.5, .top5 = 0.9});
  EXPECT_EQ(charts.knnChart()->readOut(0), QStringLiteral("step 0 · top-1 50 · top-5 90"));
  charts.append(EvaluationResult{.step = 1, .top1 = 0.5, .top5 = 0.9, .onlineTop1 = 0.25});
  EXPECT_EQ(charts.knnChart()->readOut(1),
            QStringLiteral("step 1 · top-1 50 · top-5 90 · online linear 25"));
  charts.setSchema(barlowTwinsSchema(64, 32, 2));
  ASSERT_EQ(charts.lossChart(), loss) << "the same curves go on with another lambda";
  charts.append({MetricPoint{.step = 2, .loss = 4, .terms = {1, 6, 0.1, 0.5, 0.25}}});
  EXPECT_EQ(loss->readOut(2),
            QStringLiteral("step 2 · loss 4 · diagonal 1 · λ · off-diagonal 12 · floor 0.1"));
  charts.clear();
  EXPECT_EQ(charts.lossChart()->pointCount(), 0);
}

TEST(ChartsPanel, DrawsWhatTheSchemaSays) {
  ChartsPanel charts;
  charts.findChild<QCheckBox*>(QStringLiteral("followCharts"))->setChecked(false);
  charts.setSchema(inventedSchema());
  QStringList names;
  for (const LineChart* chart : charts.charts()) {
    names << chart->objectName();
    EXPECT_FALSE(chart->isLogarithmic()) << qPrintable(names.back()) << ": a loss below 0";
  }
  EXPECT_EQ(names,
            (QStringList{QStringLiteral("lossChart"),
                         QStringLiteral("queueUseChart"),
                         QStringLiteral("correlationChart"),
                         QStringLiteral("knnChart"),
                         QStringLiteral("rateChart")}));
  EXPECT_FALSE(charts.lossChart()->isFollowing());
  EXPECT_GT(charts.lossChart()->smoothing(), 0);
  CollapseNumbers collapse{.step = 1};
  collapse.meanDiagonal = 0.5;
  collapse.rmsOffDiagonal = 0.25;
  charts.append({MetricPoint{.step = 1, .loss = -0.5, .terms = {40, -1, 7}},
                 MetricPoint{.step = 2,
                             .loss = -0.5,
                             .terms = {std::numeric_limits<double>::quiet_NaN(), -1},
                             .collapse = collapse}});
  const auto readOut = [&](const char* name, double step) {
    return charts.findChild<LineChart*>(QString::fromLatin1(name))->readOut(step);
  };
  EXPECT_EQ(readOut("lossChart", 1), QStringLiteral("step 1 · loss -0.5 · least -1"));
  EXPECT_EQ(readOut("queueUseChart", 1), QStringLiteral("step 1 · Queue share 40"));
  EXPECT_EQ(readOut("queueUseChart", 2), QStringLiteral("step 2 · Queue share –")) << "a gap";
  EXPECT_EQ(readOut("correlationChart", 1),
            QStringLiteral("step 1 · mean diagonal 0.5 · off-diagonal 0.25"));
  charts.setSchema(barlowTwinsSchema(64, 32, 1));
  EXPECT_EQ(charts.charts().size(), 4u);
  EXPECT_EQ(charts.findChildren<LineChart*>().size(), 4);
  EXPECT_TRUE(charts.lossChart()->isLogarithmic());
}

// Every chart keeps a readable size where there are six.
TEST(ChartsPanel, JoinsWhatIsMeasuredNowAndThen) {
  MetricSchema schema = inventedSchema();
  schema.terms.push_back(
      {.key = "distance", .label = "Distance", .chart = "Distance", .comesLater = true});
  ChartsPanel charts;
  charts.setSchema(schema);
  charts.append({{.step = 1, .loss = 1, .terms = {40, -1, 7, 0.5}},
                 {.step = 2, .loss = 1, .terms = {40, -1, 7}},
                 {.step = 3, .loss = 1, .terms = {40, -1, 7, 0.25}}});
  const auto* chart = charts.findChild<LineChart*>(QStringLiteral("distanceChart"));
  ASSERT_TRUE(chart);
  EXPECT_EQ(chart->readOut(1), QStringLiteral("step 1 · Distance 0.5"));
  EXPECT_EQ(chart->readOut(3), QStringLiteral("step 3 · Distance 0.25"));
  EXPECT_NE(chart->readOut(2), QStringLiteral("step 2 · Distance –")) << "no hole in the curve";
}

TEST(ChartsPanel, RowsShareTheHeight) {
  MetricSchema schema = inventedSchema();
  schema.terms[2].chart = "Third";
  ChartsPanel charts;
  charts.setSchema(schema);
  charts.resize(520, 480);
  charts.show();
  ASSERT_TRUE(QTest::qWaitForWindowExposed(&charts));
  const auto all = charts.charts();
  ASSERT_EQ(all.size(), 6u);
  for (const LineChart* chart : all) {
    EXPECT_GE(chart->height(), 120) << qPrintable(chart->objectName());
    EXPECT_NEAR(chart->width(), all.front()->width(), 2) << qPrintable(chart->objectName());
  }
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

// Issue 17.
TEST(SettingsPanel, SaysWhatTheChosenObjectiveDoes) {
  Experiment experiment;
  SettingsPanel panel(experiment);
  panel.resize(420, 900);
  panel.show();
  auto* note = panel.findChild<QLabel*>(QStringLiteral("note objective.name"));
  ASSERT_NE(note, nullptr);
  for (const ObjectiveName name : {ObjectiveName::BarlowTwins, ObjectiveName::Byol}) {
    RunConfig config = experiment.config();
    config.objective.name = name;
    experiment.setConfig(config);
    EXPECT_TRUE(note->isVisible());
    for (const std::string_view part :
         {config.objective.info().does, config.objective.info().prevents}) {
      EXPECT_TRUE(note->text().contains(QString::fromUtf8(part.data()))) << part;
    }
  }
  const auto* choice = panel.findChild<QComboBox*>(QStringLiteral("objective.name"));
  const auto bottomOf = [&](const QWidget* widget) {
    return widget->mapTo(&panel, QPoint(0, widget->height())).y();
  };
  EXPECT_LE(bottomOf(choice), bottomOf(note) - note->height() + 1) << "under the choice";
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

// Issue 17.
TEST(SettingsPanel, PresetsStandUnderHeadingsThatCannotBeChosen) {
  Experiment experiment;
  SettingsPanel panel(experiment);
  const auto* choice = panel.findChild<QComboBox*>(QStringLiteral("presetChoice"));
  const int heading = choice->findText(QStringLiteral("Ablations of the Barlow Twins paper"));
  ASSERT_GT(heading, 0);
  EXPECT_FALSE(choice->model()->index(heading, 0).flags() & Qt::ItemIsSelectable);
  EXPECT_FALSE(choice->model()->index(heading, 0).flags() & Qt::ItemIsEnabled);
  EXPECT_GT(choice->findData(QStringLiteral("ablation-redundancy-only")), heading);
  EXPECT_LT(choice->findData(QStringLiteral("cifar10-resnet18-byol")), heading);
  for (int i = 0; i < choice->count(); ++i) {
    const bool canBeChosen = choice->model()->index(i, 0).flags() & Qt::ItemIsEnabled;
    EXPECT_EQ(canBeChosen, !choice->itemData(i).toString().isEmpty()) << i;
  }
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

TEST(MatrixPanel, ColoursFollowTheValuesOfAKindWithoutBounds) {
  MatrixPanel panel;
  panel.resize(420, 420);
  panel.show();
  const auto showOf = [&](MatrixKind kind, float most) {
    const auto inspection = std::make_shared<Inspection>();
    inspection->pyramid = MatrixPyramid::build(Matrix::generated(
        16, 16, [&](auto i, auto j) { return i == j ? most : 0.0F; }, {.kind = kind}));
    panel.show(inspection);
    return panel.canvas()->settings().color;
  };
  EXPECT_EQ(showOf(MatrixKind::CrossCorrelation, 1), ColorSettings{});
  EXPECT_FLOAT_EQ(showOf(MatrixKind::CovarianceA, 3).high, 5);
  EXPECT_FLOAT_EQ(showOf(MatrixKind::CovarianceA, 0.3F).high, 0.5F);
  EXPECT_EQ(panel.canvas()->accessibleName(), QStringLiteral("Covariance of view A"));
  const ColorSettings shares = showOf(MatrixKind::Assignments, 0.15F);
  EXPECT_FLOAT_EQ(shares.high, 0.2F);
  EXPECT_EQ(shares.low, 0);
  EXPECT_FALSE(isDiverging(shares.map));
  EXPECT_EQ(showOf(MatrixKind::CrossCorrelation, 1), ColorSettings{});
  // A person's limits stay for as long as the kind does.
  panel.findChild<ColorLimitsBar*>()->limitsChanged(-0.25F, 0.25F);
  EXPECT_FLOAT_EQ(showOf(MatrixKind::CrossCorrelation, 0.9F).high, 0.25F);
  EXPECT_EQ(showOf(MatrixKind::SampleSimilarity, 1), ColorSettings{});
  panel.showLacking(QStringLiteral("There are no prototypes."));
  EXPECT_EQ(panel.canvas()->matrix(), nullptr);
}

TEST(MatrixPanel, OffersTheKindsAndMarksWhatTheLossIsMadeOf) {
  MatrixPanel panel;
  panel.show();
  MatrixKindChoice& choice = *panel.kindChoice();
  choice.setOffer({MatrixKind::CrossCorrelation, MatrixKind::CovarianceA, MatrixKind::CovarianceB},
                  ObjectiveParams{.name = ObjectiveName::Vicreg}.info());
  EXPECT_EQ(choice.itemText(0), QStringLiteral("Cross-correlation"));
  EXPECT_EQ(choice.itemText(2), QStringLiteral("Covariance of view B (in the loss)"));
  std::vector<MatrixKind> chosen;
  QObject::connect(&choice, &MatrixKindChoice::kindChosen, &panel, [&](MatrixKind kind) {
    chosen.push_back(kind);
  });
  QTest::keyClick(&choice, Qt::Key_Down);
  EXPECT_EQ(chosen, std::vector{MatrixKind::CovarianceA});
  EXPECT_TRUE(choice.toolTip().contains(QStringLiteral("covariance, over the images")));
  choice.setKind(MatrixKind::CrossCorrelation);
  EXPECT_EQ(chosen.size(), 1u) << "what the window sets is no choice";
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
