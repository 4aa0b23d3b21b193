#pragma once

#include <QColor>
#include <QPalette>
#include <QString>

#include <optional>

class QApplication;
class QLabel;

namespace barlow::ui {

enum class Theme { System, Light, Dark };
std::optional<Theme> themeFromText(const QString& text);  // "system", "light", "dark"
QString toText(Theme theme);

/// Fusion style, our palettes and a few style-sheet rules for the whole program. Widgets learn of a
/// change by QEvent::PaletteChange.
void applyTheme(QApplication& application, Theme theme);

bool isDark(const QPalette& palette);

/// What a palette does not name. Both sets have a contrast of at least 4.5 : 1 for text and 3 : 1
/// for lines on the window's base colour, and do not rely on telling red from green.
struct Colors {
  QColor accent;   // series 1, selection, primary button: blue
  QColor series2;  // orange
  QColor series3;  // bluish green
  QColor series4;  // purple
  QColor quiet;    // secondary text
  QColor line;     // separators, axes, grid
  QColor surface;  // cards and plots
  QColor good;     // with a word or a sign beside it, never alone
  QColor attention;
  QColor bad;
};
const Colors& colors(const QPalette& palette);

/// Distances in device-independent pixels; all layouts use these.
inline constexpr int kGap = 8;
inline constexpr int kWideGap = 16;
inline constexpr int kMargin = 20;

/// Text roles: 1.5, 1.15 and 0.9 of the application's font.
enum class TextRole { Title, Heading, Quiet };
/// A label in that role; Quiet ones wrap.
QLabel* makeLabel(const QString& text, TextRole role, QWidget* parent = nullptr);

}  // namespace barlow::ui
