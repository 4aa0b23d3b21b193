#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;

namespace barlow::ui {

/// What the data set is, and the ways to choose another.
class DataHeader final : public QWidget {
  Q_OBJECT

 public:
  explicit DataHeader(QWidget* parent = nullptr);
  void setSource(const QString& source);

 Q_SIGNALS:
  /// A SPEC, with folders absolute.
  void sourceChosen(const QString& source);
  void folderRequested();

 private:
  QLabel* title_;
  QLabel* about_;
  QLineEdit* spec_;
};

}  // namespace barlow::ui
