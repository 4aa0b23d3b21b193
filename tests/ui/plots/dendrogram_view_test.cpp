#include "ui/plots/dendrogram_view.h"

#include "ui/plots/dendrogram_picture.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

// ((0, 1) at 0.2, (2, 3) at 0.4) at 0.8
std::shared_ptr<const Dendrogram> smallTree() {
  return std::make_shared<const Dendrogram>(
      Dendrogram{.leaves = 4, .merges = {{0, 1, 0.2F, 2}, {2, 3, 0.4F, 2}, {4, 5, 0.8F, 4}}});
}

// Every merge takes one more leaf.
Dendrogram chain(std::int32_t leaves) {
  Dendrogram tree{.leaves = leaves};
  for (std::int32_t m = 0; m + 1 < leaves; ++m) {
    const float height = static_cast<float>(m + 1) / static_cast<float>(leaves);
    tree.merges.push_back({m == 0 ? 0 : m + 1, m == 0 ? 1 : leaves + m - 1, height, m + 2});
  }
  return tree;
}

// Neighbours in pairs, pairs in pairs, and so on.
Dendrogram balanced(std::int32_t leaves) {
  Dendrogram tree{.leaves = leaves};
  std::int32_t begin = 0;
  std::int32_t count = leaves;
  float height = 0.05F;
  std::int32_t size = 2;
  while (count > 1) {
    for (std::int32_t i = 0; i + 1 < count; i += 2) {
      tree.merges.push_back({begin + i, begin + i + 1, height, size});
    }
    begin += count;
    count /= 2;
    height += 0.05F;
    size *= 2;
  }
  return tree;
}

QStringList rowsOf(const QImage& image) {
  QStringList rows;
  for (int y = 0; y < image.height(); ++y) {
    QString row;
    for (int x = 0; x < image.width(); ++x) {
      row += image.constScanLine(y)[x] != 0 ? QLatin1Char('#') : QLatin1Char('.');
    }
    rows << row;
  }
  return rows;
}

TEST(DendrogramPicture, DrawsEveryBranchOfASmallTree) {
  EXPECT_EQ(rowsOf(dendrogramPicture(*smallTree(), {8, 5}, 0.8F)),
            (QStringList{QStringLiteral("..#####."),
                         QStringLiteral("..#...#."),
                         QStringLiteral("..#..###"),
                         QStringLiteral(".###.#.#"),
                         QStringLiteral(".#.#.#.#")}));
}

TEST(DendrogramPicture, BranchesNarrowerThanAPixelAreOneLineUpToTheirHeight) {
  const Dendrogram tree = balanced(1024);
  const QImage image = dendrogramPicture(tree, {64, 101}, 0.5F);
  // 16 leaves share a column; their last merge is the fourth one, at 0.2.
  for (int x = 0; x < 64; ++x) {
    for (int y = 60; y <= 100; ++y) {
      EXPECT_GT(image.constScanLine(y)[x], 0) << x << " " << y;
    }
    EXPECT_LT(image.constScanLine(100)[x], 255) << "pale, as they would be one block";
  }
  EXPECT_EQ(image.constScanLine(0)[32], 255) << "the root spans the middle";
  EXPECT_EQ(image.constScanLine(0)[2], 0);
}

TEST(DendrogramPicture, LeavesNoGapsWhateverTheShapeOfTheTree) {
  for (const Dendrogram& tree : {chain(16384), balanced(16384)}) {
    const QImage image = dendrogramPicture(tree, {330, 150}, 1.08F);
    for (int x = 0; x < image.width(); ++x) {
      EXPECT_GT(image.constScanLine(149)[x], 0) << x;
    }
  }
  EXPECT_TRUE(dendrogramPicture({}, {10, 10}, 1).isNull());
  EXPECT_TRUE(dendrogramPicture(*smallTree(), {0, 10}, 1).isNull());
  dendrogramPicture({.leaves = 1}, {10, 10}, 1);
}

TEST(DendrogramPicture, CutsWhereTheNumberOfClustersIsRight) {
  for (const Dendrogram& tree : {chain(50), *smallTree()}) {
    for (std::int64_t clusters = 1; clusters <= tree.leaves; ++clusters) {
      EXPECT_EQ(clustersAtHeight(tree, cutHeight(tree, clusters)), clusters);
    }
  }
}

