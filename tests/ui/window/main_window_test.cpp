#include "tests/support/fake_trainer.h"
#include "tests/ui/window/window_fixture.h"
#include "ui/panels/charts_panel.h"
#include "ui/panels/metric_cards.h"
#include "ui/panels/run_bar.h"
#include "ui/panels/settings_panel.h"
#include "ui/panels/start_panel.h"
#include "ui/panels/train_panel.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QPushButton>
#include <QScreen>
#include <QSet>
#include <QSettings>
#include <QSignalSpy>
#include <QToolButton>

#include <fstream>

namespace barlow::ui {
namespace {

class MainWindowTest : public WindowTest {
 protected:
  ~MainWindowTest() override {
    control->preparing.open();
    control->stepping.open();
  }
  TrainingLoopFactory fake() {
    return [control = control](RunRequest request) {
      if (request.mode == RunRequest::Mode::Fresh) {
        RunFolder::create(request.folder, request.config, RunRecord{.id = "x"});
      }
      return std::make_unique<FakeTrainer>(control, request.folder);
    };
  }
  std::shared_ptr<FakeControl> control = std::make_shared<FakeControl>();
};

TEST_F(MainWindowTest, EveryCommandIsInAMenuWithTextAndItsOwnShortcut) {
  open(fake());
  QSet<QString> shortcuts;
  int count = 0;
  for (const QAction* menu : window->menuBar()->actions()) {
    ASSERT_NE(menu->menu(), nullptr);
    for (const QAction* entry : menu->menu()->actions()) {
      if (entry->isSeparator()) {
        continue;
      }
      ++count;
      EXPECT_FALSE(entry->text().isEmpty());
      EXPECT_FALSE(entry->objectName().isEmpty()) << entry->text().toStdString();
      const QString keys = entry->shortcut().toString();
      if (!keys.isEmpty()) {
        EXPECT_FALSE(shortcuts.contains(keys)) << keys.toStdString();
        shortcuts.insert(keys);
      }
    }
  }
  EXPECT_GE(count, 16);
}

TEST_F(MainWindowTest, ShortcutsLeadToTheWorkspaces) {
  open(fake());
  EXPECT_EQ(window->workspace(), MainWindow::Workspace::Start);
  const std::array<std::pair<Qt::Key, MainWindow::Workspace>, 6> keys = {
      {{Qt::Key_2, MainWindow::Workspace::Data},
       {Qt::Key_3, MainWindow::Workspace::Augment},
       {Qt::Key_4, MainWindow::Workspace::Train},
       {Qt::Key_5, MainWindow::Workspace::Inspect},
       {Qt::Key_6, MainWindow::Workspace::Evaluate},
       {Qt::Key_1, MainWindow::Workspace::Start}}};
  for (const auto& [key, workspace] : keys) {
    QTest::keyClick(window.get(), key, Qt::ControlModifier);
    EXPECT_EQ(window->workspace(), workspace);
  }
}

TEST_F(MainWindowTest, EveryControlHasANameForScreenReaders) {
  open(fake());
  for (const QWidget* widget : window->findChildren<QWidget*>()) {
    const bool isControl = qobject_cast<const QAbstractButton*>(widget) != nullptr ||
                           qobject_cast<const QComboBox*>(widget) != nullptr ||
                           qobject_cast<const QLineEdit*>(widget) != nullptr;
    // Qt's own parts of a control (qt_...) speak through it.
    if (!isControl || widget->objectName().startsWith(QStringLiteral("qt_")) ||
        (widget->parentWidget() != nullptr &&
         widget->parentWidget()->inherits("QAbstractSpinBox")) ||
        (widget->parentWidget() != nullptr && widget->parentWidget()->inherits("QLineEdit")) ||
        (widget->parentWidget() != nullptr && widget->parentWidget()->inherits("QComboBox")) ||
        widget->inherits("QTabBar") || widget->inherits("QTableCornerButton") ||
        (widget->parentWidget() != nullptr && widget->parentWidget()->inherits("QTabBar"))) {
      continue;
    }
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    EXPECT_TRUE(!widget->accessibleName().isEmpty() ||
                (button != nullptr && !button->text().isEmpty()))
        << widget->metaObject()->className() << " " << widget->objectName().toStdString() << " in "
        << (widget->parentWidget() ? widget->parentWidget()->metaObject()->className() : "");
  }
}

TEST_F(MainWindowTest, ThemesChangeAtOnceAndBack) {
  open(fake());
  window->setTheme(Theme::Dark);
  EXPECT_TRUE(isDark(QApplication::palette()));
  EXPECT_TRUE(action("darkTheme")->isChecked());
  const auto brightness = [&] { return qGray(window->grab().toImage().pixel(640, 780)); };
  EXPECT_TRUE(waitUntil([&] { return brightness() < 80; }));
  window->setTheme(Theme::Light);
  EXPECT_FALSE(isDark(QApplication::palette()));
  EXPECT_TRUE(waitUntil([&] { return brightness() > 200; }));
}

TEST_F(MainWindowTest, ClosingWithoutARunAsksNothing) {
  open(fake());
  EXPECT_TRUE(window->close());
  EXPECT_TRUE(asked.empty());
}

TEST_F(MainWindowTest, ClosingWhileTrainingAsks) {
  open(fake());
  control->preparing.open();
  action("startAction")->trigger();
  ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Running; }));
  EXPECT_EQ(window->workspace(), MainWindow::Workspace::Train);

  answer = 2;  // cancel
  EXPECT_FALSE(window->close());
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_TRUE(window->isVisible());
  EXPECT_EQ(window->run().state(), SessionState::Running);

  answer = 0;  // keep
  EXPECT_FALSE(window->close()) << "it closes when the step is over";
  control->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return !window->isVisible(); }));
  const auto calls = control->takeCalls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "checkpoint"), 1);
  EXPECT_TRUE(trashed.empty());
}

