#pragma once

#include <QWidget>

namespace barlow::ui {

/// Two drawings of a correlation matrix, before training and after, as large as there
/// is room for, and what they mean.
class MatrixLegend final : public QWidget {
  Q_OBJECT

 public:
  explicit MatrixLegend(QWidget* parent = nullptr);
  /// Of the sentences alone.
  QSize minimumSizeHint() const override;

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* before_;
  QWidget* after_;
  QWidget* drawings_;
  QWidget* words_;
};

}  // namespace barlow::ui
