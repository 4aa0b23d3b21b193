#include "ui/plots/color_limits_bar.h"

#include <QApplication>
#include <QSignalSpy>
#include <QTest>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <gtest/gtest.h>

#include <cmath>

namespace barlow::ui {
namespace {

using Handle = ColorLimitsBar::Handle;

Histogram histogramOf(const std::vector<float>& values) {
  Histogram histogram{.low = -2, .high = 2, .counts = std::vector<std::uint64_t>(400)};
  for (const float value : values) {
    histogram.add(value);
  }
  return histogram;
}

class ColorLimitsBarTest : public testing::Test {
 protected:
  ColorLimitsBarTest() {
    bar.setHistograms(histogramOf({0.9F, 0.95F}), histogramOf({-0.1F, 0, 0, 0, 0.1F}));
    bar.resize(160, 400);
    bar.show();
  }
  QPoint at(double y) const { return {bar.barArea().center().x(), qRound(y)}; }
  void drag(Handle handle, float value) {
    const float now = handle == Handle::High ? bar.limits().high : bar.limits().low;
    QTest::mousePress(&bar, Qt::LeftButton, {}, at(bar.yOf(now)));
    QTest::mouseMove(&bar, at(bar.yOf(value)));
    QTest::mouseRelease(&bar, Qt::LeftButton, {}, at(bar.yOf(value)));
  }
  // Half a pixel of the axis, in values.
  float close() const { return std::abs(bar.valueAt(100) - bar.valueAt(101)); }
  ColorLimitsBar bar;
};

TEST_F(ColorLimitsBarTest, TheAxisHoldsLimitsAndDataOnEveryScale) {
  for (const ScaleKind scale : {ScaleKind::Linear, ScaleKind::SymmetricLog, ScaleKind::Gamma}) {
    bar.setColor({.low = -0.2F, .high = 0.3F, .scale = scale});
    EXPECT_LT(bar.axis().low, -0.2F);
    EXPECT_GT(bar.axis().high, 0.95F) << "values beyond the limits are in sight";
    float before = bar.axis().high + 1;
    for (int y = bar.barArea().top(); y <= bar.barArea().bottom(); y += 7) {
      const float value = bar.valueAt(y);
      EXPECT_LT(value, before) << "falls from the top down";
      EXPECT_NEAR(bar.yOf(value), y, 0.6);
      before = value;
    }
  }
}

TEST_F(ColorLimitsBarTest, TheBarHasTheColoursOfTheMatrix) {
  const ColorSettings settings{.map = ColorMapName::PurpleOrange,
                               .low = -0.5F,
                               .high = 0.25F,
                               .scale = ScaleKind::SymmetricLog};
  bar.setColor(settings);
  const QImage image = bar.grab().toImage();
  const ColorScale scale(settings);
  const int x = bar.barArea().left() + 4;
  int clipped = 0;
  for (int y = bar.barArea().top(); y <= bar.barArea().bottom(); ++y) {
    if (std::abs(y - bar.yOf(-0.5F)) < 2 || std::abs(y - bar.yOf(0.25F)) < 2) {
      continue;  // the handles' lines
    }
    const QRgb expected = scale.color(bar.valueAt(y + 0.5));
    EXPECT_EQ(image.pixel(x, y), expected) << y;
    clipped += expected == settings.over || expected == settings.under ? 1 : 0;
  }
  EXPECT_GT(clipped, 10) << "what is beyond the limits is seen to be";
}

TEST_F(ColorLimitsBarTest, HistogramsStandAtTheirValues) {
  const QImage image = bar.grab().toImage();
  const QRgb empty = image.pixel(3, qRound(bar.yOf(0.5F)));
  const int x = bar.barArea().left() - 5;
  EXPECT_NE(image.pixel(x, qRound(bar.yOf(0.905F))), empty);
  EXPECT_NE(image.pixel(x, qRound(bar.yOf(0.005F))), empty);
  EXPECT_NE(image.pixel(x, qRound(bar.yOf(0.905F))), image.pixel(x, qRound(bar.yOf(0.005F))))
      << "the diagonal has a colour of its own";
  EXPECT_EQ(image.pixel(x, qRound(bar.yOf(0.5F))), empty);
}

TEST_F(ColorLimitsBarTest, DraggingMovesBothWhileSymmetricAndOneOtherwise) {
  QSignalSpy changed(&bar, &ColorLimitsBar::limitsChanged);
  QSignalSpy committed(&bar, &ColorLimitsBar::limitsCommitted);
  drag(Handle::High, 0.4F);
  EXPECT_NEAR(bar.limits().high, 0.4F, close());
  EXPECT_EQ(bar.limits().low, -bar.limits().high);
  EXPECT_EQ(changed.count(), 1);
  ASSERT_EQ(committed.count(), 1);
  EXPECT_EQ(committed.at(0).at(1).toFloat(), bar.limits().high);
  bar.setSymmetric(false);
  const float high = bar.limits().high;
  drag(Handle::Low, 0.1F);
  EXPECT_NEAR(bar.limits().low, 0.1F, close());
  EXPECT_EQ(bar.limits().high, high);
  drag(Handle::Low, 0.9F);
  EXPECT_LT(bar.limits().low, high) << "the lower limit stays below the upper one";
}

TEST_F(ColorLimitsBarTest, LimitsBeyondTheAxisCanBeReached) {
  bar.setSymmetric(false);
  const float end = bar.axis().high;
  QTest::mousePress(&bar, Qt::LeftButton, {}, at(bar.yOf(1)));
  QTest::mouseMove(&bar, at(-200));
  EXPECT_GT(bar.limits().high, end + 0.5F);
  QTest::mouseRelease(&bar, Qt::LeftButton, {}, at(-200));
  EXPECT_GT(bar.axis().high, bar.limits().high) << "and are in sight afterwards";
}

TEST_F(ColorLimitsBarTest, EscapeGivesUpADrag) {
  QSignalSpy committed(&bar, &ColorLimitsBar::limitsCommitted);
  QTest::mousePress(&bar, Qt::LeftButton, {}, at(bar.yOf(1)));
  QTest::mouseMove(&bar, at(bar.yOf(0.5F)));
  QTest::keyClick(&bar, Qt::Key_Escape);
  QTest::mouseRelease(&bar, Qt::LeftButton, {}, at(bar.yOf(0.5F)));
  EXPECT_EQ(bar.limits(), (ColorLimits{-1, 1}));
  EXPECT_EQ(committed.count(), 0);
}

TEST_F(ColorLimitsBarTest, TabSelectsAHandleAndArrowsMoveIt) {
  QWidget window;
  auto* column = new QVBoxLayout(&window);
  auto* first = new QWidget(&window);
  first->setFocusPolicy(Qt::StrongFocus);
  auto* inside = new ColorLimitsBar(&window);
  inside->setSymmetric(false);
  column->addWidget(first);
  column->addWidget(inside);
  window.show();
  ASSERT_TRUE(QTest::qWaitForWindowActive(&window));
  first->setFocus();
  QSignalSpy committed(inside, &ColorLimitsBar::limitsCommitted);
  QTest::keyClick(first, Qt::Key_Tab);
  ASSERT_TRUE(inside->hasFocus());
  EXPECT_EQ(inside->selectedHandle(), Handle::High);
  QTest::keyClick(inside, Qt::Key_Down);
  EXPECT_LT(inside->limits().high, 1);
  EXPECT_EQ(inside->limits().low, -1);
  EXPECT_EQ(committed.count(), 1);
  QTest::keyClick(inside, Qt::Key_Tab);
  EXPECT_EQ(inside->selectedHandle(), Handle::Low);
  QTest::keyClick(inside, Qt::Key_PageUp);
  EXPECT_GT(inside->limits().low, -0.85F);
  EXPECT_TRUE(inside->accessibleDescription().startsWith(QStringLiteral("Lower")));
  QTest::keyClick(inside, Qt::Key_Backtab, Qt::ShiftModifier);
  EXPECT_EQ(inside->selectedHandle(), Handle::High);
  QTest::keyClick(inside, Qt::Key_Tab);
  QTest::keyClick(inside, Qt::Key_Tab);
  EXPECT_FALSE(inside->hasFocus());
}

TEST_F(ColorLimitsBarTest, TheWheelStretchesTheAxisAndADoubleClickShowsAll) {
  const ColorLimits all = bar.axis();
  const QPointF place = at(bar.yOf(0));
  QWheelEvent wheel(
      place, bar.mapToGlobal(place), {}, {0, 600}, Qt::NoButton, {}, Qt::NoScrollPhase, false);
  QCoreApplication::sendEvent(&bar, &wheel);
  EXPECT_LT(bar.axis().high, 0.7F * all.high);
  EXPECT_NEAR(bar.yOf(0), place.y(), 1) << "what is under the cursor stays";
  QTest::mouseDClick(&bar, Qt::LeftButton, {}, at(bar.yOf(0)));
  EXPECT_EQ(bar.axis(), all);
}

TEST_F(ColorLimitsBarTest, SurvivesNoHistogramsAndTinySizes) {
  bar.setHistograms({}, {});
  bar.resize(20, 10);
  bar.grab();
  bar.setColor({.low = -1e-6F, .high = 1e-6F, .scale = ScaleKind::Gamma});
  bar.grab();
  EXPECT_LT(bar.axis().low, bar.axis().high);
}

}  // namespace
}  // namespace barlow::ui