TEST_F(MainWindowTest, ClosingCanDiscard) {
  open(fake());
  control->preparing.open();
  action("startAction")->trigger();
  ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Running; }));
  answer = 1;
  window->close();
  control->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return !window->isVisible(); }));
  EXPECT_EQ(trashed.size(), 1u);
}

TEST_F(MainWindowTest, ClosingWhilePreparingOrPausedEndsToo) {
  for (const bool isPaused : {false, true}) {
    control = std::make_shared<FakeControl>();
    open(fake());
    action("startAction")->trigger();
    if (isPaused) {
      control->preparing.open();
      ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Running; }));
      action("pauseAction")->trigger();
      control->stepping.allow();
      ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Paused; }));
    } else {
      ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Preparing; }));
    }
    answer = 0;
    window->close();
    control->preparing.open();
    control->stepping.open();
    ASSERT_TRUE(waitUntil([&] { return !window->isVisible(); })) << isPaused;
  }
}

TEST_F(MainWindowTest, AsksWhereToSaveARunWhoseFolderVanished) {
  open(fake());
  control->preparing.open();
  action("startAction")->trigger();
  control->stepping.waitForArrival(1);
  answer = 2;  // later
  chosenFolder = QString::fromStdString((dir / "other").string());
  const std::filesystem::path saved = dir.path() / "other" / window->run().folder().filename();
  RunFolder::create(saved.string() + "-2", RunConfig{}, RunRecord{.id = "x"});
  std::filesystem::create_directories(saved);
  control->setThrowIn("checkpoint");
  control->setFolderProblem("The run folder has vanished.");
  asked.clear();
  control->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return window->run().isHeld() && !asked.empty(); }));
  EXPECT_TRUE(child<QWidget>("saveElsewhere")->isVisible());
  control->setThrowIn("");
  child<QAbstractButton>("saveElsewhere")->click();
  ASSERT_TRUE(waitUntil([&] { return !window->run().isLive(); }));
  const auto calls = control->takeCalls();
  EXPECT_NE(std::find_if(calls.begin(),
                         calls.end(),
                         [&](const std::string& call) {
                           return call.starts_with("move to " + saved.string());
                         }),
            calls.end());
}

