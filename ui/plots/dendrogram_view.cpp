#include "ui/plots/dendrogram_view.h"

#include "ui/plots/dendrogram_picture.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

constexpr float kHeadRoom = 1.08F;  // above the last merge, for the line that cuts nothing

QImage colored(const QImage& mask, const QColor& color) {
  QImage image(mask.size(), QImage::Format_ARGB32);
  image.fill(color);
  image.setAlphaChannel(mask);
  return image.convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

}  // namespace

DendrogramView::DendrogramView(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAccessibleName(tr("Tree of clusters"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  describe();
}

QSize DendrogramView::sizeHint() const { return {300, 150}; }
QSize DendrogramView::minimumSizeHint() const { return {120, 70}; }

void DendrogramView::setDendrogram(std::shared_ptr<const Dendrogram> tree) {
  tree_ = std::move(tree);
  top_ = hasTree() && tree_->merges.back().height > 0 ? kHeadRoom * tree_->merges.back().height : 1;
  clusters_ = hasTree() ? std::clamp<std::int64_t>(clusters_, 1, tree_->leaves) : 1;
  height_ = hasTree() ? cutHeight(*tree_, clusters_) : 0;
  below_ = above_ = {};
  describe();
  update();
}

void DendrogramView::setClusters(std::int64_t clusters) {
  if (!hasTree()) {
    return;
  }
  const std::int64_t next = std::clamp<std::int64_t>(clusters, 1, tree_->leaves);
  if (next != clusters_) {
    clusters_ = next;
    height_ = cutHeight(*tree_, clusters_);
    describe();
    update();
  }
}

double DendrogramView::yOf(float height) const {
  return (1 - static_cast<double>(height / top_)) * (this->height() - 1);
}

float DendrogramView::heightAt(double y) const {
  const double share = 1 - y / std::max(1, height() - 1);
  return static_cast<float>(std::clamp(share, 0.0, 1.0)) * top_;
}

QString DendrogramView::readOut(double y) const {
  if (!hasTree()) {
    return {};
  }
  const float at = heightAt(y);
  return tr("height %1, %2 clusters")
      .arg(QLocale().toString(static_cast<double>(at), 'f', 3),
           QLocale().toString(static_cast<qlonglong>(clustersAtHeight(*tree_, at))));
}

void DendrogramView::cutAt(double y) {
  const float at = heightAt(y);
  change(clustersAtHeight(*tree_, at), at);
}

// The line stays where the hand is, also between the heights that make a difference.
void DendrogramView::change(std::int64_t clusters, float height) {
  const bool isNew = clusters != clusters_;
  clusters_ = clusters;
  height_ = height;
  describe();
  update();
  if (isNew) {
    Q_EMIT cutChanged(clusters_);
  }
}

void DendrogramView::describe() {
  setAccessibleDescription(hasTree()
                               ? tr("Cut into %1 of %2 clusters.")
                                     .arg(QLocale().toString(static_cast<qlonglong>(clusters_)),
                                          QLocale().toString(static_cast<qlonglong>(tree_->leaves)))
                               : tr("No tree yet."));
}

void DendrogramView::makePictures() {
  const QSize pixels = size() * devicePixelRatioF();
  const QImage mask = dendrogramPicture(*tree_, pixels, top_);
  const Colors& set = colors(palette());
  below_ = colored(mask, set.accent);
  above_ = colored(mask, set.quiet);
  below_.setDevicePixelRatio(devicePixelRatioF());
  above_.setDevicePixelRatio(devicePixelRatioF());
}

void DendrogramView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Colors& set = colors(palette());
  painter.fillRect(rect(), set.surface);
  if (!hasTree()) {
    painter.setPen(set.quiet);
    painter.drawText(rect(), Qt::AlignCenter, tr("No tree yet."));
    return;
  }
  if (below_.isNull() || below_.devicePixelRatio() != devicePixelRatioF()) {
    makePictures();
  }
  const int line = qRound(yOf(height_));
  painter.setClipRect(0, line, width(), height());
  painter.drawImage(0, 0, below_);
  painter.setClipRect(0, 0, width(), line);
  painter.drawImage(0, 0, above_);
  painter.setClipping(false);
  painter.setPen(QPen(palette().color(QPalette::WindowText), hasFocus() ? 2 : 1, Qt::DashLine));
  painter.drawLine(0, line, width(), line);
  const QString text =
      cursor_ ? readOut(*cursor_)
              : tr("%1 clusters").arg(QLocale().toString(static_cast<qlonglong>(clusters_)));
  const QRect place(4, 2, fontMetrics().horizontalAdvance(text) + 6, fontMetrics().height());
  QColor ground = set.surface;
  ground.setAlphaF(0.85F);
  painter.fillRect(place, ground);
  painter.drawText(place, Qt::AlignCenter, text);
}

void DendrogramView::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && hasTree()) {
    isDragging_ = true;
    cursor_ = event->position().y();
    cutAt(*cursor_);
  }
}

void DendrogramView::mouseMoveEvent(QMouseEvent* event) {
  if (!hasTree()) {
    return;
  }
  cursor_ = event->position().y();
  setCursor(Qt::SplitVCursor);
  if (isDragging_) {
    cutAt(*cursor_);
  }
  Q_EMIT hovered(readOut(*cursor_));
  update();
}

void DendrogramView::mouseReleaseEvent(QMouseEvent*) { isDragging_ = false; }

void DendrogramView::leaveEvent(QEvent*) {
  cursor_.reset();
  Q_EMIT hovered({});
  update();
}

void DendrogramView::keyPressEvent(QKeyEvent* event) {
  std::int64_t next = clusters_;
  switch (event->key()) {
    case Qt::Key_Up:
      next -= 1;
      break;
    case Qt::Key_Down:
      next += 1;
      break;
    case Qt::Key_PageUp:
      next /= 2;
      break;
    case Qt::Key_PageDown:
      next *= 2;
      break;
    case Qt::Key_Home:
      next = 1;
      break;
    default:
      QWidget::keyPressEvent(event);
      return;
  }
  if (hasTree()) {
    next = std::clamp<std::int64_t>(next, 1, tree_->leaves);
    change(next, cutHeight(*tree_, next));
  }
}

void DendrogramView::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  below_ = above_ = {};
}

void DendrogramView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationPaletteChange) {
    below_ = above_ = {};
    update();
  }
}

}  // namespace barlow::ui
