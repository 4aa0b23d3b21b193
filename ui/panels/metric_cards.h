#pragma once

#include "core/report/events.h"
#include "core/report/metric_point.h"
#include "core/report/run_plan.h"
#include "core/report/verdict.h"

#include <QFrame>
#include <QString>
#include <QWidget>

#include <optional>
#include <string>
#include <vector>

class QHBoxLayout;
class QLabel;

namespace barlow::ui {

/// One number with its name and a sentence of what is good. It can be pointed at and pressed.
class MetricCard final : public QFrame {
  Q_OBJECT

 public:
  enum class Mood { Plain, Good, Attention, Bad };
  MetricCard(const QString& name, const QString& help, QWidget* parent = nullptr);
  void show(const QString& value, const QString& note, Mood mood = Mood::Plain);
  void clear(const QString& note);
  QString value() const;
  QString note() const;
  Mood mood() const { return mood_; }
  /// Without the sentence, where there is no room for it.
  void setCompact(bool isCompact);

 Q_SIGNALS:
  /// A click, Return or Space: what does this number mean?
  void explanationRequested();

 protected:
  void changeEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  void dress();
  QLabel* value_;
  QLabel* note_;
  Mood mood_ = Mood::Plain;
};

/// The numbers that matter of the newest step, each beside a sentence of what is good: those that
/// the run's schema makes cards of, kNN accuracy and effective rank. At first those of Barlow
/// Twins.
class MetricCards final : public QWidget {
  Q_OBJECT

 public:
  explicit MetricCards(QWidget* parent = nullptr);
  /// Of the rows that come from now on.
  void setSchema(const MetricSchema& schema);
  void clear();
  /// D and N of the run; 0: unknown.
  void setShape(std::int64_t dimensions, std::int64_t batchSize);
  /// The last step of a run that goes on; 0: none does. In its first quarter what is not good yet
  /// is not judged, as it may become so.
  void setEnd(std::int64_t lastStep);
  void showMetrics(const MetricPoint& point);
  void showEvaluation(const EvaluationResult& result);
  void setCompact(bool isCompact);

 Q_SIGNALS:
  /// A section of the guide: the key of a column, "knn" or "rank".
  void explanationRequested(const QString& section);

 private:
  MetricCard* makeCard(const QString& name, const QString& help, const QString& section);
  void build();
  void showAims();
  Verdict soFar(std::int64_t step, Verdict verdict) const;
  void judgeMetrics(const MetricPoint& point);
  void judgeEvaluation(const EvaluationResult& result);
  void showRank(const CollapseNumbers& collapse, Verdict verdict);
  std::vector<MetricCard*> cards() const;

  struct Measured {
    MetricCard* card;
    std::string key;
  };
  const MetricColumn& column(const std::string& key) const;

  MetricSchema schema_;
  QHBoxLayout* row_;
  std::vector<Measured> measured_;  // of the schema; the loss first
  MetricCard* knn_;
  MetricCard* rank_;
  std::int64_t dimensions_ = 0;
  std::int64_t batchSize_ = 0;
  std::int64_t lastStep_ = 0;
  std::optional<MetricPoint> point_;            // that is shown
  std::optional<EvaluationResult> evaluation_;  // likewise
  bool isCompact_ = false;
  std::optional<double> untrainedTop1_;
};

}  // namespace barlow::ui