TEST_F(MainWindowTest, ASystemThatEndsTheProgramIsNotAskedBack) {
  open(fake());
  control->preparing.open();
  action("startAction")->trigger();
  ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Running; }));
  QSignalSpy over(window.get(), &MainWindow::over);
  window->endUnasked();
  control->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return over.count() == 1; }));
  EXPECT_TRUE(over.front().front().toBool());
  EXPECT_TRUE(asked.empty());
  const auto calls = control->takeCalls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "checkpoint"), 1);
}

TEST_F(MainWindowTest, TextIsNeverTakenForMarkup) {
  applyTheme(*qApp, Theme::Light);
  QLabel label(QStringLiteral("<b>name</b> & co.png"));
  label.ensurePolished();
  EXPECT_EQ(label.textFormat(), Qt::PlainText);
  EXPECT_TRUE(plainTip(QStringLiteral("<i>.png")).contains(QStringLiteral("&lt;i&gt;.png")));
}

TEST_F(MainWindowTest, DiscardAsksFirst) {
  open(fake());
  control->preparing.open();
  action("startAction")->trigger();
  ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Running; }));
  answer = 1;  // keep
  action("discardAction")->trigger();
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_EQ(window->run().state(), SessionState::Running);
  answer = 0;
  action("discardAction")->trigger();
  control->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return !trashed.empty(); }));
}

// Its checks change what the whole process computes with.
TEST_F(MainWindowTest, TheDeviceIsNotCheckedBesideARun) {
  open(fake());
  control->preparing.open();
  action("startAction")->trigger();
  ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Running; }));
  action("checkDeviceAction")->trigger();
  EXPECT_EQ(told.size(), 1u);
  EXPECT_EQ(window->findChild<QDialog*>(QStringLiteral("deviceCheckDialog")), nullptr);
  control->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return !window->run().isLive(); }));
  action("checkDeviceAction")->trigger();
  EXPECT_TRUE(child<QDialog>("deviceCheckDialog")->isVisible());
}

TEST_F(MainWindowTest, WhatCannotBeOpenedIsSaid) {
  open(fake());
  window->openPath(QStringLiteral("/nowhere/at/all"));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told.front().contains(QStringLiteral("/nowhere/at/all")));
  const auto broken = dir / "broken.json";
  std::ofstream(broken) << "{\"optim\":";
  window->openPath(QString::fromStdString(broken.string()));
  ASSERT_EQ(told.size(), 2u);
  EXPECT_TRUE(told.back().contains(QStringLiteral("broken.json")));
}

// Issue 16, F21.
TEST_F(MainWindowTest, AFileThatIsNoPictureIsNotTakenForItsFolder) {
  open(fake());
  const std::string before = window->experiment().config().data.source;
  std::ofstream(dir / "notes.txt") << "words";
  window->openPath(QString::fromStdString((dir / "notes.txt").string()));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told.front().contains(QStringLiteral("notes.txt is not a picture")));
  EXPECT_EQ(window->experiment().config().data.source, before);
}

TEST_F(MainWindowTest, AConfigurationFileIsLoaded) {
  open(fake());
  RunConfig config = window->experiment().config();
  config.run.epochs = 77;
  const auto file = dir / "mine.json";
  std::ofstream(file) << toJson(config);
  window->openPath(QString::fromStdString(file.string()));
  EXPECT_EQ(window->experiment().config().run.epochs, 77);
  EXPECT_EQ(window->workspace(), MainWindow::Workspace::Train);
}

