#include "ui/plots/cell_histogram.h"
#include "ui/plots/diagonal_strip.h"
#include "ui/plots/spectrum_chart.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace barlow::ui {
namespace {

// Where the mouse goes, and what is drawn.
QWidget* plotOf(const QWidget& chart) {
  for (auto* child : chart.findChildren<QWidget*>()) {
    if (child->inherits("QCustomPlot")) {
      return child;
    }
  }
  return nullptr;
}

QString noteOf(const QWidget& chart) {
  return chart.findChild<QLabel*>(QStringLiteral("plotNote"))->text();
}

struct Brushed {
  qint64 first = -2;
  qint64 last = -2;
  std::vector<std::int32_t> dimensions;
};

class DiagonalStripTest : public testing::Test {
 protected:
  DiagonalStripTest() {
    strip.resize(320, 140);
    strip.show();
    strip.grab();  // lays out and draws
    QObject::connect(&strip,
                     &DiagonalStrip::rangeBrushed,
                     &strip,
                     [this](qint64 first, qint64 last, const auto& dimensions) {
                       brushed.push_back({first, last, dimensions});
                     });
  }
  void drag(std::int64_t from, std::int64_t to) {
    QTest::mousePress(plotOf(strip), Qt::LeftButton, {}, strip.positionOf(from));
    QTest::mouseMove(plotOf(strip), strip.positionOf(to));
    QTest::mouseRelease(plotOf(strip), Qt::LeftButton, {}, strip.positionOf(to));
  }
  DiagonalStrip strip;
  std::vector<Brushed> brushed;
};

TEST_F(DiagonalStripTest, DraggingEitherWayBrushesTheDimensionsInBetween) {
  strip.setDiagonal({0.1F, 0.9F, 0.5F, 0.7F, 0.3F});
  drag(1, 3);
  ASSERT_EQ(brushed.size(), 1U) << "told when the button is let go";
  EXPECT_EQ(brushed[0].first, 1);
  EXPECT_EQ(brushed[0].last, 3);
  EXPECT_EQ(brushed[0].dimensions, (std::vector<std::int32_t>{1, 2, 3}));
  drag(3, 0);
  EXPECT_EQ(brushed[1].dimensions, (std::vector<std::int32_t>{0, 1, 2, 3}));
}

TEST_F(DiagonalStripTest, SortedAndInAnOrderItStillNamesDimensions) {
  strip.setDiagonal({0.1F, 0.9F, 0.5F, std::numeric_limits<float>::quiet_NaN(), 0.3F});
  strip.setSorted(true);
  drag(0, 2);
  ASSERT_EQ(brushed.size(), 1U);
  EXPECT_EQ(brushed[0].dimensions, (std::vector<std::int32_t>{1, 2, 4}));
  QSignalSpy cleared(&strip, &DiagonalStrip::brushCleared);
  strip.setSorted(false);
  EXPECT_EQ(cleared.count(), 1) << "the marked ones stand elsewhere now";
  strip.setDiagonal({0.1F, 0.9F, 0.5F, 0, 0.3F}, {4, 3, 2, 1, 0});
  drag(0, 1);
  EXPECT_EQ(brushed[1].dimensions, (std::vector<std::int32_t>{4, 3}));
}

TEST_F(DiagonalStripTest, KeysMoveAndStretchTheBrush) {
  strip.setDiagonal(std::vector<float>(10, 0.5F));
  using Brush = DiagonalStrip::Brush;
  QTest::keyClick(&strip, Qt::Key_Right);
  QTest::keyClick(&strip, Qt::Key_Right);
  EXPECT_EQ(strip.brush(), (Brush{1, 1}));
  QTest::keyClick(&strip, Qt::Key_Right, Qt::ShiftModifier);
  QTest::keyClick(&strip, Qt::Key_Right, Qt::ShiftModifier);
  EXPECT_EQ(strip.brush(), (Brush{1, 3}));
  QTest::keyClick(&strip, Qt::Key_Home, Qt::ShiftModifier);
  EXPECT_EQ(strip.brush(), (Brush{0, 1}));
  QTest::keyClick(&strip, Qt::Key_End);
  EXPECT_EQ(strip.brush(), (Brush{9, 9}));
  QTest::keyClick(&strip, Qt::Key_Right);
  EXPECT_EQ(strip.brush(), (Brush{9, 9}));
  EXPECT_TRUE(strip.accessibleDescription().startsWith(QStringLiteral("Places 9 to 9")));
  QSignalSpy cleared(&strip, &DiagonalStrip::brushCleared);
  QTest::keyClick(&strip, Qt::Key_Escape);
  EXPECT_EQ(strip.brush(), std::nullopt);
  EXPECT_EQ(cleared.count(), 1);
}

TEST_F(DiagonalStripTest, CountsWhatIsBelowTheThreshold) {
  strip.setDiagonal({0.1F, 0.9F, std::numeric_limits<float>::quiet_NaN(), 0.5F});
  EXPECT_TRUE(strip.belowThreshold().empty());
  strip.setThreshold(0.5);
  EXPECT_EQ(strip.belowThreshold(), (std::vector<std::int32_t>{0, 2}));
}

TEST_F(DiagonalStripTest, ABrushGoesWithTheSizeOfTheMatrix) {
  strip.setDiagonal(std::vector<float>(10, 0.5F));
  drag(7, 9);
  strip.setDiagonal(std::vector<float>(10, 0.6F));
  EXPECT_TRUE(strip.brush().has_value());
  strip.setDiagonal(std::vector<float>(8, 0.6F));
  EXPECT_FALSE(strip.brush().has_value());
  strip.setDiagonal({});
  drag(0, 1);
  QTest::keyClick(&strip, Qt::Key_Right);
  EXPECT_FALSE(strip.brush().has_value()) << "nothing to mark";
}

class CellHistogramTest : public testing::Test {
 protected:
  CellHistogramTest() {
    chart.resize(320, 140);
    chart.show();
    QObject::connect(&chart,
                     &CellHistogram::binClicked,
                     &chart,
                     [this](CellPart part, qint64 first, qint64 last) {
                       EXPECT_EQ(part, CellPart::OffDiagonal);
                       clicked.emplace_back(first, last);
                     });
  }
  static Histogram empty() { return {.counts = std::vector<std::uint64_t>(2048)}; }
  void show(const Histogram& histogram) {
    chart.setHistogram(histogram);
    chart.grab();
  }
  CellHistogram chart{CellPart::OffDiagonal, QStringLiteral("Values")};
  std::vector<std::pair<qint64, qint64>> clicked;
};

TEST_F(CellHistogramTest, BarsHoldEveryCellOnceAndKnowTheirBins) {
  Histogram histogram = empty();
  for (int i = 0; i < 1000; ++i) {
    histogram.add(static_cast<float>(i - 500) / 600);
  }
  show(histogram);
  EXPECT_GT(chart.bars().size(), 40U);
  EXPECT_LT(chart.bars().size(), 100U);
  std::uint64_t total = 0;
  for (const auto& bar : chart.bars()) {
    std::uint64_t count = 0;
    for (std::int64_t bin = bar.first; bin <= bar.last; ++bin) {
      count += histogram.counts[static_cast<std::size_t>(bin)];
    }
    EXPECT_EQ(bar.count, count);
    EXPECT_NEAR(bar.low, static_cast<double>(histogram.binLow(bar.first)), 1e-6);
    total += count;
  }
  EXPECT_EQ(total, 1000U);
}

TEST_F(CellHistogramTest, AClickNamesTheBinsUnderIt) {
  Histogram histogram = empty();
  histogram.add(-0.4F);
  histogram.add(0.3F);
  histogram.add(0.3F);
  histogram.add(-7);
  histogram.add(9);
  show(histogram);
  ASSERT_EQ(chart.bars().size(), 4U);
  for (const auto& bar : chart.bars()) {
    QTest::mouseClick(plotOf(chart), Qt::LeftButton, {}, chart.positionOf(bar));
    ASSERT_FALSE(clicked.empty());
    EXPECT_EQ(clicked.back(), (std::pair<qint64, qint64>{bar.first, bar.last}));
  }
  EXPECT_EQ(clicked.size(), 4U);
  EXPECT_EQ(clicked.front().first, -1) << "what is below the histogram";
  EXPECT_EQ(clicked.back().first, 2048) << "and above";
  EXPECT_LE(clicked[1].first, histogram.binOf(-0.4F));
  EXPECT_GE(clicked[1].second, histogram.binOf(-0.4F));
  const QPoint between =
      (chart.positionOf(chart.bars()[1]) + chart.positionOf(chart.bars()[2])) / 2;
  QTest::mouseClick(plotOf(chart), Qt::LeftButton, {}, between);
  EXPECT_EQ(clicked.size(), 4U) << "no bar, no bins";
}

TEST_F(CellHistogramTest, KeysMarkABarAndEnterTellsIt) {
  Histogram histogram = empty();
  histogram.add(-0.4F);
  histogram.add(0.3F);
  show(histogram);
  QTest::keyClick(&chart, Qt::Key_Return);
  EXPECT_TRUE(clicked.empty()) << "nothing is marked yet";
  QTest::keyClick(&chart, Qt::Key_Right);
  QTest::keyClick(&chart, Qt::Key_Right);
  QTest::keyClick(&chart, Qt::Key_Return);
  ASSERT_EQ(clicked.size(), 1U);
  EXPECT_EQ(clicked.back().first, chart.bars().back().first);
  EXPECT_TRUE(noteOf(chart).endsWith(QStringLiteral("1 cells")));
  EXPECT_EQ(chart.accessibleDescription(), noteOf(chart));
}

TEST_F(CellHistogramTest, ASingleCellCanBeSeenBesideMillions) {
  Histogram histogram = empty();
  histogram.counts[1024] = 60'000'000;
  histogram.add(0.5F);
  show(histogram);
  const QColor color = colors(chart.palette()).accent;
  EXPECT_TRUE(QTest::qWaitFor([&] {  // drawn when the events are through
    const QPoint foot = chart.positionOf(chart.bars().back());
    return plotOf(chart)->grab().toImage().pixelColor(foot) == color;
  }));
  show({});
  EXPECT_TRUE(chart.bars().empty());
}

TEST(SpectrumChartTest, ShowsBothSpectraAndEndsWhereTheyVanish) {
  SpectrumChart chart;
  chart.resize(320, 140);
  chart.show();
  std::vector<float> a(64, 0);
  std::vector<float> b(64, 0);
  for (std::size_t i = 0; i < 31; ++i) {
    a[i] = std::pow(0.7F, static_cast<float>(i));
    b[i] = std::pow(0.2F, static_cast<float>(i));
  }
  chart.setSpectra(a, b);
  EXPECT_LE(chart.view().first, 1);
  EXPECT_NEAR(chart.view().last, 31.5, 1) << "zeros are no part of the curve";
  EXPECT_GT(chart.view().high, 1);
  EXPECT_GT(chart.view().low, 0) << "logarithmic";
  EXPECT_LT(chart.view().low, 1e-4);
  EXPECT_EQ(chart.readOut(2), QStringLiteral("2: A 0.7, B 0.2"));
  EXPECT_TRUE(chart.readOut(65).isEmpty());
  QTest::keyClick(&chart, Qt::Key_Right);
  QTest::keyClick(&chart, Qt::Key_Right);
  EXPECT_EQ(noteOf(chart), chart.readOut(2));
  chart.setSpectra({}, {});
  chart.grab();
  EXPECT_TRUE(std::isfinite(chart.view().low) && chart.view().low > 0);
}

TEST(DistributionCharts, FollowTheTheme) {
  DiagonalStrip strip;
  strip.setDiagonal({0.5F, 1});
  strip.resize(300, 120);
  strip.show();
  const auto corner = [&] { return qGray(plotOf(strip)->grab().toImage().pixel(2, 2)); };
  applyTheme(*qApp, Theme::Dark);
  EXPECT_TRUE(QTest::qWaitFor([&] { return corner() < 80; }));
  applyTheme(*qApp, Theme::Light);
  EXPECT_TRUE(QTest::qWaitFor([&] { return corner() > 200; }));
}

}  // namespace
}  // namespace barlow::ui
