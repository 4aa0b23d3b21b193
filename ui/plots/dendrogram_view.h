#pragma once

#include "core/matrix/dendrogram.h"

#include <QImage>
#include <QWidget>

#include <cstdint>
#include <memory>
#include <optional>

namespace barlow::ui {

/// A tree of clusters with a line that cuts it: branches below the line are the clusters. Mouse:
/// drag the line or press where it should go; pointing tells height and number of clusters. Keys:
/// up and down for one cluster less or more, PgUp and PgDn for half or twice as many, Home for one.
class DendrogramView final : public QWidget {
  Q_OBJECT

 public:
  explicit DendrogramView(QWidget* parent = nullptr);

  /// Null or fewer than two leaves: nothing to cut. The number of clusters stays where it can.
  void setDendrogram(std::shared_ptr<const Dendrogram> tree);
  /// 1 to leaves; tells nobody.
  void setClusters(std::int64_t clusters);
  std::int64_t clusters() const { return clusters_; }
  /// "height 0.431, 12 clusters", of a height of this widget's.
  QString readOut(double y) const;
  /// Where a height stands in this widget, and back.
  double yOf(float height) const;
  float heightAt(double y) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void cutChanged(qint64 clusters);
  void hovered(const QString& text);

 protected:
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  bool hasTree() const { return tree_ && tree_->leaves > 1; }
  void cutAt(double y);
  void change(std::int64_t clusters, float height);
  void describe();
  void makePictures();

  std::shared_ptr<const Dendrogram> tree_;
  std::int64_t clusters_ = 1;
  float height_ = 0;  // of the line
  float top_ = 1;     // height at the upper edge
  QImage below_;      // the tree in the colours of branches below and above the line
  QImage above_;
  std::optional<double> cursor_;
  bool isDragging_ = false;
};

}  // namespace barlow::ui
