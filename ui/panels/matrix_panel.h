#pragma once

#include "core/matrix/inspection.h"

#include <QWidget>

#include <memory>

class QComboBox;
class QLabel;

namespace barlow::ui {

class MatrixCanvas;

/// The live correlation matrix with what it means, how cells are pooled, and what is under the
/// cursor. The fixed colours from -1 to 1; the Inspect workspace has the rest.
class MatrixPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit MatrixPanel(QWidget* parent = nullptr);
  void clear();
  using QWidget::show;
  void show(const std::shared_ptr<const Inspection>& inspection);
  MatrixCanvas* canvas() const { return canvas_; }
  void setReduction(Reduction reduction);

 Q_SIGNALS:
  void inspectRequested();

 private:
  void showCaption();

  MatrixCanvas* canvas_;
  QComboBox* reduction_;
  QLabel* caption_;
  QLabel* readOut_;
};

}  // namespace barlow::ui
