#pragma once

#include "core/report/snapshot.h"
#include "ui/plots/matrix_view.h"

#include <QWidget>

#include <memory>

class QComboBox;
class QLabel;

namespace barlow::ui {

/// The live correlation matrix with what it means, how cells are pooled, and what is under the
/// cursor.
class MatrixPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit MatrixPanel(QWidget* parent = nullptr);
  void clear();
  void show(const MatrixPicture& picture, std::int64_t step);
  MatrixView* view() const { return view_; }
  void setReduction(MatrixView::Reduction reduction);

 private:
  void showCaption();

  MatrixView* view_;
  QComboBox* reduction_;
  QLabel* caption_;
  QLabel* readOut_;
  std::int64_t step_ = 0;
};

}  // namespace barlow::ui
