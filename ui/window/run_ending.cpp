#include "ui/window/run_ending.h"

#include "core/runs/run_folder.h"
#include "ui/bridge/run_controller.h"
#include "ui/dialogs/ask.h"

#include <QString>

#include <filesystem>
#include <utility>

namespace barlow::ui {

RunEnding::RunEnding(RunController& run, QWidget& window) : run_(run), window_(window) {
  connect(&run_, &RunController::held, this, [this] {
    if (isUnasked_) {
      saveUnasked();
    } else {
      askWhereToSave();
    }
  });
  connect(&run_, &RunController::ended, this, [this](const QString& how) {
    if (isUnasked_) {
      Q_EMIT over(how != QLatin1String("failed"));
    } else if (closesAtEnd_) {
      Q_EMIT closeWanted();
    }
  });
}

bool RunEnding::mayClose() {
  if (!run_.isLive()) {
    return true;
  }
  if (closesAtEnd_ && !run_.isHeld()) {
    return false;  // it is ending already
  }
  if (run_.isHeld()) {
    const int answer = ask(&window_,
                           {.title = tr("The run is not saved"),
                            .text = QString::fromStdString(run_.heldReason().message),
                            .choices = {tr("Save elsewhere..."), tr("Lose it"), tr("Cancel")},
                            .destructive = 1});
    closesAtEnd_ = answer != 2;
    if (answer == 0) {
      saveElsewhere();
    } else if (answer == 1) {
      run_.giveUp();
    }
    return false;
  }
  const int answer = ask(&window_,
                         {.title = tr("A run is training"),
                          .text = tr("What shall become of the run?"),
                          .detail = tr("Kept, it can be resumed later from where it is now."),
                          .choices = {tr("Stop and keep"), tr("Discard"), tr("Cancel")},
                          .destructive = 1});
  if (answer == 2) {
    return false;
  }
  closesAtEnd_ = true;
  if (answer == 0) {
    run_.stop();
  } else {
    run_.discard();
  }
  return !run_.isLive();  // it ended while the question was open
}

void RunEnding::endUnasked() {
  if (std::exchange(isUnasked_, true)) {
    return;  // it is ending already
  }
  if (run_.isHeld()) {
    saveUnasked();
  } else if (run_.isLive()) {
    run_.stop();
  } else {
    Q_EMIT over(true);
  }
}

// Once, in the user's folder; a disk that is full as well is not waited for.
void RunEnding::saveUnasked() {
  if (std::exchange(hasTriedElsewhere_, true)) {
    run_.giveUp();
  } else {
    run_.saveTo(newRunFolder("saved"));
  }
}

void RunEnding::askWhereToSave() {
  const int answer =
      ask(&window_,
          {.title = tr("The run cannot be saved"),
           .text = QString::fromStdString(run_.heldReason().message),
           .detail = tr("Training has halted. What it learnt is in memory until it is saved; that "
                        "is tried again every minute."),
           .choices = {tr("Save elsewhere..."), tr("Try again"), tr("Later")}});
  if (answer == 0) {
    saveElsewhere();
  } else if (answer == 1) {
    run_.retrySave();
  }
}

void RunEnding::saveElsewhere() {
  const std::filesystem::path old = run_.folder();
  const auto folder = askFolder(
      &window_, tr("Save the run in"), QString::fromStdString(old.parent_path().string()));
  if (folder) {
    run_.saveTo(freePath(std::filesystem::path(folder->toStdString()) / old.filename()));
  }
}

}  // namespace barlow::ui
