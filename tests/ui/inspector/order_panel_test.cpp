#include "ui/inspector/order_panel.h"

#include "tests/ui/inspector/inspection_values.h"
#include "ui/inspector/cluster_model.h"
#include "ui/plots/dendrogram_view.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

class OrderPanelTest : public testing::Test {
 protected:
  OrderPanelTest() {
    panel.setChoices({.dimensions = 60, .hasVariances = true});
    panel.resize(320, 560);
    panel.show();
    QObject::connect(&panel, &OrderPanel::orderRequested, &panel, [this](const auto& request) {
      requests.push_back(request);
    });
  }
  template <class T>
  T& child(const char* name) {
    return *panel.findChild<T*>(QString::fromLatin1(name));
  }
  // As a person does: opens the list and takes the item.
  void choose(OrderKind kind) {
    auto& box = child<QComboBox>("orderKind");
    const int index = box.findData(static_cast<int>(kind));
    box.setCurrentIndex(index);
    Q_EMIT box.activated(index);
  }
  void showTree() {
    panel.setOrder({OrderKind::Clusters});
    panel.setDendrogram(tree);
  }
  std::shared_ptr<const Dendrogram> tree =
      std::make_shared<const Dendrogram>(*clusterDimensions(nearIdentity(60)));
  OrderPanel panel;
  std::vector<OrderRequest> requests;
};

TEST_F(OrderPanelTest, AChoiceActsAtOnceAndOnce) {
  choose(OrderKind::Diagonal);
  choose(OrderKind::Diagonal);
  choose(OrderKind::Spectral);
  EXPECT_EQ(requests, (std::vector<OrderRequest>{{OrderKind::Diagonal}, {OrderKind::Spectral}}));
  auto& box = child<QComboBox>("orderKind");
  box.setFocus();
  QTest::keyClick(&box, Qt::Key_Down);
  EXPECT_EQ(requests.back(), (OrderRequest{OrderKind::OneRow, 0})) << "by key too";
}

TEST_F(OrderPanelTest, OneRowCanBeTyped) {
  EXPECT_FALSE(child<QSpinBox>("orderRow").isVisible());
  choose(OrderKind::OneRow);
  auto& row = child<QSpinBox>("orderRow");
  ASSERT_TRUE(row.isVisible());
  row.selectAll();
  QTest::keyClicks(&row, QStringLiteral("17"));
  QTest::keyClick(&row, Qt::Key_Return);
  EXPECT_EQ(requests.back(), (OrderRequest{OrderKind::OneRow, 17}));
  row.setValue(400);
  EXPECT_EQ(requests.back().row, 59) << "the last dimension";
}

TEST_F(OrderPanelTest, SettingAnOrderShowsItAndAsksForNothing) {
  panel.setOrder({OrderKind::OneRow, 23});
  EXPECT_EQ(child<QSpinBox>("orderRow").value(), 23);
  panel.setOrder({OrderKind::Saved}, QStringLiteral("best.json"));
  EXPECT_EQ(child<QComboBox>("orderKind").currentText(), QStringLiteral("Saved: best.json"));
  panel.setOrder({OrderKind::Clusters});
  EXPECT_TRUE(child<QLabel>("orderHelp")
                  .text()
                  .contains(QStringLiteral("Average linkage on 1 - |C + C^T| / 2")));
  EXPECT_TRUE(requests.empty());
}

TEST_F(OrderPanelTest, ASavedOrderIsAskedForByItsOwnSignal) {
  QSignalSpy load(&panel, &OrderPanel::loadOrderRequested);
  QSignalSpy save(&panel, &OrderPanel::saveOrderRequested);
  panel.setOrder({OrderKind::RowRms});
  choose(OrderKind::Saved);
  EXPECT_EQ(load.count(), 1);
  EXPECT_TRUE(requests.empty());
  EXPECT_EQ(child<QComboBox>("orderKind").currentText(), QStringLiteral("By row RMS"))
      << "until a file is chosen";
  QTest::mouseClick(&child<QPushButton>("saveOrder"), Qt::LeftButton);
  EXPECT_EQ(save.count(), 1);
}

TEST_F(OrderPanelTest, OffersOnlyWhatCanBe) {
  const auto isOffered = [&](OrderKind kind) {
    auto& box = child<QComboBox>("orderKind");
    const QModelIndex index = box.model()->index(box.findData(static_cast<int>(kind)), 0);
    return index.flags().testFlag(Qt::ItemIsEnabled);
  };
  EXPECT_TRUE(isOffered(OrderKind::Variance));
  panel.setChoices({.dimensions = 60});
  EXPECT_FALSE(isOffered(OrderKind::Variance));
  EXPECT_TRUE(isOffered(OrderKind::Clusters));
  panel.setChoices({.dimensions = 60, .isSquare = false});
  EXPECT_FALSE(isOffered(OrderKind::Clusters));
  EXPECT_TRUE(isOffered(OrderKind::Original));
}

