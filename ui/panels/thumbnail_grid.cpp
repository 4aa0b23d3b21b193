#include "ui/panels/thumbnail_grid.h"

#include "ui/panels/thumbnail_model.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>

#include <algorithm>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kPadding = 6;
constexpr int kCaptionGap = 3;

// Small pictures grow by whole factors, so that their pixels stay what they are.
QSize shownSize(const QImage& image, qreal ratio) {
  const int most = static_cast<int>(ThumbnailGrid::kSide * ratio);
  const int longest = std::max({image.width(), image.height(), 1});
  if (longest > most) {
    return image.size().scaled(most, most, Qt::KeepAspectRatio);
  }
  return image.size() * (most / longest);
}

class ThumbnailDelegate final : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter,
             const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    painter->save();
    const QRect cell = option.rect.adjusted(2, 2, -2, -2);
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    if (isSelected || option.state.testFlag(QStyle::State_MouseOver)) {
      painter->setRenderHint(QPainter::Antialiasing);
      painter->setPen(Qt::NoPen);
      painter->setBrush(isSelected ? option.palette.brush(QPalette::Highlight)
                                   : option.palette.brush(QPalette::AlternateBase));
      painter->drawRoundedRect(cell, 4, 4);
    }
    const QRect place(cell.center().x() - ThumbnailGrid::kSide / 2,
                      cell.top() + kPadding,
                      ThumbnailGrid::kSide,
                      ThumbnailGrid::kSide);
    paintPicture(painter, place, option, index);
    paintCaption(painter, cell, place.bottom() + kCaptionGap, option, index);
    painter->restore();
  }

  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
    return {ThumbnailGrid::kSide + 2 * kPadding,
            ThumbnailGrid::kSide + 2 * kPadding + kCaptionGap + option.fontMetrics.height()};
  }

 private:
  static void paintPicture(QPainter* painter,
                           const QRect& place,
                           const QStyleOptionViewItem& option,
                           const QModelIndex& index) {
    auto picture = index.data(Qt::DecorationRole).value<QImage>();
    if (!picture.isNull()) {
      const qreal ratio = painter->device()->devicePixelRatioF();
      const QSizeF size = QSizeF(shownSize(picture, ratio)) / ratio;
      const QPointF corner = QRectF(place).center() - QPointF(size.width(), size.height()) / 2;
      painter->setRenderHint(QPainter::SmoothPixmapTransform,
                             size.width() * ratio < picture.width());
      painter->drawImage(QRectF(QPointF(corner.toPoint()), size), picture);
      return;
    }
    painter->setPen(colors(option.palette).line);
    painter->setBrush(Qt::NoBrush);
    painter->drawRect(place.adjusted(0, 0, -1, -1));
    if (!index.data(ThumbnailModel::ReasonRole).toString().isEmpty()) {
      painter->setPen(colors(option.palette).quiet);
      painter->drawText(place.adjusted(kPadding, kPadding, -kPadding, -kPadding),
                        Qt::AlignCenter | Qt::TextWordWrap,
                        ThumbnailGrid::tr("cannot be read"));
    }
  }

  static void paintCaption(QPainter* painter,
                           const QRect& cell,
                           int top,
                           const QStyleOptionViewItem& option,
                           const QModelIndex& index) {
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    const QColor plain =
        option.palette.color(isSelected ? QPalette::HighlightedText : QPalette::Text);
    QRect line(cell.left() + kPadding, top, cell.width() - 2 * kPadding, cell.bottom() - top);
    const QString split = index.data(ThumbnailModel::SplitRole).toString();
    painter->setFont(option.font);
    if (!split.isEmpty()) {
      const int width = option.fontMetrics.horizontalAdvance(split);
      painter->setPen(isSelected ? plain : colors(option.palette).quiet);
      painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, split);
      line.setRight(line.right() - width - kGap);
    }
    painter->setPen(plain);
    const QString caption = option.fontMetrics.elidedText(
        index.data(Qt::DisplayRole).toString(), Qt::ElideMiddle, line.width());
    painter->drawText(
        line, Qt::AlignVCenter | (split.isEmpty() ? Qt::AlignHCenter : Qt::AlignLeft), caption);
  }
};

}  // namespace

ThumbnailGrid::ThumbnailGrid(QWidget* parent) : QListView(parent) {
  setItemDelegate(new ThumbnailDelegate(this));
  setViewMode(QListView::IconMode);
  setMovement(QListView::Static);
  setResizeMode(QListView::Adjust);
  setUniformItemSizes(true);
  setSelectionMode(QAbstractItemView::SingleSelection);
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);  // columns do not jump when a filter changes
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setMouseTracking(true);
  setFrameShape(QFrame::NoFrame);
}

void ThumbnailGrid::reset() {
  QListView::reset();
  isPainted_ = false;
}

void ThumbnailGrid::paintEvent(QPaintEvent* event) {
  QListView::paintEvent(event);
  if (!std::exchange(isPainted_, true)) {
    // Later: whoever listens may change the model, which must not happen while it is drawn.
    QMetaObject::invokeMethod(this, &ThumbnailGrid::painted, Qt::QueuedConnection);
  }
}

void ThumbnailGrid::resizeEvent(QResizeEvent* event) {
  fitColumns();
  QListView::resizeEvent(event);
}

void ThumbnailGrid::keyPressEvent(QKeyEvent* event) {
  if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) &&
      currentIndex().isValid()) {
    choose(currentIndex());
    return;
  }
  QListView::keyPressEvent(event);
}

void ThumbnailGrid::mouseDoubleClickEvent(QMouseEvent* event) {
  QListView::mouseDoubleClickEvent(event);
  if (event->button() == Qt::LeftButton) {
    choose(indexAt(event->pos()));
  }
}

void ThumbnailGrid::changeEvent(QEvent* event) {
  QListView::changeEvent(event);
  if (event->type() == QEvent::FontChange) {
    fitColumns();
  }
}

// All columns alike over the whole width.
void ThumbnailGrid::fitColumns() {
  const int least = kSide + 2 * kPadding + 2 * kGap;
  const int width = viewport()->width() - 1;
  const int height = kSide + 2 * kPadding + kCaptionGap + fontMetrics().height() + kGap;
  setGridSize({width / std::max(1, width / least), height});
  verticalScrollBar()->setSingleStep(height / 3);
}

void ThumbnailGrid::choose(const QModelIndex& index) {
  if (index.isValid()) {
    Q_EMIT chosen(index.data(ThumbnailModel::ImageIndexRole).toLongLong());
  }
}

}  // namespace barlow::ui
