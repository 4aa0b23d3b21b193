#include "ui/evaluate/image_collection.h"

#include "ui/panels/thumbnail_grid.h"
#include "ui/theme/theme.h"

#include <QItemSelectionModel>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace barlow::ui {

ImageCollection::ImageCollection(QWidget* parent)
    : QWidget(parent),
      heading_(makeLabel({}, TextRole::Quiet, this)),
      grid_(new ThumbnailGrid(this)) {
  heading_->setObjectName(QStringLiteral("collectionHeading"));
  grid_->setModel(&model_);
  grid_->setAccessibleName(tr("Images"));
  connect(grid_, &ThumbnailGrid::chosen, this, &ImageCollection::chosen);
  connect(grid_->selectionModel(),
          &QItemSelectionModel::currentChanged,
          this,
          [this](const QModelIndex& index) {
            if (index.isValid()) {
              Q_EMIT currentChanged(index.data(ThumbnailModel::ImageIndexRole).toLongLong());
            }
          });
  grid_->setMinimumSize(ThumbnailGrid::kSide + 2 * kMargin, 40);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap / 2);
  column->addWidget(heading_);
  column->addWidget(grid_, 1);
  QSizePolicy policy = grid_->sizePolicy();
  policy.setRetainSizeWhenHidden(true);  // the heading keeps its place
  grid_->setSizePolicy(policy);
  grid_->hide();
}

void ImageCollection::setImages(std::shared_ptr<const DatasetBrowser> images,
                                std::vector<qint64> shown,
                                const QString& heading) {
  heading_->setText(heading);
  if (images != images_) {
    images_ = std::move(images);
    model_.setDataset(images_, qRound(ThumbnailGrid::kSide * devicePixelRatioF()));
  }
  std::sort(shown.begin(), shown.end());
  grid_->setVisible(!shown.empty());
  model_.setShown(std::move(shown));
  grid_->scrollToTop();
}

void ImageCollection::setText(const QString& text) {
  heading_->setText(text);
  model_.setShown(std::vector<qint64>{});
  grid_->hide();
}

}  // namespace barlow::ui
