#pragma once

#include "core/report/scan_report.h"

#include <QWidget>

#include <vector>

class QLabel;
class QLineEdit;

namespace barlow::ui {

/// What the data set is, and the ways to choose another.
class DataHeader final : public QWidget {
  Q_OBJECT

 public:
  explicit DataHeader(QWidget* parent = nullptr);
  /// Forgets what was told of the splits.
  void setSource(const QString& source);
  /// All parts of the data and what becomes of them; nothing is said of one that is used whole.
  void setSplits(const std::vector<SplitUse>& splits);

 Q_SIGNALS:
  /// A SPEC, with folders absolute.
  void sourceChosen(const QString& source);
  void folderRequested();

 private:
  QLabel* title_;
  QLabel* about_;
  QLabel* splits_;
  QLineEdit* spec_;
};

}  // namespace barlow::ui
