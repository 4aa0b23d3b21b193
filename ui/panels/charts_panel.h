#pragma once

#include "core/report/events.h"
#include "core/report/metric_point.h"

#include <QWidget>

#include <vector>

namespace barlow::ui {

class LineChart;

/// The four charts of a run: loss and its terms, the correlations, kNN accuracy, learning rate; one
/// tool row for all: logarithmic loss, smoothing, follow. They share the range of steps.
class ChartsPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit ChartsPanel(QWidget* parent = nullptr);
  void clear();
  void setLambda(double lambda);  // weights the off-diagonal term as in the loss
  void append(const std::vector<MetricPoint>& points);
  void append(const EvaluationResult& result);
  /// Forgets later steps: training goes on from a checkpoint before them.
  void cutAfter(double step);
  /// A line in all charts where settings changed, with which ones.
  void mark(double step, const QString& text);

  LineChart* lossChart() const { return loss_; }
  LineChart* correlationChart() const { return correlation_; }
  LineChart* knnChart() const { return knn_; }
  LineChart* rateChart() const { return rate_; }

 private:
  QWidget* makeTools();
  std::vector<LineChart*> charts() const { return {loss_, correlation_, knn_, rate_}; }

  LineChart* loss_;
  LineChart* correlation_;
  LineChart* knn_;
  LineChart* rate_;
  double lambda_ = 0;
};

}  // namespace barlow::ui