TEST_F(OrderPanelTest, ProgressAndCancelWhileBusy) {
  EXPECT_FALSE(child<QPushButton>("cancelOrder").isVisible());
  panel.setBusy(true);
  panel.setProgress(0.5);
  EXPECT_EQ(child<QProgressBar>("orderProgress").value(), 500);
  QSignalSpy cancelled(&panel, &OrderPanel::cancelRequested);
  QTest::mouseClick(&child<QPushButton>("cancelOrder"), Qt::LeftButton);
  EXPECT_EQ(cancelled.count(), 1);
  panel.setBusy(false);
  EXPECT_FALSE(child<QProgressBar>("orderProgress").isVisible());
}

TEST_F(OrderPanelTest, SliderNumberAndTreeCutAlike) {
  showTree();
  EXPECT_EQ(panel.clusters(), 11) << "by the size: the root of twice 60";
  QSignalSpy cut(&panel, &OrderPanel::cutChanged);
  child<QSpinBox>("clusterCount").setValue(7);
  EXPECT_EQ(child<DendrogramView>("clusterTree").clusters(), 7);
  ASSERT_EQ(cut.count(), 1);
  EXPECT_EQ(cut.last().at(0).toLongLong(), 7);
  auto& slider = child<QSlider>("clusterSlider");
  slider.setValue(slider.maximum());
  EXPECT_EQ(child<QSpinBox>("clusterCount").value(), 60);
  slider.setValue(0);
  EXPECT_EQ(panel.clusters(), 1);
  EXPECT_EQ(cut.count(), 3);
  QTest::keyClick(&child<DendrogramView>("clusterTree"), Qt::Key_PageDown);
  EXPECT_EQ(child<QSpinBox>("clusterCount").value(), 2);
  EXPECT_EQ(cut.count(), 4);
  panel.setClusters(30);
  EXPECT_EQ(child<QSpinBox>("clusterCount").value(), 30);
  EXPECT_EQ(cut.count(), 4) << "setting tells nobody";
}

TEST_F(OrderPanelTest, EveryNumberOfClustersKeepsItsPlaceOnTheSlider) {
  showTree();
  for (int clusters = 1; clusters <= 60; ++clusters) {
    child<QSpinBox>("clusterCount").setValue(clusters);
    EXPECT_EQ(panel.clusters(), clusters);
    EXPECT_EQ(child<QSpinBox>("clusterCount").value(), clusters);
  }
}

TEST_F(OrderPanelTest, TheTableListsClustersAndJumpsToThem) {
  const QAbstractItemModelTester tester(child<QTableView>("clusterTable").model());
  EXPECT_FALSE(child<QTableView>("clusterTable").isVisible()) << "without a tree";
  showTree();
  const Order order = leafOrder(*tree);
  const auto rows = *clusterTable(nearIdentity(60), order, cutIntoClusters(*tree, 10));
  panel.setClusterRows(rows);
  auto& table = child<QTableView>("clusterTable");
  ASSERT_EQ(table.model()->rowCount(), 10);
  const auto* model = qobject_cast<ClusterModel*>(table.model());
  for (std::size_t i = 1; i < model->rows().size(); ++i) {
    EXPECT_GE(model->rows()[i - 1].block.count, model->rows()[i].block.count) << "largest first";
  }
  std::vector<ClusterRow> activated;
  QObject::connect(&panel, &OrderPanel::clusterActivated, &panel, [&](const ClusterRow& row) {
    activated.push_back(row);
  });
  table.setFocus();
  table.selectRow(1);
  QTest::keyClick(&table, Qt::Key_Return);
  ASSERT_EQ(activated.size(), 1U);
  EXPECT_EQ(activated.front().block, model->rows()[1].block);
  table.sortByColumn(ClusterModel::Similarity, Qt::AscendingOrder);
  EXPECT_EQ(model->rows()[static_cast<std::size_t>(table.currentIndex().row())].block,
            activated.front().block)
      << "the selected cluster stays selected";
  QSignalSpy outlines(&panel, &OrderPanel::outlinesToggled);
  child<QCheckBox>("blockOutlines").click();
  EXPECT_EQ(outlines.count(), 1);
  EXPECT_FALSE(panel.showsOutlines());
  panel.setDendrogram(nullptr);
  EXPECT_EQ(table.model()->rowCount(), 0);
}

TEST_F(OrderPanelTest, FitsIntoANarrowColumn) {
  showTree();
  panel.setOrder({OrderKind::OneRow, 3});
  panel.setBusy(true);
  QCoreApplication::sendPostedEvents();
  EXPECT_LE(panel.minimumSizeHint().width(), 320);
}

}  // namespace
}  // namespace barlow::ui
