#pragma once

#include "core/report/evaluation_report.h"

#include <QString>
#include <QTreeWidget>

#include <vector>

namespace barlow::ui {

/// A bar per class with the share of its images that were recognised; sorts by class or share.
class ClassAccuracy final : public QTreeWidget {
  Q_OBJECT

 public:
  struct Row {
    QString name;
    double share = 0;  // NaN: no image of it was judged
    QString mistake;   // what it is most often taken for
  };
  explicit ClassAccuracy(QWidget* parent = nullptr);
  static std::vector<Row> rowsOf(const EvaluationReport& report);
  /// In the order of classes; the worst are shown first.
  void setRows(const std::vector<Row>& rows);

 Q_SIGNALS:
  void classChosen(int index);  // Return or a double click
};

}  // namespace barlow::ui
