#include "ui/inspector/pairs_panel.h"

#include "tests/ui/inspector/inspection_values.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <gtest/gtest.h>

#include <cmath>

namespace barlow::ui {
namespace {

std::shared_ptr<Inspection> known(int topCount = 1000) {
  return inspectionOf(nearIdentity(40,
                                   {},
                                   [](std::int64_t i, std::int64_t j, float value) -> float {
                                     return i == 3 && j == 9    ? -0.75F
                                            : i == 9 && j == 3  ? 0.5F
                                            : i == 20 && j == 1 ? 0.625F
                                                                : value;
                                   }),
                      {.topCount = topCount});
}

class PairsPanelTest : public testing::Test {
 protected:
  PairsPanelTest() {
    panel.resize(320, 400);
    panel.show();
    QObject::connect(&panel, &PairsPanel::pairActivated, &panel, [this](const CellIndex& cell) {
      activated.push_back(cell);
    });
    QObject::connect(&panel, &PairsPanel::pairSelected, &panel, [this](const CellIndex& cell) {
      selected.push_back(cell);
    });
  }
  QTableView& table() { return *panel.findChild<QTableView*>(); }
  QString at(int row, int column) { return table().model()->index(row, column).data().toString(); }
  void choose(PairKind kind) {
    auto& box = *panel.findChild<QComboBox*>();
    box.setCurrentIndex(box.findData(static_cast<int>(kind)));
  }
  PairsPanel panel;
  std::vector<CellIndex> activated;
  std::vector<CellIndex> selected;
};

TEST_F(PairsPanelTest, RanksAsAskedAndKnowsTheTransposedCell) {
  const QAbstractItemModelTester tester(table().model());
  panel.setInspection(known());
  EXPECT_EQ(table().model()->rowCount(), 100);
  EXPECT_EQ(at(0, 0) + at(0, 1), QStringLiteral("39"));
  EXPECT_EQ(at(0, 2), QStringLiteral("-0.7500"));
  EXPECT_EQ(at(0, 3), QStringLiteral("0.5000"));
  choose(PairKind::Largest);
  EXPECT_EQ(at(0, 2), QStringLiteral("0.6250"));
  EXPECT_EQ(at(1, 3), QStringLiteral("-0.7500"));
  choose(PairKind::Smallest);
  EXPECT_EQ(at(0, 2), QStringLiteral("-0.7500"));
  EXPECT_LE(at(0, 2).toDouble(), at(1, 2).toDouble());
}

TEST_F(PairsPanelTest, IsEmptyWhileThePairsAreBeingRanked) {
  const auto picture = known();
  picture->statistics.reset();
  panel.setInspection(picture);
  EXPECT_EQ(panel.findChild<QTableView*>(QStringLiteral("pairTable"))->model()->rowCount(), 0);
  EXPECT_TRUE(panel.findChild<QLabel*>(QStringLiteral("pairNote"))->text().contains("ranked"));
}

TEST_F(PairsPanelTest, SaysWhenFewerPairsAreKnownThanAskedFor) {
  panel.setInspection(known(20));
  EXPECT_EQ(table().model()->rowCount(), 20);
  auto* note = panel.findChild<QLabel*>(QStringLiteral("pairNote"));
  EXPECT_TRUE(note->text().startsWith(QStringLiteral("All 20 pairs")));
  panel.findChild<QSpinBox*>()->setValue(10);
  EXPECT_EQ(table().model()->rowCount(), 10);
  EXPECT_FALSE(note->isVisible());
}

TEST_F(PairsPanelTest, SortsByEveryColumnBothWays) {
  panel.setInspection(known());
  const auto* model = qobject_cast<PairsModel*>(table().model());
  for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
    for (int column = 0; column < PairsModel::ColumnCount; ++column) {
      table().sortByColumn(column, order);
      const auto key = [&](const PairRow& row) {
        return column == 0   ? static_cast<double>(row.cell.row)
               : column == 1 ? static_cast<double>(row.cell.column)
               : column == 2 ? static_cast<double>(row.value)
                             : static_cast<double>(*row.transposed);
      };
      EXPECT_TRUE(std::is_sorted(model->rows().begin(),
                                 model->rows().end(),
                                 [&](const auto& a, const auto& b) {
                                   return order == Qt::AscendingOrder ? key(a) < key(b)
                                                                      : key(b) < key(a);
                                 }))
          << column << " " << order;
    }
  }
  panel.setInspection(known());
  EXPECT_EQ(at(0, 3).toDouble(), 0.5) << "new values are sorted as the old ones were";
}

TEST_F(PairsPanelTest, EnterAndDoubleClickGoToThePair) {
  panel.setInspection(known());
  table().setFocus();
  QTest::keyClick(&table(), Qt::Key_Down);
  ASSERT_FALSE(selected.empty());
  EXPECT_EQ(selected.back(), (CellIndex{3, 9}));
  QTest::keyClick(&table(), Qt::Key_Down);
  EXPECT_EQ(selected.back(), (CellIndex{20, 1}));
  EXPECT_TRUE(activated.empty());
  QTest::keyClick(&table(), Qt::Key_Return);
  ASSERT_EQ(activated.size(), 1U);
  EXPECT_EQ(activated.back(), (CellIndex{20, 1}));
  const QPoint first = table().visualRect(table().model()->index(0, 2)).center();
  QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, first);
  QTest::mouseDClick(table().viewport(), Qt::LeftButton, {}, first);
  ASSERT_EQ(activated.size(), 2U);
  EXPECT_EQ(activated.back(), (CellIndex{3, 9}));
}

