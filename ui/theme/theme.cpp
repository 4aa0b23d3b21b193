#include "ui/theme/theme.h"

#include "ui/theme/tool_tip.h"

#include <QApplication>
#include <QEvent>
#include <QLabel>
#include <QProxyStyle>
#include <QStyleFactory>

namespace barlow::ui {
namespace {

QPalette lightPalette() {
  QPalette palette(QColor("#f3f4f6"));
  palette.setColor(QPalette::Window, QColor("#f3f4f6"));
  palette.setColor(QPalette::Base, QColor("#ffffff"));
  palette.setColor(QPalette::AlternateBase, QColor("#f7f8fa"));
  palette.setColor(QPalette::Button, QColor("#fbfbfc"));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    palette.setColor(role, QColor("#1b1f24"));
  }
  palette.setColor(QPalette::PlaceholderText, QColor("#5d6773"));
  palette.setColor(QPalette::Highlight, QColor("#1f6fb2"));
  palette.setColor(QPalette::HighlightedText, Qt::white);
  palette.setColor(QPalette::Link, QColor("#1f6fb2"));
  palette.setColor(QPalette::ToolTipBase, QColor("#ffffff"));
  palette.setColor(QPalette::ToolTipText, QColor("#1b1f24"));
  return palette;
}

QPalette darkPalette() {
  QPalette palette(QColor("#24272c"));
  palette.setColor(QPalette::Window, QColor("#1e2125"));
  palette.setColor(QPalette::Base, QColor("#262a2f"));
  palette.setColor(QPalette::AlternateBase, QColor("#2b2f35"));
  palette.setColor(QPalette::Button, QColor("#31363d"));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    palette.setColor(role, QColor("#e6e8eb"));
  }
  palette.setColor(QPalette::PlaceholderText, QColor("#9aa4b0"));
  palette.setColor(QPalette::Highlight, QColor("#2f7fc1"));
  palette.setColor(QPalette::HighlightedText, Qt::white);
  palette.setColor(QPalette::Link, QColor("#6cb2eb"));
  palette.setColor(QPalette::ToolTipBase, QColor("#31363d"));
  palette.setColor(QPalette::ToolTipText, QColor("#e6e8eb"));
  return palette;
}

void dimDisabled(QPalette& palette) {
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    QColor color = palette.color(QPalette::Active, role);
    color.setAlphaF(0.45F);
    palette.setColor(QPalette::Disabled, role, color);
  }
}

// The system's own palette as it was before we replaced it.
bool systemIsDark(QApplication& application) {
  const QVariant known = application.property("barlowSystemIsDark");
  if (known.isValid()) {
    return known.toBool();
  }
  const bool dark = isDark(QApplication::palette());
  application.setProperty("barlowSystemIsDark", dark);
  return dark;
}

}  // namespace

std::optional<Theme> themeFromText(const QString& text) {
  for (const Theme theme : {Theme::System, Theme::Light, Theme::Dark}) {
    if (text == toText(theme)) {
      return theme;
    }
  }
  return std::nullopt;
}

QString toText(Theme theme) {
  switch (theme) {
    case Theme::Light:
      return QStringLiteral("light");
    case Theme::Dark:
      return QStringLiteral("dark");
    case Theme::System:
      break;
  }
  return QStringLiteral("system");
}

namespace {

// Qt takes a text for HTML where it looks like it, and names of files may. Tips are not labels of
// ours: tool_tip.h says what they are.
class PlainTextStyle final : public QProxyStyle {
 public:
  PlainTextStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}
  using QProxyStyle::polish;
  void polish(QWidget* widget) override {
    QProxyStyle::polish(widget);
    auto* label = qobject_cast<QLabel*>(widget);
    if (label != nullptr && label->textFormat() == Qt::AutoText && !label->inherits("QTipLabel")) {
      label->setTextFormat(Qt::PlainText);
    }
  }
};

}  // namespace

void applyTheme(QApplication& application, Theme theme) {
  const bool dark = theme == Theme::Dark || (theme == Theme::System && systemIsDark(application));
  QApplication::setStyle(new PlainTextStyle);
  QPalette palette = dark ? darkPalette() : lightPalette();
  dimDisabled(palette);
  QApplication::setPalette(palette);
  wrapToolTips(application);
}

bool isDark(const QPalette& palette) {
  return palette.color(QPalette::Window).lightness() <
         palette.color(QPalette::WindowText).lightness();
}

// The categorical colours are those of Okabe and Ito, darkened for the light theme.
const Colors& colors(const QPalette& palette) {
  static const Colors kLight{.accent = QColor("#1f6fb2"),
                             .series2 = QColor("#b85c00"),
                             .series3 = QColor("#00795a"),
                             .series4 = QColor("#98497f"),
                             .quiet = QColor("#5a6470"),
                             .line = QColor("#d5d9de"),
                             .surface = QColor("#ffffff"),
                             .good = QColor("#00795a"),
                             .attention = QColor("#9a5b00"),
                             .bad = QColor("#b3261e")};
  static const Colors kDark{.accent = QColor("#6cb2eb"),
                            .series2 = QColor("#f0a64a"),
                            .series3 = QColor("#4cc9a0"),
                            .series4 = QColor("#d99ac5"),
                            .quiet = QColor("#a3adb8"),
                            .line = QColor("#3c424a"),
                            .surface = QColor("#262a2f"),
                            .good = QColor("#4cc9a0"),
                            .attention = QColor("#f0b45a"),
                            .bad = QColor("#ff8a80")};
  return isDark(palette) ? kDark : kLight;
}

bool changesColors(const QEvent& event) {
  return event.type() == QEvent::PaletteChange ||
         event.type() == QEvent::ApplicationPaletteChange || event.type() == QEvent::StyleChange;
}

QLabel* makeLabel(const QString& text, TextRole role, QWidget* parent) {
  class RoleLabel final : public QLabel {
   public:
    RoleLabel(const QString& words, TextRole textRole, QWidget* owner)
        : QLabel(words, owner), role_(textRole) {
      dress();
    }

   protected:
    void changeEvent(QEvent* event) override {
      QLabel::changeEvent(event);
      if (changesColors(*event)) {
        color();
      }
    }

   private:
    void dress() {
      color();
      if (role_ == TextRole::Problem) {
        return;
      }
      QFont font = QApplication::font();
      const double factor = role_ == TextRole::Title     ? 1.5
                            : role_ == TextRole::Heading ? 1.15
                                                         : 0.92;
      font.setPointSizeF(font.pointSizeF() * factor);
      font.setWeight(role_ == TextRole::Quiet ? QFont::Normal : QFont::DemiBold);
      setFont(font);
    }
    // Only the one colour is its own: the others are those of what it stands on.
    void color() {
      if (role_ != TextRole::Quiet && role_ != TextRole::Problem) {
        return;
      }
      const Colors& set = colors(QApplication::palette());
      const QColor& wanted = role_ == TextRole::Quiet ? set.quiet : set.bad;
      if (palette().color(QPalette::WindowText) != wanted) {  // else it would answer itself
        QPalette own;
        own.setColor(QPalette::WindowText, wanted);
        setPalette(own);
      }
    }
    TextRole role_;
  };
  auto* label = new RoleLabel(text, role, parent);
  label->setWordWrap(role == TextRole::Quiet || role == TextRole::Problem);
  return label;
}

}  // namespace barlow::ui
