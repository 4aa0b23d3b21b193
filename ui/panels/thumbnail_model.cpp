#include "ui/panels/thumbnail_model.h"

#include "ui/theme/tool_tip.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <limits>
#include <utility>

namespace barlow::ui {
namespace {

QString nameOf(const DatasetBrowser& dataset, qint64 image) {
  return QString::fromStdString(dataset.name(image));
}

}  // namespace

std::vector<qint64> filterImages(const DatasetBrowser& dataset,
                                 const ImageFilter& filter,
                                 std::stop_token stop) {
  const bool isHeldOut = filter.part == ImageFilter::Part::HeldOut;
  const bool isTraining = filter.part == ImageFilter::Part::Training;
  const qint64 end = isTraining ? dataset.trainSize() : dataset.size();
  std::vector<qint64> shown;
  for (qint64 i = isHeldOut ? dataset.trainSize() : 0; i < end && !stop.stop_requested(); ++i) {
    if ((filter.label < 0 || dataset.label(i) == filter.label) &&
        (filter.name.isEmpty() || nameOf(dataset, i).contains(filter.name, Qt::CaseInsensitive))) {
      shown.push_back(i);
    }
  }
  return shown;
}

ThumbnailModel::ThumbnailModel(QObject* parent) : QAbstractListModel(parent) {
  connect(&loader_, &ThumbnailLoader::ready, this, [this](const std::vector<qint64>& images) {
    for (const qint64 image : images) {
      if (const int row = rowOf(image); row >= 0) {
        Q_EMIT dataChanged(index(row), index(row), {Qt::DecorationRole, ReasonRole});
      }
    }
  });
}

void ThumbnailModel::setDataset(std::shared_ptr<const DatasetBrowser> dataset, int thumbnailSide) {
  beginResetModel();
  dataset_ = std::move(dataset);
  shown_.reset();
  loader_.setDataset(dataset_, thumbnailSide);
  endResetModel();
}

void ThumbnailModel::setShown(std::optional<std::vector<qint64>> indices) {
  beginResetModel();
  shown_ = std::move(indices);
  endResetModel();
}

qint64 ThumbnailModel::imageAt(int row) const {
  return shown_ ? shown_->at(static_cast<std::size_t>(row)) : row;
}

int ThumbnailModel::rowOf(qint64 image) const {
  if (!shown_) {
    return image < rowCount() ? static_cast<int>(image) : -1;
  }
  const auto found = std::lower_bound(shown_->begin(), shown_->end(), image);
  return found != shown_->end() && *found == image ? static_cast<int>(found - shown_->begin()) : -1;
}

int ThumbnailModel::rowCount(const QModelIndex& parent) const {
  if (parent.isValid() || !dataset_) {
    return 0;
  }
  const qint64 count = shown_ ? static_cast<qint64>(shown_->size()) : dataset_->size();
  return static_cast<int>(std::min<qint64>(count, std::numeric_limits<int>::max()));
}

QVariant ThumbnailModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) {
    return {};
  }
  const qint64 image = imageAt(index.row());
  switch (role) {
    case Qt::DisplayRole:
      return caption(image);
    case Qt::ToolTipRole:
      return plainTip(toolTip(image));
    case Qt::AccessibleTextRole:
      return toolTip(image);
    case Qt::DecorationRole:
    case ReasonRole: {
      const Thumbnail* thumbnail = loader_.thumbnail(image);
      if (thumbnail == nullptr) {
        return {};
      }
      return role == ReasonRole ? QVariant(thumbnail->reason) : QVariant(thumbnail->image);
    }
    case ImageIndexRole:
      return image;
    case SplitRole:
      return image < dataset_->trainSize() ? QString()
                                           : QString::fromStdString(dataset_->split(image));
    default:
      return {};
  }
}

QString ThumbnailModel::caption(qint64 image) const {
  const int label = dataset_->label(image);
  const auto& classes = dataset_->classNames();
  if (label >= 0 && static_cast<std::size_t>(label) < classes.size()) {
    return QString::fromStdString(classes[static_cast<std::size_t>(label)]);
  }
  return QFileInfo(nameOf(*dataset_, image)).fileName();
}

QString ThumbnailModel::toolTip(qint64 image) const {
  QStringList lines{QDir::toNativeSeparators(nameOf(*dataset_, image))};
  const int label = dataset_->label(image);
  if (label >= 0 && static_cast<std::size_t>(label) < dataset_->classNames().size()) {
    lines << tr("Class: %1").arg(caption(image));
  }
  lines << (image < dataset_->trainSize()
                ? tr("Trained on")
                : tr("Held out for evaluation (%1)")
                      .arg(QString::fromStdString(dataset_->split(image))));
  if (const Thumbnail* thumbnail = loader_.thumbnail(image);
      thumbnail != nullptr && !thumbnail->reason.isEmpty()) {
    lines << thumbnail->reason;
  }
  return lines.join(QLatin1Char('\n'));
}

}  // namespace barlow::ui
