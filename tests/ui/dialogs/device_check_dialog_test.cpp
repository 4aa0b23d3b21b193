#include "ui/dialogs/device_check_dialog.h"

#include "core/base/error.h"
#include "tests/support/barrier.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QTest>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace barlow::ui {
namespace {

bool waitUntil(const std::function<bool()>& isTrue) { return QTest::qWaitFor(isTrue, 60'000); }

// Two results, then a gate; then the rest of what is planned, unless stopped.
struct FakeChecks {
  Gate gate;
  std::atomic<bool> wasStopped = false;
  DeviceCheckRequest asked;
  std::string throws;

  DeviceCheckRunner runner() {
    return [this](const DeviceCheckRequest& request,
                  const std::function<void(const DeviceCheckResult&)>& emit,
                  const std::stop_token& stop) {
      asked = request;
      emit({.check = "device", .title = "Device", .figures = {{"name", "A"}}, .text = "a machine"});
      emit({.check = "views",
            .title = "Views",
            .outcome = DeviceCheckOutcome::Failed,
            .figures = {{"unequal", std::int64_t{7}}},
            .text = "7 values differ"});
      if (!throws.empty()) {
        throw Exception(throws);
      }
      gate.arrive();
      if (stop.stop_requested()) {
        wasStopped = true;
        return DeviceCheckReport{.passed = 1, .failed = {"Views"}, .wasStopped = true};
      }
      emit({.check = "graph",
            .title = "Recorded steps",
            .outcome = DeviceCheckOutcome::Skipped,
            .text = "not here"});
      return DeviceCheckReport{.passed = 1, .skipped = 1, .failed = {"Views"}};
    };
  }
};

class DeviceCheckDialogTest : public testing::Test {
 protected:
  ~DeviceCheckDialogTest() override { checks.gate.open(); }
  template <class T>
  T* child(const char* name) {
    auto* found = dialog.findChild<T*>(QString::fromLatin1(name));
    EXPECT_NE(found, nullptr) << name;
    return found;
  }
  QString cell(int row, int column) {
    return child<QTableWidget>("deviceCheckTable")->item(row, column)->text();
  }
  QString verdict() { return child<QLabel>("deviceCheckVerdict")->text(); }
  void press(const char* name) { child<QPushButton>(name)->click(); }
  bool isEnabled(const char* name) { return child<QPushButton>(name)->isEnabled(); }

  FakeChecks checks;
  DeviceCheckDialog dialog{checks.runner()};
};

TEST_F(DeviceCheckDialogTest, ShowsResultsAsTheyCome) {
  dialog.show();
  EXPECT_FALSE(isEnabled("deviceCheckCancel"));
  EXPECT_FALSE(isEnabled("deviceCheckCopyText"));
  child<QCheckBox>("deviceCheckQuick")->setChecked(true);
  child<QComboBox>("deviceCheckDevice")->setCurrentIndex(1);
  press("deviceCheckStart");
  ASSERT_TRUE(waitUntil([&] { return cell(1, 0) == QStringLiteral("Failed"); }));
  EXPECT_TRUE(dialog.isBusy());
  EXPECT_EQ(checks.asked.device, "cpu");
  EXPECT_TRUE(checks.asked.isQuick);
  EXPECT_EQ(cell(0, 0), QStringLiteral("OK"));
  EXPECT_EQ(cell(0, 2), QStringLiteral("a machine"));
  EXPECT_EQ(cell(2, 0), QStringLiteral("...")) << "the one that is made now";
  EXPECT_EQ(child<QProgressBar>("deviceCheckProgress")->value(), 2);
  EXPECT_FALSE(isEnabled("deviceCheckStart"));
  EXPECT_TRUE(isEnabled("deviceCheckCancel"));
  checks.gate.open();
  ASSERT_TRUE(waitUntil([&] { return !dialog.isBusy(); }));
  EXPECT_EQ(cell(2, 0), QStringLiteral("Left out"));
  EXPECT_TRUE(verdict().startsWith(QStringLiteral("1 of 2 checks failed")))
      << verdict().toStdString();
  EXPECT_TRUE(isEnabled("deviceCheckStart"));
}

TEST_F(DeviceCheckDialogTest, CopiesAsTextAndAsJson) {
  checks.gate.open();
  dialog.start();
  ASSERT_TRUE(waitUntil([&] { return !dialog.isBusy(); }));
  press("deviceCheckCopyJson");
  const QStringList lines =
      QApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
  ASSERT_EQ(lines.size(), 3);
  EXPECT_TRUE(lines[1].startsWith(QStringLiteral("{\"check\":\"views\",\"passed\":false")));
  press("deviceCheckCopyText");
  const QString text = QApplication::clipboard()->text();
  EXPECT_TRUE(text.startsWith(QStringLiteral("OK        Device")));
  EXPECT_TRUE(text.contains(QStringLiteral("7 values differ")));
  EXPECT_TRUE(text.contains(QStringLiteral("1 of 2 checks failed")));
}

TEST_F(DeviceCheckDialogTest, ShowsTheFiguresOfTheRowThatTheKeysChoose) {
  checks.gate.open();
  dialog.show();
  dialog.start();
  ASSERT_TRUE(waitUntil([&] { return !dialog.isBusy(); }));
  auto* table = child<QTableWidget>("deviceCheckTable");
  EXPECT_EQ(table->currentRow(), 1) << "the one that failed";
  table->setFocus();
  table->setCurrentCell(0, 0);
  QTest::keyClick(table, Qt::Key_Down);
  EXPECT_TRUE(child<QPlainTextEdit>("deviceCheckFigures")
                  ->toPlainText()
                  .contains(QStringLiteral("unequal  7")));
}

TEST_F(DeviceCheckDialogTest, CancelStopsIt) {
  dialog.start();
  ASSERT_TRUE(waitUntil([&] { return cell(1, 0) == QStringLiteral("Failed"); }));
  press("deviceCheckCancel");
  EXPECT_FALSE(isEnabled("deviceCheckCancel"));
  EXPECT_EQ(verdict(), QStringLiteral("Stopping..."));
  checks.gate.open();
  ASSERT_TRUE(waitUntil([&] { return !dialog.isBusy(); }));
  EXPECT_TRUE(checks.wasStopped);
  EXPECT_EQ(cell(2, 0), QString());
}

TEST_F(DeviceCheckDialogTest, ClosesWhenTheWorkHasStopped) {
  dialog.show();
  dialog.start();
  ASSERT_TRUE(waitUntil([&] { return cell(1, 0) == QStringLiteral("Failed"); }));
  QTest::keyClick(&dialog, Qt::Key_Escape);
  EXPECT_TRUE(dialog.isVisible());
  checks.gate.open();
  ASSERT_TRUE(waitUntil([&] { return !dialog.isVisible(); }));
  EXPECT_TRUE(checks.wasStopped);
}

TEST_F(DeviceCheckDialogTest, SaysWhyItCouldNotGoOn) {
  checks.throws = "There is no disk.";
  dialog.start();
  ASSERT_TRUE(waitUntil([&] { return !dialog.isBusy(); }));
  EXPECT_EQ(verdict(), QStringLiteral("There is no disk."));
}

TEST_F(DeviceCheckDialogTest, EveryControlHasANameForScreenReaders) {
  for (const QWidget* widget : dialog.findChildren<QWidget*>()) {
    const bool isControl = qobject_cast<const QPushButton*>(widget) != nullptr ||
                           qobject_cast<const QComboBox*>(widget) != nullptr ||
                           qobject_cast<const QTableWidget*>(widget) != nullptr ||
                           qobject_cast<const QPlainTextEdit*>(widget) != nullptr;
    if (isControl) {
      const auto* button = qobject_cast<const QPushButton*>(widget);
      EXPECT_FALSE(widget->accessibleName().isEmpty() &&
                   (button == nullptr || button->text().isEmpty()))
          << widget->objectName().toStdString();
      EXPECT_NE(widget->focusPolicy(), Qt::NoFocus) << widget->objectName().toStdString();
    }
  }
}

}  // namespace
}  // namespace barlow::ui
