#include "ui/dialogs/ask.h"

#include <QApplication>
#include <QMessageBox>
#include <QPushButton>
#include <QTimer>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

// What Return would press, as the question is open; Esc closes it.
QString defaultOf(const Question& question, int& answer) {
  QString text;
  QTimer look;
  look.setSingleShot(true);
  QObject::connect(&look, &QTimer::timeout, &look, [&] {
    auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
    if (box != nullptr) {
      text = box->defaultButton()->text();
      box->escapeButton()->click();
    }
  });
  look.start(0);
  answer = ask(nullptr, question);
  return text;
}

// Issue 16, F9: Space or Return on the question threw a run away.
TEST(Ask, ReturnLosesNothing) {
  int answer = -1;
  EXPECT_EQ(defaultOf({.title = QStringLiteral("t"),
                       .text = QStringLiteral("t"),
                       .detail = {},
                       .choices = {QStringLiteral("Discard"), QStringLiteral("Cancel")},
                       .destructive = 0},
                      answer),
            QStringLiteral("Cancel"));
  EXPECT_EQ(answer, 1);
  EXPECT_EQ(
      defaultOf(
          {.title = QStringLiteral("t"),
           .text = QStringLiteral("t"),
           .detail = {},
           .choices = {QStringLiteral("Keep"), QStringLiteral("Discard"), QStringLiteral("Cancel")},
           .destructive = 1},
          answer),
      QStringLiteral("Keep"));
  EXPECT_EQ(answer, 2);
}

}  // namespace
}  // namespace barlow::ui
