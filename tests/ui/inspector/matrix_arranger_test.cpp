#include "ui/inspector/matrix_arranger.h"

#include "core/studio/matrix_files.h"
#include "tests/support/embeddings.h"

#include <QTest>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

bool waitUntil(const std::function<bool()>& isTrue) { return QTest::qWaitFor(isTrue, 10'000); }

class MatrixArrangerTest : public testing::Test {
 protected:
  MatrixArrangerTest() {
    QObject::connect(&arranger_, &MatrixArranger::orderReady, &arranger_, [this](const auto& o) {
      ready_ = o;
      ++readyCount_;
    });
    QObject::connect(
        &arranger_, &MatrixArranger::failed, &arranger_, [this](const QString& s) { said_ = s; });
  }
  bool settle() {
    return waitUntil([&] { return !arranger_.isBusy(); });
  }
  ArrangedOrder computed(OrderKind kind, std::int64_t row = 0) {
    arranger_.computeOrder({.kind = kind, .row = row});
    EXPECT_TRUE(settle());
    return ready_;
  }

  std::shared_ptr<const Inspection> first_ = completed(pictureOf(randomEmbeddings(32, 12, 1, 1)));
  std::shared_ptr<const Inspection> other_ = completed(pictureOf(randomEmbeddings(32, 12, 2, 2)));
  MatrixArranger arranger_;
  ArrangedOrder ready_;
  int readyCount_ = 0;
  QString said_;
};

TEST_F(MatrixArrangerTest, CopiesNothingWhereNothingChanges) {
  arranger_.setMatrices(first_, nullptr);
  ASSERT_TRUE(arranger_.shown());
  EXPECT_EQ(arranger_.shown()->pyramid, first_->pyramid);
  EXPECT_EQ(arranger_.shown()->statistics, first_->statistics);
}

TEST_F(MatrixArrangerTest, SubtractsWhatIsHeldBesideIt) {
  arranger_.setMatrices(first_, other_);
  arranger_.setDerivation(Derivation::Difference);
  ASSERT_TRUE(settle());
  const Matrix& shown = arranger_.shown()->pyramid->matrix();
  EXPECT_EQ(shown.at(3, 5), first_->matrix().at(3, 5) - other_->matrix().at(3, 5));
  EXPECT_EQ(arranger_.shown()->statistics->rows, 12);
  arranger_.setDerivation(Derivation::Asymmetry);
  ASSERT_TRUE(settle());
  EXPECT_EQ(arranger_.shown()->pyramid->matrix().at(4, 4), 0);
}

TEST_F(MatrixArrangerTest, WithoutASecondThereIsNoDifference) {
  arranger_.setMatrices(first_, nullptr);
  arranger_.setDerivation(Derivation::Difference);
  ASSERT_TRUE(settle());
  EXPECT_EQ(arranger_.shown()->derivation, Derivation::None);
  EXPECT_EQ(arranger_.shown()->pyramid, first_->pyramid);
}

TEST_F(MatrixArrangerTest, EveryOrderIsAPermutationOfRowsAndColumnsAlike) {
  arranger_.setMatrices(first_, nullptr);
  for (const OrderKind kind : {OrderKind::Diagonal,
                               OrderKind::RowRms,
                               OrderKind::Variance,
                               OrderKind::Clusters,
                               OrderKind::Spectral,
                               OrderKind::OneRow}) {
    const ArrangedOrder order = computed(kind, 7);
    ASSERT_TRUE(order.order) << static_cast<int>(kind) << qPrintable(said_);
    EXPECT_EQ(order.request.kind, kind);
    EXPECT_EQ(order.dendrogram != nullptr, kind == OrderKind::Clusters);
    ASSERT_TRUE(arranger_.setOrder(order));
    ASSERT_TRUE(settle());
    const Matrix& shown = arranger_.shown()->pyramid->matrix();
    for (std::int64_t i = 0; i < 12; ++i) {
      for (std::int64_t j = 0; j < 12; ++j) {
        ASSERT_EQ(shown.at(i, j),
                  first_->matrix().at((*order.order)[static_cast<std::size_t>(i)],
                                      (*order.order)[static_cast<std::size_t>(j)]));
      }
    }
  }
  const ArrangedOrder byDiagonal = computed(OrderKind::Diagonal);
  arranger_.setOrder(byDiagonal);
  ASSERT_TRUE(settle());
  const Matrix& sorted = arranger_.shown()->pyramid->matrix();
  for (std::int64_t i = 1; i < 12; ++i) {
    EXPECT_GE(sorted.at(i - 1, i - 1), sorted.at(i, i));
  }
}

TEST_F(MatrixArrangerTest, AnOrderStaysWhileMatricesComeAndGo) {
  arranger_.setMatrices(first_, nullptr);
  const ArrangedOrder order = computed(OrderKind::Clusters);
  ASSERT_TRUE(arranger_.setOrder(order));
  arranger_.setMatrices(other_, nullptr);
  ASSERT_TRUE(waitUntil([&] { return arranger_.shown()->first == other_; }));
  EXPECT_EQ(arranger_.shown()->order.order, order.order);
  EXPECT_EQ(arranger_.shown()->pyramid->matrix().at(0, 1),
            other_->matrix().at((*order.order)[0], (*order.order)[1]));

  const auto larger = completed(pictureOf(randomEmbeddings(32, 13, 3)));
  arranger_.setMatrices(larger, nullptr);
  ASSERT_TRUE(waitUntil([&] { return arranger_.shown()->first == larger; }));
  EXPECT_EQ(arranger_.order().order, nullptr) << "no order of 12 dimensions fits 13";
  EXPECT_FALSE(arranger_.setOrder(order));
}

TEST_F(MatrixArrangerTest, NumbersThatComeLaterMoveNothing) {
  const auto picture = pictureOf(randomEmbeddings(32, 12, 4));
  arranger_.setMatrices(picture, nullptr);
  EXPECT_EQ(arranger_.shown()->statistics, nullptr);
  for (const OrderKind kind : {OrderKind::Diagonal, OrderKind::RowRms, OrderKind::Variance}) {
    EXPECT_TRUE(computed(kind).order) << "an order needs no numbers";
  }
  ASSERT_TRUE(arranger_.setOrder(ready_));
  ASSERT_TRUE(settle());
  const auto arranged = arranger_.shown()->pyramid;
  const auto whole = barlow::completed(picture);
  arranger_.setMatrices(whole, nullptr);
  EXPECT_FALSE(arranger_.isBusy());
  EXPECT_EQ(arranger_.shown()->first, whole);
  EXPECT_EQ(arranger_.shown()->pyramid, arranged);
  EXPECT_EQ(arranger_.shown()->statistics, whole->statistics);
}

TEST_F(MatrixArrangerTest, LosesNoMatrixThatComesWhileItWorks) {
  arranger_.setMatrices(first_, nullptr);
  ASSERT_TRUE(arranger_.setOrder(computed(OrderKind::Diagonal)));
  arranger_.setMatrices(other_, nullptr);
  arranger_.setMatrices(first_, nullptr);
  arranger_.setMatrices(other_, nullptr);
  ASSERT_TRUE(waitUntil([&] { return !arranger_.isBusy() && arranger_.shown()->first == other_; }));
}

TEST_F(MatrixArrangerTest, SaysWhyThereIsNoOrder) {
  const auto bare = pictureOf(first_->matrix());
  arranger_.setMatrices(bare, nullptr);
  arranger_.computeOrder({.kind = OrderKind::Variance});
  ASSERT_TRUE(settle());
  EXPECT_TRUE(said_.contains(QStringLiteral("embeddings"))) << qPrintable(said_);
  const auto wide = pictureOf(Matrix::generated(4, 6, [](auto, auto) { return 0.5f; }));
  arranger_.setMatrices(wide, nullptr);
  said_.clear();
  arranger_.computeOrder({.kind = OrderKind::Clusters});
  EXPECT_FALSE(said_.isEmpty());
}

TEST_F(MatrixArrangerTest, GivesNoOrderAfterACancel) {
  arranger_.setMatrices(first_, nullptr);
  arranger_.computeOrder({.kind = OrderKind::Clusters});
  arranger_.cancelOrder();
  EXPECT_FALSE(arranger_.isOrdering());
  EXPECT_EQ(computed(OrderKind::Diagonal).request.kind, OrderKind::Diagonal);
  EXPECT_EQ(readyCount_, 1);
}

}  // namespace
}  // namespace barlow::ui
