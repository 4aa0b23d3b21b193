#pragma once

#include <QWidget>

namespace barlow::ui {

/// Two drawings of a correlation matrix, before training and after, and what they mean.
class MatrixLegend final : public QWidget {
  Q_OBJECT

 public:
  explicit MatrixLegend(QWidget* parent = nullptr);
};

}  // namespace barlow::ui