class DendrogramViewTest : public testing::Test {
 protected:
  DendrogramViewTest() {
    view.resize(200, 109);
    view.setDendrogram(smallTree());
    view.show();
  }
  QPoint at(float height) const { return {100, qRound(view.yOf(height))}; }
  DendrogramView view;
};

TEST_F(DendrogramViewTest, DraggingTheLineChangesTheNumberOfClusters) {
  QSignalSpy cut(&view, &DendrogramView::cutChanged);
  QTest::mousePress(&view, Qt::LeftButton, {}, at(0.7F));
  QTest::mouseMove(&view, at(0.65F));
  QTest::mouseMove(&view, at(0.3F));
  QTest::mouseMove(&view, at(0.1F));
  QTest::mouseRelease(&view, Qt::LeftButton, {}, at(0.1F));
  QTest::mouseMove(&view, at(0.6F));
  ASSERT_EQ(cut.count(), 3) << "2, 3 and 4 clusters; not again where nothing changes";
  EXPECT_EQ(cut.at(0).at(0).toLongLong(), 2);
  EXPECT_EQ(cut.at(1).at(0).toLongLong(), 3);
  EXPECT_EQ(cut.at(2).at(0).toLongLong(), 4);
}

TEST_F(DendrogramViewTest, KeysChangeTheNumberOfClusters) {
  QSignalSpy cut(&view, &DendrogramView::cutChanged);
  for (const auto& [key, clusters] : {std::pair{Qt::Key_Down, 2},
                                      {Qt::Key_PageDown, 4},
                                      {Qt::Key_Down, 4},
                                      {Qt::Key_Up, 3},
                                      {Qt::Key_PageUp, 1},
                                      {Qt::Key_Up, 1},
                                      {Qt::Key_PageDown, 2},
                                      {Qt::Key_Home, 1}}) {
    QTest::keyClick(&view, key);
    EXPECT_EQ(view.clusters(), clusters) << key;
  }
  EXPECT_EQ(cut.count(), 6) << "told only where it changes";
  EXPECT_TRUE(view.accessibleDescription().startsWith(QStringLiteral("Cut into 1 of 4")));
}

TEST_F(DendrogramViewTest, SettingTellsNobodyAndStaysInTheTree) {
  QSignalSpy cut(&view, &DendrogramView::cutChanged);
  view.setClusters(3);
  EXPECT_EQ(view.clusters(), 3);
  view.setClusters(70);
  EXPECT_EQ(view.clusters(), 4);
  view.setDendrogram(std::make_shared<const Dendrogram>(chain(50)));
  EXPECT_EQ(view.clusters(), 4);
  EXPECT_EQ(cut.count(), 0);
}

TEST_F(DendrogramViewTest, TellsHeightAndClustersUnderTheCursor) {
  QString text;
  QObject::connect(&view, &DendrogramView::hovered, &view, [&](const QString& now) { text = now; });
  QTest::mouseMove(&view, at(0.3F));  // the cursor may stand at the next one already
  QTest::mouseMove(&view, at(0.5F));
  EXPECT_TRUE(QTest::qWaitFor([&] { return text.contains(QStringLiteral("2 clusters")); }))
      << text.toStdString();
  EXPECT_EQ(view.readOut(view.yOf(0.3F)).section(QLatin1Char(','), 1),
            QStringLiteral(" 3 clusters"));
}

TEST_F(DendrogramViewTest, ClustersHaveAColourOfTheirOwnInBothThemes) {
  view.setClusters(2);
  for (const Theme theme : {Theme::Dark, Theme::Light}) {
    applyTheme(*qApp, theme);
    const Colors& set = colors(QApplication::palette());
    // Leaf 0 stands at an eighth of the width, the root's left branch at a quarter.
    EXPECT_TRUE(QTest::qWaitFor([&] {
      const QImage image = view.grab().toImage();
      return image.pixelColor(25, at(0.1F).y()) == set.accent &&
             image.pixelColor(50, at(0.7F).y()) == set.quiet &&
             image.pixelColor(190, at(0.7F).y()) == set.surface;
    }));
  }
}

TEST_F(DendrogramViewTest, SurvivesNoTree) {
  view.setDendrogram(nullptr);
  view.grab();
  QTest::mouseClick(&view, Qt::LeftButton, {}, {50, 50});
  QTest::keyClick(&view, Qt::Key_Down);
  EXPECT_EQ(view.clusters(), 1);
  EXPECT_TRUE(view.readOut(10).isEmpty());
}

}  // namespace
}  // namespace barlow::ui
