#include "ui/inspector/moment_grid.h"

#include "core/runs/run_folder.h"
#include "tests/support/embeddings.h"
#include "tests/support/temp_dir.h"
#include "ui/plots/matrix_canvas.h"

#include <QLabel>
#include <QTest>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

bool waitUntil(const std::function<bool()>& isTrue) { return QTest::qWaitFor(isTrue, 10'000); }

TEST(SpreadOver, TakesTheFirstTheLastAndEvenStepsBetween) {
  using Indices = std::vector<std::size_t>;
  EXPECT_EQ(spreadOver(9, 9), (Indices{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(spreadOver(10, 4), (Indices{0, 3, 6, 9}));
  EXPECT_EQ(spreadOver(3, 4), (Indices{0, 1, 2}));
  EXPECT_EQ(spreadOver(5, 1), Indices{4});
  EXPECT_TRUE(spreadOver(0, 4).empty());
}

class MomentGridTest : public testing::Test {
 protected:
  MomentGridTest() {
    RunFolder::create(folder_, RunConfig{}, RunRecord{.id = "x", .state = "finished"});
    for (std::int64_t step = 1; step <= 7; ++step) {
      writeMoment(folder_, *randomEmbeddings(16, 8, step, static_cast<std::uint64_t>(step)));
    }
    grid_.resize(600, 600);
    grid_.show();
    grid_.showMoments(folder_, listSnapshots(folder_), 2, nullptr);
  }
  TempDir dir_;
  std::filesystem::path folder_ = dir_ / "run";
  MomentGrid grid_;
};

TEST_F(MomentGridTest, ShowsMomentsOfTheWholeRunWithTheirSteps) {
  ASSERT_TRUE(waitUntil([&] { return !grid_.isBusy(); }));
  ASSERT_EQ(grid_.canvases().size(), 4u);
  std::vector<std::int64_t> steps;
  for (const MatrixCanvas* canvas : grid_.canvases()) {
    ASSERT_TRUE(canvas->matrix());
    steps.push_back(canvas->matrix()->matrix().origin().step);
  }
  EXPECT_EQ(steps, (std::vector<std::int64_t>{1, 3, 5, 7}));
  QStringList texts;
  for (const auto* label : grid_.findChildren<QLabel*>()) {
    texts << label->text();
  }
  EXPECT_TRUE(texts.contains(QStringLiteral("step 5")));
}

TEST_F(MomentGridTest, LooksAtOnePlace) {
  ASSERT_TRUE(waitUntil([&] { return !grid_.isBusy(); }));
  MatrixCanvas* first = grid_.canvases()[0];
  first->zoom(3, first->matrixArea().center());
  EXPECT_EQ(grid_.canvases()[3]->visibleCells(), first->visibleCells());
}

TEST_F(MomentGridTest, AClickNamesItsMoment) {
  ASSERT_TRUE(waitUntil([&] { return !grid_.isBusy(); }));
  std::int64_t chosen = 0;
  QObject::connect(
      &grid_, &MomentGrid::momentActivated, &grid_, [&](std::int64_t step) { chosen = step; });
  MatrixCanvas* third = grid_.canvases()[2];
  QTest::mouseClick(third, Qt::LeftButton, Qt::NoModifier, third->matrixArea().center().toPoint());
  EXPECT_EQ(chosen, 5);
}

TEST_F(MomentGridTest, KeepsLargeMatricesSmall) {
  const auto large = dir_ / "large";
  RunFolder::create(large, RunConfig{}, RunRecord{.id = "x", .state = "finished"});
  writeMoment(large, *randomEmbeddings(4, 1500, 1));
  grid_.showMoments(large, listSnapshots(large), 2, nullptr);
  ASSERT_TRUE(waitUntil([&] {
    const auto& matrix = grid_.canvases()[0]->matrix();
    return matrix && matrix->matrix().rows() == 750;
  }));
  EXPECT_EQ(grid_.canvases()[1]->matrix(), nullptr) << "there is one moment only";
}

}  // namespace
}  // namespace barlow::ui