// Issue 16, F7: --theme dark, once, was remembered for ever.
TEST_F(MainWindowTest, OnlyAThemeChosenInTheMenuIsKept) {
  QSettings settings(QString::fromStdString((dir / "studio.ini").string()), QSettings::IniFormat);
  settings.setValue(QStringLiteral("theme"), QStringLiteral("light"));
  {
    MainWindow other({.run = {.makeLoop = fake(), .runsRoot = dir.path()}, .settings = &settings});
    other.setTheme(Theme::Dark);
    EXPECT_EQ(settings.value(QStringLiteral("theme")).toString(), QStringLiteral("light"));
    other.findChild<QAction*>(QStringLiteral("darkTheme"))->trigger();
    EXPECT_EQ(settings.value(QStringLiteral("theme")).toString(), QStringLiteral("dark"));
    other.setTheme(Theme::Light);
  }
}

// Issue 16, F9: the disabled Start button threw the focus to Discard.
TEST_F(MainWindowTest, AfterStartTheFocusIsWherePauseWillBe) {
  open(fake());
  window->showWorkspace(MainWindow::Workspace::Train);
  window->activateWindow();
  ASSERT_TRUE(QTest::qWaitForWindowActive(window.get()));
  auto* start = child<QToolButton>("startActionButton");
  start->setFocus();
  QTest::keyClick(start, Qt::Key_Space);
  ASSERT_TRUE(waitUntil([&] { return window->run().isLive(); }));
  EXPECT_FALSE(child<QToolButton>("discardActionButton")->hasFocus());
  EXPECT_FALSE(child<QToolButton>("stopActionButton")->hasFocus());
  control->preparing.open();
  ASSERT_TRUE(waitUntil([&] { return window->run().canPause(); }));
  EXPECT_TRUE(child<QToolButton>("pauseActionButton")->hasFocus());
}

// Issue 16, F3.
TEST_F(MainWindowTest, AFinishedRunSaysWhatNext) {
  open(fake());
  control->preparing.open();
  control->stepping.open();
  EXPECT_FALSE(child<QWidget>("nextSteps")->isVisible());
  action("startAction")->trigger();
  ASSERT_TRUE(waitUntil([&] { return window->run().isFinished(); }));
  ASSERT_TRUE(child<QWidget>("nextSteps")->isVisible());
  EXPECT_TRUE(window->windowTitle().contains(window->run().name())) << "the title keeps the run";
  QTest::mouseClick(child<QPushButton>("nextFolder"), Qt::LeftButton);
  EXPECT_EQ(shownFolder, QString::fromStdString(window->run().folder().string()));
  const auto folder = window->run().folder();
  number = window->run().runConfig().run.epochs + 5;
  QTest::mouseClick(child<QPushButton>("nextLonger"), Qt::LeftButton);
  ASSERT_TRUE(waitUntil([&] { return window->run().isFinished(); }));
  EXPECT_EQ(window->run().folder(), folder);
  EXPECT_EQ(window->run().runConfig().run.epochs, *number);
  QTest::mouseClick(child<QPushButton>("nextInspect"), Qt::LeftButton);
  EXPECT_EQ(window->workspace(), MainWindow::Workspace::Inspect);
  window->showWorkspace(MainWindow::Workspace::Train);
  QTest::mouseClick(child<QPushButton>("nextPhotos"), Qt::LeftButton);
  EXPECT_EQ(window->workspace(), MainWindow::Workspace::Data);
}

TEST_F(MainWindowTest, StartAsksBeforeItRepeatsOrLeavesARun) {
  open(fake());
  control->preparing.open();
  action("startAction")->trigger();
  ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Running; }));
  action("stopAction")->trigger();
  control->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return window->run().hasStopped(); }));
  EXPECT_TRUE(asked.empty());
  const auto folder = window->run().folder();
  answer = 2;  // cancel
  action("startAction")->trigger();
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_FALSE(window->run().isLive());
  answer = 0;  // resume
  action("startAction")->trigger();
  ASSERT_TRUE(waitUntil([&] { return window->run().isFinished(); }));
  EXPECT_EQ(window->run().folder(), folder);

  answer = 2;
  action("startAction")->trigger();
  EXPECT_EQ(asked.back(), QStringLiteral("Train the same again?"));
  EXPECT_EQ(window->run().folder(), folder);
  answer = 1;
  action("startAction")->trigger();
  EXPECT_NE(window->run().folder(), folder);
  ASSERT_TRUE(waitUntil([&] { return window->run().isFinished(); }));
  // Other settings: nothing is repeated, so nothing is asked.
  RunConfig config = window->experiment().config();
  config.run.seed += 1;
  window->experiment().setConfig(config);
  const std::size_t before = asked.size();
  action("startAction")->trigger();
  EXPECT_EQ(asked.size(), before);
}

