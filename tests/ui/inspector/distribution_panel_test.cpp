#include "ui/inspector/distribution_panel.h"

#include "tests/ui/inspector/inspection_values.h"
#include "ui/forms/number_box.h"
#include "ui/plots/cell_histogram.h"
#include "ui/plots/diagonal_strip.h"
#include "ui/plots/spectrum_chart.h"

#include <QCheckBox>
#include <QLabel>
#include <QTest>
#include <QToolButton>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

class DistributionPanelTest : public testing::Test {
 protected:
  DistributionPanelTest() {
    panel.resize(320, 560);
    panel.show();
    QObject::connect(&panel,
                     &DistributionPanel::rangeBrushed,
                     &panel,
                     [this](qint64 first, qint64, const auto& dimensions) {
                       firstPlace = first;
                       brushed = dimensions;
                     });
  }
  DiagonalStrip& strip() { return *panel.findChild<DiagonalStrip*>(); }
  DistributionPanel panel;
  qint64 firstPlace = -2;
  std::vector<std::int32_t> brushed;
};

std::shared_ptr<Inspection> weakIn(std::int64_t dimension) {
  return inspectionOf(nearIdentity(8, {}, [=](std::int64_t i, std::int64_t j, float value) {
    return i == dimension && j == dimension ? 0.25F : value;
  }));
}

// Issue 16: "Only a square matrix has a diagonal." of a square one that was not counted yet.
TEST_F(DistributionPanelTest, SaysWhyThereIsNothingAndNothingFalse) {
  const auto said = [&] {
    QString all;
    for (const QLabel* label : panel.findChildren<QLabel*>()) {
      all += label->isVisible() ? label->text() : QString();
    }
    return all;
  };
  EXPECT_TRUE(said().contains(QStringLiteral("No matrix")));
  auto picture = weakIn(5);
  picture->statistics.reset();
  picture->embeddings = std::make_shared<EmbeddingBatch>();
  panel.setInspection(picture);
  EXPECT_TRUE(said().contains(QStringLiteral("Counting")));
  for (const char* claim : {"Only a square", "no values", "no embeddings"}) {
    EXPECT_FALSE(said().contains(QString::fromLatin1(claim))) << claim;
  }
  panel.setInspection(inspectionOf(
      Matrix::generated(3, 5, [](auto i, auto j) { return static_cast<float>(i - j) / 9; })));
  EXPECT_TRUE(said().contains(QStringLiteral("Only a square")));
  EXPECT_TRUE(said().contains(QStringLiteral("no embeddings")));
}

TEST_F(DistributionPanelTest, MarksTheDimensionsBelowTheThreshold) {
  panel.setInspection(weakIn(5));
  auto& below = *panel.findChild<QToolButton*>(QStringLiteral("belowThreshold"));
  EXPECT_EQ(below.text(), QStringLiteral("1 below"));
  QTest::mouseClick(&below, Qt::LeftButton);
  EXPECT_EQ(brushed, std::vector<std::int32_t>{5});
  EXPECT_EQ(firstPlace, -1) << "these do not stand together";
  panel.findChild<NumberBox*>()->setValue(0.1);
  EXPECT_FALSE(below.isEnabled());
}

TEST_F(DistributionPanelTest, TheStripFollowsOrderAndSorting) {
  panel.setInspection(weakIn(5));
  panel.setOrder({7, 6, 5, 4, 3, 2, 1, 0});
  EXPECT_EQ(strip().dimensionAt(0), 7);
  panel.findChild<QCheckBox*>()->click();
  EXPECT_EQ(strip().dimensionAt(7), 5) << "the smallest C_ii comes last";
  strip().setFocus();
  QTest::keyClick(&strip(), Qt::Key_End);
  EXPECT_EQ(brushed, std::vector<std::int32_t>{5});
}

TEST_F(DistributionPanelTest, TellsWhichBinsOfWhichPart) {
  const auto inspection = weakIn(5);
  panel.setInspection(inspection);
  CellPart part = CellPart::OffDiagonal;
  std::uint64_t found = 0;
  QObject::connect(&panel,
                   &DistributionPanel::binClicked,
                   &panel,
                   [&](CellPart clicked, qint64 first, qint64 last) {
                     part = clicked;
                     for (qint64 bin = first; bin <= last; ++bin) {
                       found += cellsOfBin(inspection->matrix(),
                                           inspection->statistics->diagonalHistogram,
                                           bin,
                                           clicked)
                                    ->total;
                     }
                   });
  auto* histogram = panel.findChild<CellHistogram*>(QStringLiteral("diagonalHistogram"));
  QTest::keyClick(histogram, Qt::Key_Right);
  QTest::keyClick(histogram, Qt::Key_Return);
  EXPECT_EQ(part, CellPart::Diagonal);
  EXPECT_EQ(found, 1U) << "the weak dimension's cell";
}

TEST_F(DistributionPanelTest, ShowsWhatThereIs) {
  panel.setInspection(inspectionOf(
      Matrix::generated(2, 3, [](auto i, auto j) { return static_cast<float>(i + j) / 10; })));
  EXPECT_TRUE(panel.findChild<CellHistogram*>(QStringLiteral("diagonalHistogram"))->bars().empty());
  EXPECT_FALSE(
      panel.findChild<CellHistogram*>(QStringLiteral("offDiagonalHistogram"))->bars().empty());
  auto inspection = weakIn(1);
  auto health = std::make_shared<EmbeddingHealth>();
  health->a.spectrum = {0.75F, 0.25F};
  inspection->health = health;
  panel.setInspection(inspection);
  EXPECT_EQ(panel.findChild<SpectrumChart*>()->readOut(1), QStringLiteral("1: A 0.75"));
  panel.setInspection(nullptr);
  EXPECT_LE(panel.minimumSizeHint().width(), 320);
}

}  // namespace
}  // namespace barlow::ui
