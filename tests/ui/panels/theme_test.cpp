#include "ui/theme/theme.h"

#include "ui/panels/metric_cards.h"

#include <QApplication>
#include <QHelpEvent>
#include <QLabel>
#include <QTest>
#include <QToolTip>
#include <QVBoxLayout>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

class ThemeTest : public testing::Test {
 protected:
  ~ThemeTest() override { applyTheme(*qApp, Theme::Light); }
};

// Issue 16, F7: widgets inside a window learned nothing of another theme.
TEST_F(ThemeTest, EverythingInAWindowFollowsAnotherTheme) {
  applyTheme(*qApp, Theme::Light);
  QWidget window;
  auto* column = new QVBoxLayout(&window);
  auto* inner = new QWidget(&window);
  column->addWidget(inner);
  auto* row = new QVBoxLayout(inner);
  auto* quiet = makeLabel(QStringLiteral("quiet"), TextRole::Quiet, inner);
  auto* problem = makeLabel(QStringLiteral("problem"), TextRole::Problem, inner);
  auto* title = makeLabel(QStringLiteral("title"), TextRole::Title, inner);
  auto* card = new MetricCard(QStringLiteral("Loss"), QStringLiteral("help"), inner);
  for (QWidget* widget : {static_cast<QWidget*>(quiet),
                          static_cast<QWidget*>(problem),
                          static_cast<QWidget*>(title),
                          static_cast<QWidget*>(card)}) {
    row->addWidget(widget);
  }
  window.show();
  for (const Theme theme : {Theme::Dark, Theme::Light, Theme::Dark}) {
    applyTheme(*qApp, theme);
    QTest::qWait(0);
    const QPalette wanted = QApplication::palette();
    const Colors& set = colors(wanted);
    ASSERT_EQ(isDark(wanted), theme == Theme::Dark);
    EXPECT_EQ(quiet->palette().color(QPalette::WindowText), set.quiet);
    EXPECT_EQ(problem->palette().color(QPalette::WindowText), set.bad);
    EXPECT_EQ(title->palette().color(QPalette::WindowText), wanted.color(QPalette::WindowText));
    EXPECT_EQ(card->palette().color(QPalette::Window), set.surface);
    for (const auto* label : card->findChildren<QLabel*>()) {
      EXPECT_EQ(isDark(label->palette()), theme == Theme::Dark) << qPrintable(label->text());
    }
  }
}

TEST_F(ThemeTest, LongToolTipsAreWrapped) {
  applyTheme(*qApp, Theme::Light);
  const auto shown = [](QWidget& widget) {
    const QPoint at(2, 2);
    QHelpEvent help(QEvent::ToolTip, at, widget.mapToGlobal(at));
    QApplication::sendEvent(&widget, &help);
    return QToolTip::text();
  };
  QWidget widget;
  widget.resize(100, 100);
  widget.show();
  const QString sentence =
      QString(40, QLatin1Char('a')) + QStringLiteral(" < ") + QString(40, QLatin1Char('b'));
  widget.setToolTip(sentence);
  EXPECT_EQ(shown(widget), QStringLiteral("<p>%1</p>").arg(sentence.toHtmlEscaped()));
  widget.setToolTip(QStringLiteral("short"));
  EXPECT_EQ(shown(widget), QStringLiteral("short"));
}

}  // namespace
}  // namespace barlow::ui
