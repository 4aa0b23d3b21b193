#pragma once

#include <QColor>
#include <QPalette>
#include <QString>

#include <optional>

class QApplication;
class QEvent;
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

/// Whether a widget that has colours of its own has to take them anew. Windows get
/// ApplicationPaletteChange, widgets in them only PaletteChange or StyleChange.
bool changesColors(const QEvent& event);

/// Text roles: 1.5, 1.15 and 0.9 of the application's font; Problem in its size and the colour of
/// what is wrong.
enum class TextRole { Title, Heading, Quiet, Problem };
/// A label in that role, which follows the theme; Quiet ones and problems wrap.
QLabel* makeLabel(const QString& text, TextRole role, QWidget* parent = nullptr);

}  // namespace barlow::ui
