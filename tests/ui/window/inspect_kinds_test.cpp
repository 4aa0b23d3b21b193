#include "tests/ui/window/inspect_fixture.h"
#include "ui/inspector/numbers_panel.h"
#include "ui/inspector/top_samples_panel.h"
#include "ui/panels/matrix_panel.h"
#include "ui/plots/matrix_canvas.h"
#include "ui/plots/matrix_kind_choice.h"
#include "ui/plots/prototype_bars.h"

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QListWidget>
#include <QSlider>
#include <QTabWidget>

namespace barlow::ui {
namespace {

class InspectKindsTest : public InspectTest {
 protected:
  // A run of SwAV: 32 images at 4 of 20 prototypes.
  std::filesystem::path storedSwav(const std::string& name) {
    RunConfig config;
    config.objective.name = ObjectiveName::Swav;
    config.objective.swav.prototypes = 20;
    const auto folder = dir / name;
    RunFolder::create(folder, config, RunRecord{.id = name, .state = "finished"});
    for (const std::int64_t step : {1, 10, 20}) {
      const auto plain = randomEmbeddings(32, 24, step, static_cast<std::uint64_t>(step));
      writeMoment(folder, *withPrototypes(plain, 20, 4));
    }
    return folder;
  }
  void openSwav() {
    open();
    window->openPath(QString::fromStdString(storedSwav("swav").string()));
    window->showWorkspace(MainWindow::Workspace::Inspect);
    ASSERT_TRUE(waitUntil([&] { return shownStep() == 20 && window->isSettled(); }));
  }
  MatrixKindChoice& choice() { return *child<MatrixKindChoice>("inspectorKind"); }
  void press(Qt::Key key) {
    choice().setFocus();
    QTest::keyClick(&choice(), key);
  }
  MatrixKind shownKind() { return canvas().kind(); }
  bool waitFor(MatrixKind kind, std::int64_t step) {
    return waitUntil([&] {
      return canvas().matrix() && shownKind() == kind && shownStep() == step &&
             window->isSettled() && inspector().hasNumbers();
    });
  }
};

TEST_F(InspectKindsTest, KeysGoThroughAllMatricesOfTheSameEmbeddings) {
  openSwav();
  ASSERT_EQ(choice().count(), 5);
  EXPECT_EQ(choice().itemText(4), QStringLiteral("Assignments (in the loss)"));
  const RenderSettings before = canvas().settings();
  press(Qt::Key_Down);
  ASSERT_TRUE(waitFor(MatrixKind::CovarianceA, 20));
  EXPECT_NE(canvas().settings().color, before.color) << "covariances have no bounds";
  press(Qt::Key_Down);
  press(Qt::Key_Down);
  ASSERT_TRUE(waitFor(MatrixKind::SampleSimilarity, 20));
  EXPECT_EQ(canvas().matrix()->matrix().rows(), 32) << "images";
  EXPECT_EQ(canvas().valueName(), QStringLiteral("cos"));
  press(Qt::Key_Home);
  ASSERT_TRUE(waitFor(MatrixKind::CrossCorrelation, 20));
  EXPECT_EQ(canvas().settings(), before) << "each has its own colours";
  press(Qt::Key_Down);
  ASSERT_TRUE(waitFor(MatrixKind::CovarianceA, 20));
  // Another moment is the same kind of matrix.
  child<QSlider>("timeSlider")->setValue(0);
  ASSERT_TRUE(waitFor(MatrixKind::CovarianceA, 1));
  press(Qt::Key_Down);
  ASSERT_TRUE(waitFor(MatrixKind::CovarianceB, 1)) << "a held moment stays";
}

TEST_F(InspectKindsTest, ABarOfAPrototypeLeadsToItsImages) {
  openSwav();
  press(Qt::Key_End);
  ASSERT_TRUE(waitFor(MatrixKind::Assignments, 20));
  EXPECT_EQ(canvas().matrix()->matrix().columns(), 20);
  auto* bars = child<PrototypeBars>("prototypeBars");
  ASSERT_TRUE(bars->isVisible());
  EXPECT_TRUE(child<QLabel>("prototypeSum")->text().startsWith(QStringLiteral("4 of 20")));
  QTest::mouseClick(bars, Qt::LeftButton, {}, bars->positionOf(0));
  auto* images = window->findChild<TopSamplesPanel*>();
  EXPECT_EQ(inspector().tabs()->currentWidget(), images);
  ASSERT_TRUE(waitUntil([&] { return child<QListWidget>("upperSamples")->count() == 8; }))
      << "32 images at 4 prototypes";
  // So does a cell.
  QTest::mouseClick(&canvas(), Qt::LeftButton, {}, canvas().cellRect({5, 2}).center().toPoint());
  EXPECT_EQ(child<QComboBox>("drivenSubject")->currentText(), QStringLiteral("Prototype 2"));
  // Every tab and every way of comparing lives with a matrix that has no diagonal.
  for (int layout = 0; layout < child<QComboBox>("compareLayout")->count(); ++layout) {
    choose("compareLayout", layout);
    EXPECT_FALSE(window->grab().isNull());
  }
  choose("compareLayout", 0);
  for (int tab = 0; tab < inspector().tabs()->count(); ++tab) {
    inspector().tabs()->setCurrentIndex(tab);
    EXPECT_FALSE(window->grab().isNull());
  }
}

TEST_F(InspectKindsTest, TwoMomentsAreComparedAsTheSameMatrix) {
  openSwav();
  child<QAction>("compareFirst")->trigger();
  ASSERT_TRUE(waitUntil([&] {
    const auto& shown = inspector().arranger().shown();
    return shown && shown->second && window->isSettled();
  }));
  press(Qt::Key_Down);
  ASSERT_TRUE(waitUntil([&] {
    const auto& shown = inspector().arranger().shown();
    return shown && shown->first->origin().kind == MatrixKind::CovarianceA && shown->second &&
           shown->second->origin().kind == MatrixKind::CovarianceA &&
           shown->second->origin().step == 1 && window->isSettled();
  }));
}

// An order of 24 dimensions is none of 32 images.
TEST_F(InspectKindsTest, AnOrderOfDimensionsEndsWithThem) {
  openSwav();
  pick(OrderKind::RowRms);
  press(Qt::Key_Down);
  ASSERT_TRUE(waitFor(MatrixKind::CovarianceA, 20));
  EXPECT_TRUE(inspector().arranger().shown()->order.order) << "the same dimensions";
  press(Qt::Key_Down);
  press(Qt::Key_Down);
  ASSERT_TRUE(waitFor(MatrixKind::SampleSimilarity, 20));
  EXPECT_FALSE(inspector().arranger().shown()->order.order);
}

TEST_F(InspectKindsTest, TrainShowsTheSameAndItComesBackWithTheRun) {
  openSwav();
  press(Qt::Key_End);
  ASSERT_TRUE(waitFor(MatrixKind::Assignments, 20));
  window->showWorkspace(MainWindow::Workspace::Train);
  auto* panel = window->findChild<MatrixPanel*>();
  ASSERT_TRUE(waitUntil([&] { return panel->canvas()->kind() == MatrixKind::Assignments; }));
  EXPECT_EQ(panel->kindChoice()->kind(), MatrixKind::Assignments);
  const auto kept = dir / "swav" / "view.json";
  ASSERT_TRUE(waitUntil([&] { return std::filesystem::exists(kept); }));

  // A run without prototypes has no such matrix; the first one again is as it was left.
  window->openPath(QString::fromStdString(storedRun("plain").string()));
  window->showWorkspace(MainWindow::Workspace::Inspect);
  ASSERT_TRUE(
      waitUntil([&] { return shownStep() == 20 && window->isSettled() && choice().count() == 4; }));
  EXPECT_EQ(shownKind(), MatrixKind::CrossCorrelation);
  window->openPath(QString::fromStdString((dir / "swav").string()));
  window->showWorkspace(MainWindow::Workspace::Train);
  ASSERT_TRUE(waitUntil([&] { return panel->canvas()->kind() == MatrixKind::Assignments; }))
      << "before anybody inspects it";
  window->showWorkspace(MainWindow::Workspace::Inspect);
  ASSERT_TRUE(waitFor(MatrixKind::Assignments, 20));
  EXPECT_EQ(choice().kind(), MatrixKind::Assignments);
}

TEST_F(InspectKindsTest, AMatrixAloneIsWhatItIs) {
  openSwav();
  press(Qt::Key_End);
  ASSERT_TRUE(waitFor(MatrixKind::Assignments, 20));
  const QString file =
      QString::fromStdString((dir / "swav" / "matrices" / "step-00000010.safetensors").string());
  window->openPath(file + QStringLiteral(":prototype_scores"));
  ASSERT_TRUE(waitUntil([&] {
    return window->isSettled() && inspector().timeline().showsFiles() && canvas().matrix() &&
           canvas().matrix()->matrix().rows() == 32 && canvas().matrix()->matrix().columns() == 20;
  }));
  EXPECT_FALSE(choice().isEnabled());
  EXPECT_EQ(choice().kind(), MatrixKind::CrossCorrelation);
}

}  // namespace
}  // namespace barlow::ui
