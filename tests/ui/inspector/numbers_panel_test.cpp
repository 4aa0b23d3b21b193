#include "ui/inspector/numbers_panel.h"

#include "tests/ui/inspector/inspection_values.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QLabel>
#include <QLayout>
#include <QMenu>
#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace barlow::ui {
namespace {

// Dimension 5 agrees least, (2, 7) is the strongest pair.
Matrix knownMatrix() {
  return nearIdentity(
      16, {.n = 9, .lambda = 0.5}, [](std::int64_t i, std::int64_t j, float value) -> float {
        return i == 5 && j == 5 ? 0.25F : i == 2 && j == 7 ? -0.75F : value;
      });
}

std::shared_ptr<Inspection> withFacts() {
  auto inspection = inspectionOf(knownMatrix());
  auto health = std::make_shared<EmbeddingHealth>();
  health->a.effectiveRank = 6.25;
  health->a.embeddingStd = 0.25;  // 1 / sqrt(16)
  health->b.effectiveRank = 1.02;
  health->b.embeddingStd = 0.01;
  health->b.dead = {3, 11};
  health->b.duplicates = {{{1, 4}, 0.999F}};
  health->b.duplicateCount = 7;
  inspection->health = health;
  return inspection;
}

class NumbersPanelTest : public testing::Test {
 protected:
  NumbersPanelTest() {
    panel.resize(320, 500);
    panel.show();
  }
  QWidget* value(NumberKey key) {
    return panel.findChild<QWidget*>(QStringLiteral("number%1").arg(static_cast<std::size_t>(key)));
  }
  NumbersPanel panel;
};

TEST_F(NumbersPanelTest, SaysWhatIsBeingWorkedOut) {
  auto inspection = inspectionOf(knownMatrix());
  inspection->statistics.reset();
  panel.setInspection(inspection);
  EXPECT_EQ(panel.text(NumberKey::Loss), QStringLiteral("…"));
  EXPECT_TRUE(panel.toolTip(NumberKey::Loss).contains(QStringLiteral("worked out")));
  EXPECT_TRUE(panel.findChild<QLabel*>(QStringLiteral("matrixShape"))
                  ->text()
                  .contains(QStringLiteral("counting")));
  QTest::mouseClick(value(NumberKey::MinDiagonal), Qt::LeftButton);  // has nowhere to go yet
  inspection = inspectionOf(knownMatrix());
  inspection->embeddings = std::make_shared<EmbeddingBatch>();
  panel.setInspection(inspection);
  EXPECT_NE(panel.text(NumberKey::Loss), QStringLiteral("–"));
  EXPECT_TRUE(panel.toolTip(NumberKey::RankA).contains(QStringLiteral("worked out")));
}

// Issue 17: of a run with another objective.
TEST_F(NumbersPanelTest, SaysThatNoLossIsMadeOfTheMatrixWhereThereIsNone) {
  panel.setInspection(inspectionOf(nearIdentity(16, {.n = 9, .step = 5})));
  for (const NumberKey key : {NumberKey::Loss, NumberKey::OffDiagonal, NumberKey::Floor}) {
    EXPECT_EQ(panel.text(key), QStringLiteral("–"));
    EXPECT_TRUE(panel.toolTip(key).contains(QStringLiteral("no weight in the run's loss")));
  }
  EXPECT_NE(panel.text(NumberKey::OnDiagonal), QStringLiteral("–"));
  EXPECT_NE(panel.text(NumberKey::MeanDiagonal), QStringLiteral("–"));
  EXPECT_FALSE(panel.findChild<QLabel*>(QStringLiteral("matrixShape"))
                   ->text()
                   .contains(QStringLiteral("λ")));
}

TEST_F(NumbersPanelTest, ShowsWhatTheStatisticsSay) {
  const auto inspection = withFacts();
  panel.setInspection(inspection);
  const MatrixStatistics& statistics = *inspection->statistics;
  const QLocale locale;
  EXPECT_EQ(panel.text(NumberKey::Loss),
            locale.toString(statistics.loss->loss, 'g', 4) + QStringLiteral(" ✓"));
  EXPECT_EQ(panel.text(NumberKey::OffDiagonal),
            locale.toString(0.5 * statistics.loss->offDiagonal, 'g', 4))
      << "lambda is in it, so that the two terms add up to the loss";
  EXPECT_EQ(panel.text(NumberKey::Floor), locale.toString(statistics.loss->floor->loss, 'g', 4));
  EXPECT_GT(statistics.loss->floor->loss, 0);
  EXPECT_TRUE(panel.findChild<QLabel*>(QStringLiteral("floorSentence"))
                  ->text()
                  .contains(QStringLiteral("9 samples span at most 8 directions")));
  EXPECT_EQ(panel.text(NumberKey::NoiseLevel), locale.toString(1.0 / 3, 'g', 4));
  EXPECT_EQ(panel.text(NumberKey::MinDiagonal), QStringLiteral("0.25 at 5 !"));
  EXPECT_EQ(panel.text(NumberKey::MaxOffDiagonal), QStringLiteral("0.75 at 2, 7"));
  EXPECT_EQ(panel.text(NumberKey::RankA), QStringLiteral("6.3 of 8 ✓"));
  EXPECT_EQ(panel.text(NumberKey::SpreadA), QStringLiteral("0.25 ✓"));
  EXPECT_EQ(panel.text(NumberKey::SpreadB), QStringLiteral("0.01 !"));
  EXPECT_EQ(panel.text(NumberKey::DeadA), QStringLiteral("0 ✓"));
  EXPECT_EQ(panel.text(NumberKey::DuplicatesB), QStringLiteral("7 !"));
  EXPECT_TRUE(
      value(NumberKey::SpreadB)->accessibleName().endsWith(QStringLiteral("needs attention")));
}

TEST_F(NumbersPanelTest, SaysOfEveryKindOfMatrixWhatItHas) {
  const auto isShown = [&](NumberKey key) { return value(key)->isVisibleTo(&panel); };
  panel.setInspection(
      inspectionOf(nearIdentity(16, {.n = 9, .step = 5, .kind = MatrixKind::CovarianceB})));
  EXPECT_FALSE(isShown(NumberKey::Loss));
  EXPECT_FALSE(isShown(NumberKey::NoiseLevel));
  EXPECT_TRUE(
      value(NumberKey::MeanDiagonal)->accessibleName().startsWith(QStringLiteral("Mean variance")));
  EXPECT_FALSE(panel.text(NumberKey::MeanDiagonal).contains(QStringLiteral("✓")))
      << "how large variances are is the method's";

  // Three images at two of five prototypes.
  panel.setInspection(
      inspectionOf(Matrix::generated(3,
                                     5,
                                     [](auto n, auto k) { return k == n / 2 ? 0.8f : 0.05f; },
                                     {.n = 3, .kind = MatrixKind::Assignments})));
  EXPECT_FALSE(isShown(NumberKey::MeanDiagonal));
  EXPECT_TRUE(isShown(NumberKey::PrototypesInUse));
  EXPECT_EQ(panel.text(NumberKey::PrototypesInUse), QStringLiteral("2 of 5"));
  EXPECT_EQ(panel.text(NumberKey::LargestPrototype), QStringLiteral("66.7 % at 0"));

  panel.setInspection(inspectionOf(knownMatrix()));
  EXPECT_TRUE(isShown(NumberKey::Loss));
  EXPECT_FALSE(isShown(NumberKey::PrototypesInUse));
}

TEST_F(NumbersPanelTest, JudgesByTheLimitsThatTheHelpNames) {
  const auto verdictOf = [](double noise) {
    auto inspection = inspectionOf(knownMatrix());
    auto statistics = std::make_shared<MatrixStatistics>(*inspection->statistics);
    statistics->rmsOffDiagonal = noise * *statistics->noiseLevel;
    inspection->statistics = statistics;
    return inspectedNumbers(*inspection)[static_cast<std::size_t>(NumberKey::RmsOffDiagonal)]
        .verdict;
  };
  EXPECT_EQ(verdictOf(1.9), Verdict::Good);
  EXPECT_EQ(verdictOf(3), Verdict::Fair);
  EXPECT_EQ(verdictOf(4.1), Verdict::Poor);
}

// Issue 16: a correlation of 1e29 had a green tick.
TEST_F(NumbersPanelTest, WhatANumberCannotBeIsNeverGood) {
  const auto verdictsOf = [](const Matrix& matrix) {
    const auto numbers = inspectedNumbers(*inspectionOf(matrix));
    return std::array{numbers[static_cast<std::size_t>(NumberKey::MeanDiagonal)].verdict,
                      numbers[static_cast<std::size_t>(NumberKey::MinDiagonal)].verdict,
                      numbers[static_cast<std::size_t>(NumberKey::RmsOffDiagonal)].verdict,
                      numbers[static_cast<std::size_t>(NumberKey::MaxOffDiagonal)].verdict};
  };
  const auto matrixWith = [](float diagonal, float rest) {
    return nearIdentity(8, {.n = 9}, [=](std::int64_t i, std::int64_t j, float) {
      return i == j ? diagonal : i == 0 && j == 1 ? rest : 0.0F;
    });
  };
  for (const Verdict verdict : verdictsOf(matrixWith(1, 0.1F))) {
    EXPECT_EQ(verdict, Verdict::Good);
  }
  for (const Verdict verdict : verdictsOf(matrixWith(1e29F, 1e29F))) {
    EXPECT_EQ(verdict, Verdict::Poor);
  }
  for (const Verdict verdict : verdictsOf(matrixWith(1, std::numeric_limits<float>::quiet_NaN()))) {
    EXPECT_NE(verdict, Verdict::Good) << "the rest is judged without that cell";
  }
  auto inspection = inspectionOf(knownMatrix());
  auto health = std::make_shared<EmbeddingHealth>();
  health->a.effectiveRank = 1e6;
  health->a.embeddingStd = 1e6;
  health->b.variances = {1, std::numeric_limits<float>::quiet_NaN()};
  inspection->health = health;
  const auto numbers = inspectedNumbers(*inspection);
  for (const NumberKey key : {NumberKey::RankA,
                              NumberKey::SpreadA,
                              NumberKey::RankB,
                              NumberKey::DeadB,
                              NumberKey::DuplicatesB,
                              NumberKey::SpreadB}) {
    EXPECT_EQ(numbers[static_cast<std::size_t>(key)].verdict, Verdict::Poor)
        << nameOf(key).toStdString();
  }
}

// Issue 16, p31.
TEST_F(NumbersPanelTest, SaysWhereSmallVariancesHoldTheDiagonalBack) {
  auto inspection = withFacts();
  auto health = std::make_shared<EmbeddingHealth>(*inspection->health);
  health->a.variances = health->b.variances = std::vector<float>(16, 1e-6F);
  inspection->health = health;
  auto embeddings = std::make_shared<EmbeddingBatch>();
  inspection->embeddings = embeddings;
  panel.setInspection(inspection);
  const auto* note = panel.findChild<QLabel*>(QStringLiteral("varianceNote"));
  EXPECT_TRUE(note->isVisible());
  EXPECT_TRUE(note->text().contains(QStringLiteral("0.0909"))) << note->text().toStdString();
  embeddings->standardization = Standardization::Hsic;  // has no eps
  panel.setInspection(inspection);
  EXPECT_FALSE(note->isVisible());
  panel.setInspection(withFacts());
  EXPECT_FALSE(note->isVisible());
}

TEST_F(NumbersPanelTest, ANumberJumpsToItsCellByMouseAndByKey) {
  panel.setInspection(withFacts());
  CellIndex cell;
  QObject::connect(
      &panel, &NumbersPanel::cellActivated, &panel, [&](const CellIndex& now) { cell = now; });
  QTest::mouseClick(value(NumberKey::MinDiagonal), Qt::LeftButton);
  EXPECT_EQ(cell, (CellIndex{5, 5}));
  value(NumberKey::MaxOffDiagonal)->setFocus();
  QTest::keyClick(value(NumberKey::MaxOffDiagonal), Qt::Key_Space);
  EXPECT_EQ(cell, (CellIndex{2, 7}));
}

TEST_F(NumbersPanelTest, CountsListWhatTheyCount) {
  panel.setInspection(withFacts());
  CellIndex cell;
  QObject::connect(
      &panel, &NumbersPanel::cellActivated, &panel, [&](const CellIndex& now) { cell = now; });
  EXPECT_FALSE(value(NumberKey::DeadA)->isEnabled()) << "nothing to list";
  auto* menu = panel.findChild<QMenu*>(QStringLiteral("cellList"));
  QTest::mouseClick(value(NumberKey::DeadB), Qt::LeftButton);
  ASSERT_EQ(menu->actions().size(), 2);
  menu->actions().at(1)->trigger();
  EXPECT_EQ(cell, (CellIndex{11, 11}));
  QTest::mouseClick(value(NumberKey::DuplicatesB), Qt::LeftButton);
  ASSERT_EQ(menu->actions().size(), 2);
  EXPECT_EQ(menu->actions().at(0)->text(), QStringLiteral("1 and 4: 0.999"));
  EXPECT_EQ(menu->actions().at(1)->text(), QStringLiteral("and 6 more"));
  menu->actions().at(0)->trigger();
  EXPECT_EQ(cell, (CellIndex{1, 4}));
}

TEST_F(NumbersPanelTest, WhatIsMissingSaysWhy) {
  panel.setInspection(inspectionOf(
      Matrix::generated(3, 5, [](auto i, auto j) { return static_cast<float>(i - j) / 9; })));
  for (const NumberKey key : {NumberKey::Loss, NumberKey::Floor, NumberKey::MinDiagonal}) {
    EXPECT_EQ(panel.text(key), QStringLiteral("–"));
    EXPECT_TRUE(panel.toolTip(key).contains(QStringLiteral("not square")))
        << panel.toolTip(key).toStdString();
  }
  EXPECT_TRUE(panel.toolTip(NumberKey::NoiseLevel).contains(QStringLiteral("how many samples")));
  EXPECT_TRUE(panel.toolTip(NumberKey::RankA).contains(QStringLiteral("no embeddings")));
  EXPECT_FALSE(value(NumberKey::MinDiagonal)->isEnabled());
  panel.setInspection(nullptr);
  EXPECT_EQ(panel.text(NumberKey::Loss), QStringLiteral("–"));
}

TEST_F(NumbersPanelTest, SurvivesOneDimensionAndNotANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  panel.setInspection(inspectionOf(
      Matrix::generated(1, 1, [&](auto, auto) { return nan; }, {.n = 4, .lambda = 0.1})));
  EXPECT_EQ(panel.text(NumberKey::Loss), QStringLiteral("not finite !"));
  EXPECT_EQ(panel.text(NumberKey::MinDiagonal), QStringLiteral("–"));
  EXPECT_EQ(panel.text(NumberKey::MaxOffDiagonal), QStringLiteral("–"));
}

TEST_F(NumbersPanelTest, EveryNumberHasANameAndThreeSentences) {
  for (std::size_t i = 0; i < kNumberCount; ++i) {
    const auto key = static_cast<NumberKey>(i);
    EXPECT_FALSE(nameOf(key).isEmpty()) << i;
    EXPECT_GE(helpOf(key).count(QLatin1Char('.')), 3) << helpOf(key).toStdString();
  }
}

// Issue 16: numbers of step 155 stood beside the picture of step 456.
TEST_F(NumbersPanelTest, NumbersOfAnotherPictureAreGrayAndSayTheirStep) {
  auto inspection = inspectionOf(nearIdentity(16, {.n = 9, .lambda = 0.5, .step = 155}));
  panel.setInspection(inspection);
  const auto color = [&] {
    return value(NumberKey::MeanDiagonal)->palette().color(QPalette::WindowText);
  };
  EXPECT_EQ(color(), colors(panel.palette()).good);
  panel.setStale();
  EXPECT_EQ(color(), colors(panel.palette()).quiet);
  const QString said = panel.findChild<QLabel*>(QStringLiteral("matrixShape"))->text();
  EXPECT_TRUE(said.contains(QStringLiteral("155")) && said.contains(QStringLiteral("counting")))
      << said.toStdString();
  panel.setInspection(inspection);
  EXPECT_EQ(color(), colors(panel.palette()).good);
}

// Issue 16: the sentence about the floor moved what is below it when it came.
TEST_F(NumbersPanelTest, TheSentenceAboutTheFloorHasItsRoomBeforeItComes) {
  auto inspection = inspectionOf(nearIdentity(64, {.n = 9, .lambda = 0.5, .step = 3}));
  auto picture = std::make_shared<Inspection>(*inspection);
  picture->statistics.reset();
  panel.resize(360, 600);
  panel.setInspection(picture);
  QCoreApplication::sendPostedEvents();
  panel.layout()->activate();
  const int before = value(NumberKey::NoiseLevel)->y();
  panel.setInspection(inspection);
  QCoreApplication::sendPostedEvents();
  panel.layout()->activate();
  EXPECT_FALSE(panel.findChild<QLabel*>(QStringLiteral("floorSentence"))->text().isEmpty());
  EXPECT_EQ(value(NumberKey::NoiseLevel)->y(), before);
}

TEST_F(NumbersPanelTest, VerdictsHaveTheColoursOfTheTheme) {
  panel.setInspection(withFacts());
  for (const Theme theme : {Theme::Dark, Theme::Light}) {
    applyTheme(*qApp, theme);
    const Colors& set = colors(QApplication::palette());
    EXPECT_TRUE(QTest::qWaitFor([&] {
      return value(NumberKey::SpreadA)->palette().color(QPalette::WindowText) == set.good &&
             value(NumberKey::SpreadB)->palette().color(QPalette::WindowText) == set.attention;
    }));
  }
}

TEST_F(NumbersPanelTest, FitsIntoANarrowColumn) {
  panel.setInspection(withFacts());
  EXPECT_LE(panel.minimumSizeHint().width(), 320);
  QCoreApplication::sendPostedEvents();  // lays out
  for (std::size_t i = 0; i < kNumberCount; ++i) {
    QWidget* widget = value(static_cast<NumberKey>(i));
    EXPECT_GE(widget->width(), widget->sizeHint().width()) << i;
  }
}

}  // namespace
}  // namespace barlow::ui
