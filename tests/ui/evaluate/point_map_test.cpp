#include "ui/evaluate/point_map.h"

#include "core/base/rng.h"

#include <QApplication>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

constexpr QRgb kRed = qRgb(200, 10, 20);

class PointMapTest : public testing::Test {
 protected:
  PointMapTest() {
    map.resize(400, 300);
    map.show();
    map.setPlaces({0, 0, 10, 0, 10, 5, 0, 5, 5, 2.5F});
    map.setColors(std::vector<QRgb>(5, kRed));
    QObject::connect(
        &map, &PointMap::lassoed, [this](const std::vector<int>& points) { lassoed = points; });
  }
  QRgb seenAt(const QPointF& place) { return map.grab().toImage().pixel(place.toPoint()); }
  void drag(const std::vector<QPoint>& line, Qt::KeyboardModifiers modifiers = {}) {
    QTest::mousePress(&map, Qt::LeftButton, modifiers, line.front());
    for (const QPoint& point : line) {
      QMouseEvent move(QEvent::MouseMove,
                       point,
                       map.mapToGlobal(point),
                       Qt::NoButton,
                       Qt::LeftButton,
                       modifiers);
      QApplication::sendEvent(&map, &move);
    }
    QTest::mouseRelease(&map, Qt::LeftButton, modifiers, line.back());
  }
  PointMap map;
  std::vector<int> lassoed = {-1};
};

TEST_F(PointMapTest, ShowsAllPointsWhereTheyAre) {
  for (int point = 0; point < 5; ++point) {
    const QPointF place = map.onScreen(point);
    EXPECT_TRUE(QRectF(map.rect()).contains(place));
    EXPECT_EQ(seenAt(place), kRed) << point;
    EXPECT_EQ(map.pointAt(place + QPointF(3, 2)), point);
  }
  EXPECT_GT(map.onScreen(0).y(), map.onScreen(3).y()) << "up is up";
  EXPECT_EQ(map.pointAt({200, 40}), -1);
}

TEST_F(PointMapTest, MovesAndZoomsAroundThePointer) {
  const QPointF before = map.onScreen(1);
  drag({{200, 200}, {230, 190}});
  EXPECT_NEAR(map.onScreen(1).x(), before.x() + 30, 1e-6);
  EXPECT_NEAR(map.onScreen(1).y(), before.y() - 10, 1e-6);
  const QPointF held = map.onScreen(2);
  map.zoom(3, held);
  EXPECT_NEAR(map.onScreen(2).x(), held.x(), 1e-6);
  EXPECT_NEAR(map.onScreen(2).y(), held.y(), 1e-6);
  QTest::keyClick(&map, Qt::Key_Home);
  EXPECT_NEAR(map.onScreen(1).x(), before.x(), 1e-6);
}

TEST_F(PointMapTest, ALassoGivesThePointsInside) {
  const QPoint corner = map.onScreen(3).toPoint();
  drag({corner + QPoint(-12, -12),
        corner + QPoint(12, -12),
        corner + QPoint(12, 12),
        corner + QPoint(-12, 12)},
       Qt::ShiftModifier);
  EXPECT_EQ(lassoed, std::vector<int>{3});
  EXPECT_EQ(seenAt(map.onScreen(3)), kRed);
  EXPECT_NE(seenAt(map.onScreen(1)), kRed) << "the others step back";
  QTest::keyClick(&map, Qt::Key_Escape);
  EXPECT_TRUE(lassoed.empty());
  EXPECT_EQ(seenAt(map.onScreen(1)), kRed);
}

TEST_F(PointMapTest, ReturnGivesWhatIsInSight) {
  map.zoom(8, map.onScreen(4));
  QTest::keyClick(&map, Qt::Key_Return);
  EXPECT_EQ(lassoed, std::vector<int>{4});
}

TEST_F(PointMapTest, TellsWhatThePointerIsOver) {
  QSignalSpy hovered(&map, &PointMap::hovered);
  const QPoint place = map.onScreen(2).toPoint();
  QMouseEvent move(
      QEvent::MouseMove, place, map.mapToGlobal(place), Qt::NoButton, Qt::NoButton, {});
  QApplication::sendEvent(&map, &move);
  ASSERT_EQ(hovered.size(), 1);
  EXPECT_EQ(hovered.front().front().toInt(), 2);
}

TEST_F(PointMapTest, OddPlacesDrawNothingAndCrashNothing) {
  for (const auto& places : {std::vector<float>{},
                             std::vector<float>{1, 1},
                             std::vector<float>{2, 2, 2, 2},
                             std::vector<float>{0, 0, 1e30F, -1e30F}}) {
    map.setPlaces(places);
    EXPECT_FALSE(map.grab().isNull());
    map.zoom(1e9, {10, 10});
    EXPECT_FALSE(map.grab().isNull());
  }
}

TEST_F(PointMapTest, EveryPointOfManyIsDrawnAtAnyZoom) {
  Rng rng(3);
  std::vector<float> places;
  for (int i = 0; i < 5'000; ++i) {
    places.push_back(static_cast<float>(rng.uniform()));
    places.push_back(static_cast<float>(rng.uniform()));
  }
  map.setPlaces(places);
  map.setColors(std::vector<QRgb>(5'000, kRed));
  for (int turn = 0; turn < 5; ++turn) {
    map.zoom(rng.uniform(0.7, 2.5), {rng.uniform(0, 400), rng.uniform(0, 300)});
    map.moveBy({rng.uniform(-50, 50), rng.uniform(-50, 50)});
    const QImage seen = map.grab().toImage();
    for (int point = 0; point < 5'000; ++point) {
      const QPoint place(static_cast<int>(map.onScreen(point).x()),
                         static_cast<int>(map.onScreen(point).y()));
      if (map.rect().adjusted(3, 3, -3, -3).contains(place)) {
        ASSERT_EQ(seen.pixel(place), kRed) << point;
      }
    }
  }
}

}  // namespace
}  // namespace barlow::ui
