#pragma once

#include "tests/support/embeddings.h"
#include "tests/support/fake_trainer.h"
#include "tests/ui/window/window_fixture.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/plots/matrix_canvas.h"

#include <QComboBox>

namespace barlow::ui {

/// A window that looks at a matrix.
class InspectTest : public WindowTest {
 protected:
  ~InspectTest() override {
    control->preparing.open();
    control->stepping.open();
  }
  // A run on disk that kept three moments of 24 dimensions.
  std::filesystem::path storedRun(const std::string& name) {
    const auto folder = dir / name;
    RunFolder::create(folder, RunConfig{}, RunRecord{.id = name, .state = "finished"});
    for (const std::int64_t step : {1, 10, 20}) {
      writeMoment(folder, *randomEmbeddings(32, 24, step, static_cast<std::uint64_t>(step)));
    }
    return folder;
  }
  void openStored() {
    open();
    window->openPath(QString::fromStdString(storedRun("stored").string()));
    window->showWorkspace(MainWindow::Workspace::Inspect);
    ASSERT_TRUE(waitUntil([&] { return shownStep() == 20 && window->isSettled(); }));
  }
  InspectorPanel& inspector() { return window->inspectorPanel(); }
  MatrixCanvas& canvas() { return *inspector().canvas(); }
  std::int64_t shownStep() {
    const auto& shown = inspector().arranger().shown();
    return shown ? shown->first->origin().step : -1;
  }
  void choose(const char* combo, int index) { child<QComboBox>(combo)->setCurrentIndex(index); }
  void pick(OrderKind kind) {
    inspector().arranger().computeOrder({.kind = kind});
    ASSERT_TRUE(waitUntil([&] {
      return window->isSettled() && inspector().arranger().shown()->order.request.kind == kind;
    }));
  }
  std::shared_ptr<FakeControl> control = std::make_shared<FakeControl>();
};

}  // namespace barlow::ui
