#pragma once

#include "tests/support/temp_dir.h"
#include "ui/dialogs/ask.h"
#include "ui/window/main_window.h"

#include <QAction>
#include <QTest>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace barlow::ui {

inline bool waitUntil(const std::function<bool()>& isTrue, int milliseconds = 60'000) {
  return QTest::qWaitFor(isTrue, milliseconds);
}

/// A whole window over a temporary runs folder; the trash is a list; questions are answered by
/// `answer`.
class WindowTest : public testing::Test {
 protected:
  void open(TrainingLoopFactory makeLoop = {}) {
    window =
        std::make_unique<MainWindow>(MainWindow::Options{.run = {.makeLoop = std::move(makeLoop),
                                                                 .runsRoot = dir.path(),
                                                                 .moveToTrash =
                                                                     [this](const QString& folder) {
                                                                       trashed.push_back(folder);
                                                                       return true;
                                                                     }},
                                                         .settings = nullptr});
    window->resize(1280, 800);
    window->show();
    ASSERT_TRUE(QTest::qWaitForWindowExposed(window.get()));
  }
  QAction* action(const char* name) {
    auto* found = window->findChild<QAction*>(QString::fromLatin1(name));
    EXPECT_NE(found, nullptr) << name;
    return found;
  }
  template <class T>
  T* child(const char* name) {
    auto* found = window->findChild<T*>(QString::fromLatin1(name));
    EXPECT_NE(found, nullptr) << name;
    return found;
  }

  TempDir dir;
  int answer = 0;
  std::vector<QString> asked;
  std::vector<QString> told;
  std::vector<QString> trashed;
  std::optional<QString> chosenFolder;
  QStringList chosenFiles;
  std::optional<QString> chosenPath;  // to save to
  std::optional<QString> givenText;
  std::optional<int> number;
  QString shownFolder;
  AnswerDialogs dialogs{{.question =
                             [this](const Question& question) {
                               asked.push_back(question.title);
                               return answer;
                             },
                         .folder = [this](const QString&) { return chosenFolder; },
                         .told = [this](const QString& text) { told.push_back(text); },
                         .saveFile = [this](const QString&) { return chosenPath; },
                         .openFiles = [this](const QString&) { return chosenFiles; },
                         .text = [this](const QString&) { return givenText; },
                         .number = [this](int) { return number; },
                         .folderShown = [this](const QString& folder) { shownFolder = folder; }}};
  std::unique_ptr<MainWindow> window;
};

}  // namespace barlow::ui
