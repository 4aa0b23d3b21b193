#include "ui/plots/prototype_bars.h"

#include <QApplication>
#include <QLabel>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

class PrototypeBarsTest : public testing::Test {
 protected:
  PrototypeBarsTest() {
    bars.resize(300, 180);
    bars.show();
  }
  QString text(const char* name) {
    return bars.findChild<QLabel*>(QString::fromLatin1(name))->text();
  }
  PrototypeBars bars;
  QSignalSpy asked{&bars, &PrototypeBars::prototypeActivated};
};

TEST_F(PrototypeBarsTest, AClickAsksForTheImagesOfABar) {
  bars.setUse({{17, 40}, {3, 19}, {2999, 5}}, 64, 3000);
  EXPECT_EQ(text("prototypeSum"),
            QStringLiteral("3 of 3,000 prototypes are the nearest of some image; 2,997 are unused "
                           "in this batch of 64."));
  QTest::mouseClick(&bars, Qt::LeftButton, {}, bars.positionOf(1));
  ASSERT_EQ(asked.count(), 1);
  EXPECT_EQ(asked.at(0).at(0).toLongLong(), 3);
  const QPointF over = bars.positionOf(2);
  QMouseEvent move(
      QEvent::MouseMove, over, bars.mapToGlobal(over), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
  QApplication::sendEvent(&bars, &move);
  EXPECT_EQ(text("prototypeNote"), QStringLiteral("prototype 2,999: 5 images, 7.8 %"));
}

TEST_F(PrototypeBarsTest, KeysGoFromBarToBar) {
  bars.setUse({{17, 40}, {3, 20}, {2999, 1}}, 64, 3000);
  QTest::keyClick(&bars, Qt::Key_Return);
  EXPECT_EQ(asked.count(), 0) << "none is selected";
  QTest::keyClick(&bars, Qt::Key_Right);
  QTest::keyClick(&bars, Qt::Key_End);
  EXPECT_EQ(bars.accessibleDescription(), QStringLiteral("prototype 2,999: 1 image, 1.6 %"));
  QTest::keyClick(&bars, Qt::Key_Left);
  QTest::keyClick(&bars, Qt::Key_Return);
  ASSERT_EQ(asked.count(), 1);
  EXPECT_EQ(asked.at(0).at(0).toLongLong(), 3);
  // The next batch has it elsewhere.
  bars.setUse({{8, 50}, {17, 12}, {3, 2}}, 64, 3000);
  EXPECT_EQ(bars.selected(), 2);
  bars.setUse({{8, 64}}, 64, 3000);
  EXPECT_EQ(bars.selected(), -1);
}

// Far more bars than pixels: all can be reached, and nothing is drawn beyond the widget.
TEST_F(PrototypeBarsTest, ThousandsShareTheWidth) {
  std::vector<PrototypeUse> use;
  for (std::int64_t k = 0; k < 5000; ++k) {
    use.push_back({k, 1 + (5000 - k) / 500});
  }
  bars.setUse(use, 30'000, 16'384);
  EXPECT_FALSE(bars.grab().isNull());
  QTest::mouseClick(&bars, Qt::LeftButton, {}, bars.positionOf(2500));
  ASSERT_EQ(asked.count(), 1);
  EXPECT_NEAR(asked.at(0).at(0).toDouble(), 2500, 30);
  QTest::keyClick(&bars, Qt::Key_End);
  EXPECT_EQ(bars.selected(), 4999);
  bars.setUse({}, 0, 0);
  bars.setEmptyText(QStringLiteral("Counting"));
  QTest::mouseClick(&bars, Qt::LeftButton, {}, bars.rect().center());
  QTest::keyClick(&bars, Qt::Key_Right);
  EXPECT_EQ(asked.count(), 1);
}

}  // namespace
}  // namespace barlow::ui
