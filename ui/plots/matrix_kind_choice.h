#pragma once

#include "core/params/objective_info.h"

#include <QComboBox>

#include <optional>
#include <vector>

namespace barlow::ui {

/// The heading of a matrix that says which one it is, and offers the others.
class MatrixKindChoice final : public QComboBox {
  Q_OBJECT

 public:
  explicit MatrixKindChoice(QWidget* parent = nullptr);
  /// What the loss of the objective is made of is marked. Tells nobody.
  void setOffer(const std::vector<MatrixKind>& kinds, const ObjectiveInfo& objective);
  /// Tells nobody.
  void setKind(MatrixKind kind);
  MatrixKind kind() const;

 Q_SIGNALS:
  /// By a person.
  void kindChosen(barlow::MatrixKind kind);

 private:
  void explain();

  std::vector<MatrixKind> kinds_;
  std::optional<MatrixKind> own_;
};

}  // namespace barlow::ui
