#pragma once

#include "core/studio/dataset_browser.h"
#include "ui/panels/thumbnail_model.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;

namespace barlow::ui {

/// Chooses which images are shown: by part of the data set, class and name.
class ImageFilterBar final : public QWidget {
  Q_OBJECT

 public:
  explicit ImageFilterBar(QWidget* parent = nullptr);
  /// Everything is shown again; null disables. Emits nothing.
  void setDataset(const DatasetBrowser* dataset);
  ImageFilter filter() const;
  bool isTyping() const { return typing_.isActive(); }
  void setCount(const QString& text);

 Q_SIGNALS:
  void typing();         // filterChanged() follows
  void filterChanged();  // after a pause, when a name is typed

 private:
  QComboBox* part_;
  QComboBox* classes_;
  QLineEdit* name_;
  QLabel* count_;
  QTimer typing_;
};

}  // namespace barlow::ui