// Issue 16, F8: on a screen of 960 x 540 (1920 x 1080 at scale 2) half of it was out of sight.
TEST_F(MainWindowTest, FitsASmallScreen) {
  open(fake());
  for (const auto workspace : {MainWindow::Workspace::Start,
                               MainWindow::Workspace::Data,
                               MainWindow::Workspace::Augment,
                               MainWindow::Workspace::Train,
                               MainWindow::Workspace::Inspect,
                               MainWindow::Workspace::Evaluate}) {
    window->showWorkspace(workspace);
    window->resize(940, 480);
    EXPECT_EQ(window->size(), QSize(940, 480));
  }
}

// Issue 17: cards and charts are those of the run at hand, opened or live.
TEST_F(MainWindowTest, ShowsWhatARunMeasured) {
  RunRecord record{.id = "new", .state = "finished"};
  record.metrics = MetricSchema{
      .terms = {{.key = "novelty", .label = "Novelty", .chart = "New", .isCard = true}}};
  {
    RunFolder run = RunFolder::create(dir / "novel", RunConfig{}, record);
    run.appendMetric({.step = 1, .loss = 2, .terms = {0.25}});
    RunFolder old =
        RunFolder::create(dir / "old", RunConfig{}, RunRecord{.id = "old", .state = "finished"});
    old.appendMetric({.step = 1, .loss = 2, .terms = {1, 1, 0, 0.875, 0.125}});
    run.sync();
    old.sync();
  }
  open(fake());
  const auto card = [&](const char* name) {
    const auto* found = window->findChild<MetricCard*>(QString::fromLatin1(name));
    return found != nullptr ? found->value() : QString();
  };
  window->openPath(QString::fromStdString((dir / "novel").string()));
  ASSERT_TRUE(waitUntil([&] { return card("noveltyCard") == QStringLiteral("0.25"); }));
  EXPECT_NE(window->findChild<QWidget*>(QStringLiteral("newChart")), nullptr);
  window->openPath(QString::fromStdString((dir / "old").string()));
  ASSERT_TRUE(waitUntil([&] { return card("meanDiagonalCard") == QStringLiteral("0.875"); }));
  EXPECT_EQ(window->findChild<QWidget*>(QStringLiteral("newChart")), nullptr);
  EXPECT_EQ(window->trainPanel().charts()->charts().size(), 4u);
}

