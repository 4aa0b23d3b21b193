#pragma once

#include "core/studio/dataset_browser.h"
#include "ui/panels/thumbnail_loader.h"

#include <QAbstractListModel>

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace barlow::ui {

/// Which images of a data set are shown.
struct ImageFilter {
  enum class Part { All, Training, HeldOut };
  Part part = Part::All;
  int label = -1;  // any class
  QString name;    // words that the path or record contains, in any case
  bool isEmpty() const { return part == Part::All && label < 0 && name.isEmpty(); }
};

/// The images that pass, ascending. Blocks: call it on a worker. Any thread.
std::vector<qint64> filterImages(const DatasetBrowser& dataset,
                                 const ImageFilter& filter,
                                 std::stop_token stop);

/// One row per image that is shown; nothing is held per image. Thumbnails come from the loader when
/// they are asked for.
class ThumbnailModel final : public QAbstractListModel {
  Q_OBJECT

 public:
  enum Role { ImageIndexRole = Qt::UserRole, SplitRole, ReasonRole };

  explicit ThumbnailModel(QObject* parent = nullptr);
  void setDataset(std::shared_ptr<const DatasetBrowser> dataset, int thumbnailSide);
  /// The images shown, ascending, or all of them.
  void setShown(std::optional<std::vector<qint64>> indices);
  const std::shared_ptr<const DatasetBrowser>& dataset() const { return dataset_; }
  qint64 imageAt(int row) const;
  int rowOf(qint64 image) const;  // -1: not shown
  const ThumbnailLoader& loader() const { return loader_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  QString caption(qint64 image) const;
  QString toolTip(qint64 image) const;

  std::shared_ptr<const DatasetBrowser> dataset_;
  std::optional<std::vector<qint64>> shown_;
  mutable ThumbnailLoader loader_;  // asking for a thumbnail changes nothing that a view can see
};

}  // namespace barlow::ui
