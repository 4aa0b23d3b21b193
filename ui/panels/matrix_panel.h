#pragma once

#include "core/matrix/inspection.h"

#include <QWidget>

#include <memory>

class QComboBox;
class QLabel;

namespace barlow::ui {

class ColorLimitsBar;
class MatrixCanvas;
class MatrixKindChoice;

/// A live matrix with the choice of which one, what it means, how cells are pooled, and what is
/// under the cursor. Colours from -1 to 1, or from a round number where the kind has no bounds; the
/// Inspect workspace has the rest.
class MatrixPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit MatrixPanel(QWidget* parent = nullptr);
  void clear();
  using QWidget::show;
  void show(const std::shared_ptr<const Inspection>& inspection);
  /// Instead of a matrix: why there is none.
  void showLacking(const QString& sentence);
  MatrixCanvas* canvas() const { return canvas_; }
  MatrixKindChoice* kindChoice() const { return kind_; }

 Q_SIGNALS:
  void inspectRequested();

 private:
  void showCaption();
  void color(const MatrixPyramid& pyramid);

  MatrixKindChoice* kind_;
  MatrixCanvas* canvas_;
  ColorLimitsBar* bar_;
  MatrixKind coloured_ = MatrixKind::CrossCorrelation;  // what the colours are for
  bool hasOwnLimits_ = false;                           // a person's
  QComboBox* reduction_;
  QLabel* caption_;
  QLabel* readOut_;
};

}  // namespace barlow::ui