TEST_F(PairsPanelTest, ASelectedPairStaysThroughSortingAndNewValues) {
  panel.setInspection(known());
  table().selectRow(1);
  ASSERT_EQ(selected.size(), 1U);
  table().sortByColumn(PairsModel::Row, Qt::AscendingOrder);
  panel.setInspection(known());
  const auto* model = qobject_cast<PairsModel*>(table().model());
  EXPECT_EQ(model->rows()[static_cast<std::size_t>(table().currentIndex().row())].cell,
            (CellIndex{20, 1}));
  EXPECT_EQ(selected.size(), 1U) << "told once";
}

TEST_F(PairsPanelTest, CopiesRowsAndWritesCsvInEveryLocale) {
  QLocale::setDefault(QLocale(QLocale::German));
  panel.setInspection(known());
  ASSERT_TRUE(QTest::qWaitForWindowActive(&panel));
  table().setFocus();
  table().selectRow(0);
  QTest::keyClick(&table(), Qt::Key_C, Qt::ControlModifier);
  EXPECT_EQ(QGuiApplication::clipboard()->text(),
            QStringLiteral("i\tj\tc_ij\tc_ji\n3\t9\t-0.75\t0.5\n"));
  const QString csv = panel.toCsv();
  EXPECT_TRUE(csv.startsWith(QStringLiteral("i,j,c_ij,c_ji\n3,9,-0.75,0.5\n20,1,0.625,")));
  EXPECT_EQ(csv.count(QLatin1Char('\n')), 101);
  QTest::mouseClick(panel.findChild<QPushButton*>(QStringLiteral("copyCsv")), Qt::LeftButton);
  EXPECT_EQ(QGuiApplication::clipboard()->text(), csv);
  QSignalSpy requested(&panel, &PairsPanel::csvRequested);
  QTest::mouseClick(panel.findChild<QPushButton*>(QStringLiteral("saveCsv")), Qt::LeftButton);
  EXPECT_EQ(requested.count(), 1);
  QLocale::setDefault(QLocale::c());
}

TEST_F(PairsPanelTest, TakesMatricesWithoutTransposedCellsAndNone) {
  panel.setInspection(inspectionOf(
      Matrix::generated(3, 4, [](auto i, auto j) { return static_cast<float>(i + j) / 10; })));
  EXPECT_EQ(table().model()->rowCount(), 12);
  EXPECT_EQ(at(0, 3), QStringLiteral("–"));
  EXPECT_TRUE(panel.toCsv().contains(QStringLiteral("2,3,0.5,\n")));
  panel.setInspection(nullptr);
  EXPECT_EQ(table().model()->rowCount(), 0);
  EXPECT_FALSE(panel.findChild<QPushButton*>(QStringLiteral("saveCsv"))->isEnabled());
}

}  // namespace
}  // namespace barlow::ui
