#pragma once

#include "core/studio/dataset_browser.h"
#include "ui/panels/thumbnail_model.h"

#include <QWidget>

#include <memory>
#include <vector>

class QLabel;

namespace barlow::ui {

class ThumbnailGrid;

/// Some images of a data set as thumbnails under a line that says which; or a sentence instead.
class ImageCollection final : public QWidget {
  Q_OBJECT

 public:
  explicit ImageCollection(QWidget* parent = nullptr);
  void setImages(std::shared_ptr<const DatasetBrowser> images,
                 std::vector<qint64> shown,
                 const QString& heading);
  void setText(const QString& text);
  ThumbnailGrid* grid() const { return grid_; }
  const ThumbnailModel& model() const { return model_; }
  bool isBusy() const { return model_.loader().isBusy(); }

 Q_SIGNALS:
  void chosen(qint64 image);
  void currentChanged(qint64 image);

 private:
  std::shared_ptr<const DatasetBrowser> images_;
  ThumbnailModel model_;
  QLabel* heading_;
  ThumbnailGrid* grid_;
};

}  // namespace barlow::ui
