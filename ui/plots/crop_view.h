#pragma once

#include "core/report/view_plan.h"

#include <QImage>
#include <QWidget>

#include <optional>
#include <vector>

namespace barlow::ui {

/// An image, scaled to fit with its aspect kept and sharp when magnified, with the crop boxes of
/// view A (solid, accent) and view B (dashed, series2) drawn and labelled on it, those of small
/// crops thin. Without boxes: a picture.
class CropView final : public QWidget {
  Q_OBJECT

 public:
  explicit CropView(QWidget* parent = nullptr);
  void setImage(const QImage& image);
  const QImage& image() const { return image_; }
  void setCrops(std::optional<ViewPlan::Crop> a,
                std::optional<ViewPlan::Crop> b,
                std::vector<ViewPlan::Crop> small = {});
  void setEmptyText(const QString& text);
  const QString& emptyText() const { return emptyText_; }
  /// Where the image is drawn, in this widget's coordinates.
  QRectF imageArea() const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QImage image_;
  std::optional<ViewPlan::Crop> a_;
  std::optional<ViewPlan::Crop> b_;
  std::vector<ViewPlan::Crop> small_;
  QString emptyText_;
};

}  // namespace barlow::ui
