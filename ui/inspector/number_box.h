#pragma once

#include <QDoubleSpinBox>

namespace barlow::ui {

/// A number of any magnitude, shown with up to five digits ("0.0051", "1e-06"); arrows change its
/// second digit. Tells of a typed number when it is finished.
class NumberBox final : public QDoubleSpinBox {
  Q_OBJECT

 public:
  NumberBox(double least, double most, QWidget* parent = nullptr);

  QString textFromValue(double value) const override;
  double valueFromText(const QString& text) const override;
  QValidator::State validate(QString& text, int& position) const override;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
};

}  // namespace barlow::ui
