#pragma once

#include "core/base/result.h"
#include "core/matrix/order.h"
#include "core/matrix/viewport.h"
#include "core/studio/matrix_export.h"

#include <QString>
#include <QWidget>

#include <memory>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QSpinBox;

namespace barlow::ui {

/// What can be taken away: a matrix as it is shown now.
struct ExportSource {
  std::shared_ptr<const MatrixPyramid> pyramid;        // as shown, arranged by `order`
  std::shared_ptr<const MatrixStatistics> statistics;  // of the matrix before it was arranged
  Order order;                                         // place -> dimension; empty: original
  QString orderName;
  std::int64_t orderOf = 0;  // see MatrixExport
  Viewport viewport;         // in device pixels
  RenderSettings settings;
  double devicePixelRatio = 1;
};

/// The fields that describe an export: what, and what belongs to that.
class ExportForm final : public QWidget {
  Q_OBJECT

 public:
  explicit ExportForm(QWidget* parent = nullptr);
  void setSource(const ExportSource& source);
  ExportKind kind() const;
  bool canCopy() const;
  /// "run-7-step-1200.png"
  QString fileName() const;
  /// What the fields say, or a sentence that tells what is wrong with them.
  Result<MatrixExport> request() const;

 Q_SIGNALS:
  void changed();

 private:
  QLineEdit* makePlaces(const QString& name, const QString& accessibleName);
  void makeFields();
  void showFactors();
  void showFields();

  ExportSource source_;
  QComboBox* kind_;
  QLabel* help_;
  QFormLayout* form_;
  QComboBox* factor_;
  QCheckBox* isFramed_;
  QLineEdit* rows_;
  QLineEdit* columns_;
  QSpinBox* pairs_;
};

}  // namespace barlow::ui
