#pragma once

#include "core/report/live_snapshot.h"

#include <QImage>
#include <QWidget>

#include <vector>

namespace barlow::ui {

/// The newest views: one column per image, view A above view B and the small crops beside them, as
/// many columns as fit, pixels magnified sharply when the views are small. A tool tip says what was
/// drawn for the view under the cursor (describePlan), where the image is known.
class ViewPairStrip final : public QWidget {
  Q_OBJECT

 public:
  explicit ViewPairStrip(QWidget* parent = nullptr);
  void setSamples(const std::vector<SampleViews>& samples);
  void setEmptyText(const QString& text);
  int columnCount() const;  // that fit at the present size
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  int cellSide() const;
  int cropSide() const;
  int columnWidth() const;
  QRect cell(int column, std::size_t view) const;

  struct Column {
    std::vector<QImage> images;  // A, B, then the small crops
    std::vector<ViewPlan> plans;
    std::int64_t sample = 0;
  };
  std::vector<Column> columns_;
  QString emptyText_;
};

/// What was drawn for one view, in words and in the order of application: "crop 140 x 120 at (12,
/// 3), flipped, brightness x 1.21, ..., blur 0.8 px".
QString describePlan(const ViewPlan& plan, bool flipLast = false);

}  // namespace barlow::ui
