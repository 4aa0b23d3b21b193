#include "ui/dialogs/guide.h"

#include "ui/dialogs/guide_pictures.h"

#include <QDialog>
#include <QPointer>
#include <QTextBrowser>
#include <QWidget>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

TEST(Guide, EveryNumberHasAPictureAndWhatToDo) {
  QWidget window;
  showGuide(&window);
  auto* text = window.findChild<QTextBrowser*>(QStringLiteral("guideText"));
  ASSERT_NE(text, nullptr);
  const QString html = text->toHtml();
  const QPalette palette;
  for (const QString& section : guideSections()) {
    EXPECT_TRUE(html.contains(QStringLiteral("name=\"%1\"").arg(section)) ||
                html.contains(QStringLiteral("id=\"%1\"").arg(section)))
        << qPrintable(section);
    if (section != QStringLiteral("words")) {
      EXPECT_FALSE(guidePicture(section, palette).isNull()) << qPrintable(section);
    }
  }
  EXPECT_GE(text->toPlainText().count(QStringLiteral("What to do:")), 6);
}

TEST(Guide, IsOneWindowThatOpensAtTheNumberAskedFor) {
  QWidget window;
  showGuide(&window, QStringLiteral("loss"));
  const auto* text = window.findChild<QTextBrowser*>(QStringLiteral("guideText"));
  showGuide(&window, QStringLiteral("rank"));
  EXPECT_EQ(window.findChildren<QDialog*>(QStringLiteral("guide")).size(), 1);
  EXPECT_EQ(window.findChild<QTextBrowser*>(QStringLiteral("guideText")), text);
}

}  // namespace
}  // namespace barlow::ui
