#pragma once

#include "core/report/events.h"
#include "core/report/metric_point.h"

#include <QWidget>

#include <cstddef>
#include <vector>

class QCheckBox;
class QGridLayout;
class QSlider;

namespace barlow::ui {

class LineChart;

/// The charts of a run: one for each that its schema names, the cross-correlation of the views
/// where the schema has none, kNN accuracy, learning rate; one tool row for all: logarithmic loss,
/// smoothing, follow. They share the range of steps. At first those of Barlow Twins.
class ChartsPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit ChartsPanel(QWidget* parent = nullptr);
  /// Of the rows that come from now on. Curves of other columns than so far start empty.
  void setSchema(const MetricSchema& schema);
  void clear();
  void append(const std::vector<MetricPoint>& points);
  void append(const EvaluationResult& result);
  /// Forgets later steps: training goes on from a checkpoint before them.
  void cutAfter(double step);
  /// A line in all charts where settings changed, with which ones.
  void mark(double step, const QString& text);

  /// All of them, in their order; the pointers hold until setSchema().
  std::vector<LineChart*> charts() const;
  LineChart* lossChart() const { return drawn_.front().chart; }
  LineChart* knnChart() const { return knn_; }
  LineChart* rateChart() const { return rate_; }

 private:
  // Columns of the schema: 0 is the loss, i + 1 the term i.
  struct Drawn {
    LineChart* chart;
    std::vector<std::size_t> columns;
  };
  QWidget* makeTools();
  LineChart* makeChart(const QString& title, const QString& name);
  Drawn makeDrawn(const QString& title, std::vector<std::size_t> columns);
  const MetricColumn& column(std::size_t index) const;
  void build();
  void smooth();
  void drawLogarithmic();
  void layOut();

  MetricSchema schema_;
  QGridLayout* grid_;
  QCheckBox* logarithmic_;
  QCheckBox* follow_;
  QSlider* smoothing_;
  std::vector<Drawn> drawn_;
  LineChart* correlation_ = nullptr;  // of the numbers of collapse; null where the schema has it
  LineChart* knn_;
  LineChart* rate_;
};

}  // namespace barlow::ui
