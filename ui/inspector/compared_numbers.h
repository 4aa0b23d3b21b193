#pragma once

#include "core/matrix/inspection.h"
#include "ui/inspector/inspected_numbers.h"

#include <QWidget>

#include <array>
#include <memory>

class QLabel;

namespace barlow::ui {

class ElidedLabel;

/// The names of two matrices where they stand beside each other: only the steps for two of one run.
/// The newest matrix of the run at hand has no name of its own; it takes `run`.
struct PairTitles {
  QString first;
  QString second;
};
PairTitles titlesOf(const MatrixOrigin& first, const MatrixOrigin& second, const QString& run = {});

/// The numbers of two matrices and what the first has more than the second.
class ComparedNumbers final : public QWidget {
  Q_OBJECT

 public:
  explicit ComparedNumbers(QWidget* parent = nullptr);
  /// Either may be null; what is not worked out yet is told so.
  void setInspections(const std::shared_ptr<const Inspection>& first,
                      const std::shared_ptr<const Inspection>& second,
                      const PairTitles& titles);

  struct Texts {
    QString first;
    QString second;
    QString difference;
  };
  Texts texts(NumberKey key) const;

 private:
  void showKind(MatrixKind kind);

  struct Row {
    ElidedLabel* name = nullptr;
    QLabel* first = nullptr;
    QLabel* second = nullptr;
    QLabel* difference = nullptr;
  };
  std::array<Row, kNumberCount> rows_;
  ElidedLabel* firstTitle_;
  ElidedLabel* secondTitle_;
};

}  // namespace barlow::ui
