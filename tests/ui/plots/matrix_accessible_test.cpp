#include "tests/core/matrix/random_matrix.h"
#include "ui/plots/matrix_canvas.h"

#include <QAccessible>
#include <QTest>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

std::shared_ptr<const MatrixPyramid> quarters(std::int64_t rows, std::int64_t columns) {
  return MatrixPyramid::build(Matrix::generated(rows, columns, [](auto i, auto j) {
    return 0.25f * static_cast<float>(i) - 0.125f * static_cast<float>(j);
  }));
}

class MatrixTable : public testing::Test {
 protected:
  MatrixTable() {
    canvas.resize(400, 400);
    canvas.setMatrix(quarters(3, 5));
    canvas.show();
    root = QAccessible::queryAccessibleInterface(&canvas);
    table = root->tableInterface();
  }
  MatrixCanvas canvas;
  QAccessibleInterface* root = nullptr;
  QAccessibleTableInterface* table = nullptr;
};

TEST_F(MatrixTable, HasAllCellsInWords) {
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(root->role(), QAccessible::Table);
  EXPECT_FALSE(root->text(QAccessible::Name).isEmpty());
  EXPECT_EQ(table->rowCount(), 3);
  EXPECT_EQ(table->columnCount(), 5);
  EXPECT_EQ(root->childCount(), 15);
  QAccessibleInterface* cell = table->cellAt(2, 1);
  ASSERT_NE(cell, nullptr);
  EXPECT_EQ(cell->text(QAccessible::Name), "row 2, column 1, C = 0.375");
  EXPECT_EQ(cell->text(QAccessible::Value), "0.375");
  EXPECT_EQ(cell->role(), QAccessible::Cell);
  EXPECT_EQ(cell->parent(), root);
  ASSERT_NE(cell->tableCellInterface(), nullptr);
  EXPECT_EQ(cell->tableCellInterface()->rowIndex(), 2);
  EXPECT_EQ(cell->tableCellInterface()->columnIndex(), 1);
  EXPECT_EQ(root->child(2 * 5 + 1), cell) << "the same cell, made once";
  EXPECT_EQ(root->indexOfChild(cell), 2 * 5 + 1);
  EXPECT_EQ(table->cellAt(3, 0), nullptr);
  EXPECT_EQ(table->cellAt(0, -1), nullptr);
  EXPECT_EQ(table->rowDescription(2), "dimension 2 of view A");
}

TEST_F(MatrixTable, CellsAreWhereTheyAreDrawn) {
  const QRect cell = table->cellAt(1, 3)->rect();
  const QRectF drawn = canvas.cellRect({1, 3});
  EXPECT_TRUE(cell.contains(canvas.mapToGlobal(drawn.center().toPoint())));
  EXPECT_NEAR(cell.width(), drawn.width(), 2);
  const QPoint center = canvas.mapToGlobal(drawn.center().toPoint());
  EXPECT_EQ(root->childAt(center.x(), center.y()), table->cellAt(1, 3));
}

TEST_F(MatrixTable, NamesTheDimensionsOfAnOrder) {
  canvas.setMatrix(quarters(4, 4));
  canvas.setOrder(std::make_shared<Order>(Order{3, 1, 0, 2}));
  EXPECT_EQ(table->cellAt(0, 3)->text(QAccessible::Name), "row 3, column 2, C = -0.375");
  EXPECT_EQ(table->columnDescription(0), "dimension 3 of view B");
}

TEST_F(MatrixTable, TheCellOfTheCursorHasTheFocus) {
  ASSERT_TRUE(QTest::qWaitForWindowActive(&canvas));
  canvas.setFocus();
  EXPECT_EQ(root->focusChild(), root) << "no cell cursor yet";
  canvas.setCursorCell(CellIndex{1, 1});
  QTest::keyClick(&canvas, Qt::Key_Right);
  ASSERT_EQ(root->focusChild(), table->cellAt(1, 2));
  EXPECT_EQ(root->focusChild()->text(QAccessible::Name), "row 1, column 2, C = 0.000");
  EXPECT_TRUE(root->focusChild()->state().focused);
  EXPECT_EQ(table->selectedCellCount(), 1);
  EXPECT_EQ(table->selectedCells().value(0), table->cellAt(1, 2));
  EXPECT_TRUE(table->cellAt(1, 2)->state().selected);
  EXPECT_FALSE(table->cellAt(1, 1)->state().selected);
  EXPECT_TRUE(root->text(QAccessible::Value).startsWith("row 1, column 2 · C = 0.000"));
}

TEST_F(MatrixTable, ACellOfAnotherMatrixIsNotValidAnyMore) {
  QAccessibleInterface* cell = table->cellAt(2, 4);
  canvas.setMatrix(quarters(2, 2));
  EXPECT_FALSE(cell->isValid());
  EXPECT_TRUE(cell->text(QAccessible::Name).isEmpty());
  EXPECT_EQ(root->childCount(), 4);
  canvas.setMatrix(nullptr);
  EXPECT_EQ(root->childCount(), 0);
  EXPECT_EQ(table->cellAt(0, 0), nullptr);
}

TEST_F(MatrixTable, KeepsFewOfManyCells) {
  canvas.setMatrix(quarters(200, 200));
  EXPECT_EQ(root->childCount(), 40'000);
  const QAccessible::Id oldest = QAccessible::uniqueId(table->cellAt(0, 0));
  for (int index = 1; index < 20'000; ++index) {
    ASSERT_NE(root->child(index), nullptr);
  }
  EXPECT_EQ(QAccessible::accessibleInterface(oldest), nullptr);
  EXPECT_EQ(table->cellAt(0, 0)->text(QAccessible::Value), "0.000") << "made again";
}

}  // namespace
}  // namespace barlow::ui