TEST_F(MainWindowTest, ALowWindowKeepsMatrixAndCurves) {
  open(fake());
  window->showWorkspace(MainWindow::Workspace::Train);
  window->trainPanel().settingsAction()->setChecked(false);
  window->resize(960, 500);
  EXPECT_FALSE(child<QWidget>("trainTabs")->isVisible());
  const auto topOf = [&](const char* name) {
    return child<QWidget>(name)->mapTo(window.get(), QPoint()).y();
  };
  EXPECT_TRUE(waitUntil(
      [&] {
        const int height = child<QWidget>("lossChart")->height();
        return height >= 84 && topOf("lossChart") + height <= topOf("knnChart");
      },
      5'000))
      << topOf("lossChart") << " + " << child<QWidget>("lossChart")->height() << ", "
      << topOf("knnChart");
  window->resize(1280, 800);
  EXPECT_TRUE(child<QWidget>("trainTabs")->isVisible());
}

TEST_F(MainWindowTest, OpensNoLargerThanItsScreen) {
  QSettings settings(QString::fromStdString((dir / "studio.ini").string()), QSettings::IniFormat);
  const MainWindow opened(
      {.run = {.makeLoop = fake(), .runsRoot = dir.path()}, .settings = &settings});
  const QRect room = opened.screen()->availableGeometry();
  ASSERT_LT(room.width(), 1280) << "the screen of the platform offscreen";
  EXPECT_LE(opened.width(), room.width());
  EXPECT_LT(opened.height(), room.height());
}

// Issue 16, F17.
TEST_F(MainWindowTest, ARunOfDaysIsAskedAbout) {
  open(fake());
  ASSERT_TRUE(waitUntil([&] { return window->isSettled(); }));
  window->trainPanel().bar()->setExpectedSeconds(2 * 24 * 3600);
  answer = 1;  // cancel
  action("startAction")->trigger();
  EXPECT_EQ(asked, std::vector<QString>{QStringLiteral("Start a long run?")});
  EXPECT_FALSE(window->run().isLive());
  answer = 0;
  action("startAction")->trigger();
  EXPECT_EQ(asked.size(), 2u);
  EXPECT_TRUE(waitUntil([&] { return window->run().isLive(); }, 5'000));
}

TEST_F(MainWindowTest, InANarrowWindowSettingsStandInTheChartsPlace) {
  open(fake());
  window->showWorkspace(MainWindow::Workspace::Train);
  TrainPanel& train = window->trainPanel();
  train.settingsAction()->setChecked(true);
  window->resize(1280, 800);
  EXPECT_TRUE(train.charts()->isVisible());
  EXPECT_TRUE(train.settings()->isVisible());
  window->resize(1000, 700);
  EXPECT_FALSE(train.charts()->isVisible());
  train.settingsAction()->setChecked(false);
  EXPECT_TRUE(train.charts()->isVisible());
}

// Issue 16, F6.
TEST_F(MainWindowTest, HelpHasTheGuideAndTheKeysOfEachWorkspace) {
  open(fake());
  action("guideAction")->trigger();
  EXPECT_TRUE(child<QDialog>("guide")->isVisible());
  action("shortcutsAction")->trigger();
  QStringList texts;
  for (const auto* label : child<QDialog>("shortcutSheet")->findChildren<QLabel*>()) {
    texts << label->text();
  }
  for (const char* heading : {"Everywhere", "Train", "Inspect", "Evaluate"}) {
    EXPECT_TRUE(texts.contains(QLatin1String(heading))) << heading;
  }
  EXPECT_TRUE(texts.join(QLatin1Char(' ')).contains(QStringLiteral("to the next cell")));
  EXPECT_GT(texts.indexOf(QStringLiteral("Train")), texts.indexOf(QStringLiteral("Everywhere")));
}

TEST_F(MainWindowTest, AKeyThatAConfigurationMustNotHaveIsNamed) {
  open(fake());
  const auto file = dir / "other.json";
  std::ofstream(file) << "{\"a\": 1}";
  window->openPath(QString::fromStdString(file.string()));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told.front().contains(QStringLiteral("at \"a\": "))) << qPrintable(told.front());
}

TEST_F(MainWindowTest, AGrayViewIsExplainedWhereItIsSeen) {
  open(fake());
  window->showWorkspace(MainWindow::Workspace::Train);
  RunConfig config = window->experiment().config();
  config.augment.a.grayProbability = 1;
  config.augment.b.grayProbability = 0.1;
  window->experiment().setConfig(config);
  ASSERT_TRUE(child<QLabel>("viewNote")->isVisible());
  EXPECT_TRUE(child<QLabel>("viewNote")->text().contains(QStringLiteral("View A")));
  config.augment.a.grayProbability = 0.2;
  window->experiment().setConfig(config);
  EXPECT_FALSE(child<QLabel>("viewNote")->isVisible());
}

}  // namespace
}  // namespace barlow::ui
