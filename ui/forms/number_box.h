#pragma once

#include <QDoubleSpinBox>
#include <QSpinBox>
#include <QString>

#include <optional>

/// Numbers that a person types. Comma and point both stand for the decimal point, in every locale;
/// nothing is taken for a separator of thousands, which Qt's own boxes drop: "1,5" is never 15.
namespace barlow::ui {

/// The finite number in a text; nothing where it is none, or has more than one comma or point.
std::optional<double> numberOf(const QString& text);
/// The same as files have it ("0,05" as "0.05"); another text stays as it is.
QString plainNumber(const QString& text);

/// A number of any magnitude, shown with up to five digits ("0.0051", "1e-06"); arrows change its
/// second digit. Tells of a typed number when it is finished; what is no number within the limits
/// gives way to the number before.
class NumberBox final : public QDoubleSpinBox {
  Q_OBJECT

 public:
  NumberBox(double least, double most, QWidget* parent = nullptr);

  QString textFromValue(double value) const override;
  double valueFromText(const QString& text) const override;
  QValidator::State validate(QString& text, int& position) const override;
  void fixup(QString& text) const override;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
};

/// A whole number, likewise.
class WholeBox final : public QSpinBox {
  Q_OBJECT

 public:
  explicit WholeBox(QWidget* parent = nullptr);

  QString textFromValue(int value) const override;
  int valueFromText(const QString& text) const override;
  QValidator::State validate(QString& text, int& position) const override;
  void fixup(QString& text) const override;
};

}  // namespace barlow::ui
