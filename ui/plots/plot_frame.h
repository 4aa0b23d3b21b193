#pragma once

#include <QString>

class QCustomPlot;
class QLabel;
class QWidget;

namespace barlow::ui {

/// What the small charts of the inspector have in common: a title, a note at its right (a
/// read-out), the plot below. QCustomPlot is only named here.
struct PlotFrame {
  QLabel* title = nullptr;
  QLabel* note = nullptr;
  QLabel* empty = nullptr;  // over the plot, shown instead of data
  QCustomPlot* plot = nullptr;

  /// Lays them out in `owner`, which takes the keyboard for the plot; mouse events of the plot go
  /// through the owner's eventFilter.
  static PlotFrame make(QWidget* owner, const QString& title);
  /// Colours and fonts of the owner's theme; the axes are marked while it has the keyboard.
  void dress(const QWidget& owner) const;
  void setNote(const QString& text) const;
  /// Empty: the plot shows data.
  void setEmptyText(const QString& text) const;
  /// 1, 10, 100 ... from `low` to `high`, both above 0.
  void setLogarithmicValues(double low, double high) const;
};

/// Four digits, "–" for what is not finite.
QString plotNumber(double value);

}  // namespace barlow::ui
