#pragma once

#include <QColor>
#include <QString>
#include <QWidget>

#include <memory>
#include <vector>

namespace barlow::ui {

/// As many colours as a chart has for its curves: accent, series2, series3, series4 of the theme.
inline constexpr int kChartColors = 4;

/// One curve. The raw line is drawn thin; when smoothing is on, it stands faint behind the smoothed
/// one.
struct ChartSeries {
  QString name;
  int color = 0;  // of kChartColors
  bool isSmoothed = true;
  bool isDashed = false;    // reference lines such as the loss floor
  bool hasDots = false;     // few, isolated values such as kNN
  bool isOptional = false;  // not in legend and read-out where it has no value
};

/// Values over the training step, with a legend of series names and their present values, zoom and
/// pan. QCustomPlot stays inside. Non-finite values leave a gap. Replots at most once per frame,
/// and not while hidden. Mouse: wheel zooms the steps, drag pans (which stops following), double
/// click shows everything and follows again; a vertical line under the cursor reads out all series.
/// Keys: left and right move that line, + and - zoom, Home shows everything.
class LineChart final : public QWidget {
  Q_OBJECT

 public:
  explicit LineChart(const QString& title, QWidget* parent = nullptr);
  ~LineChart() override;
  // The same with its legend and without: what is around must not move when that comes and goes.
  QSize sizeHint() const override { return {320, 180}; }
  QSize minimumSizeHint() const override { return {200, 84}; }
  bool hasHeightForWidth() const override { return false; }

  /// Before the first append; `values` of append() has one entry per series, in this order. NaN:
  /// gap.
  void setSeries(std::vector<ChartSeries> series);
  void setUnit(const QString& unit);       // beside the title
  void setHelp(const QString& sentence);   // tool tip of the title: what is this, what is good
  void setEmptyText(const QString& text);  // shown until the first value arrives
  void clear();
  void append(double step, const std::vector<double>& values);
  /// Forgets what came after `step`, as where a run goes on from a checkpoint.
  void cutAfter(double step);
  /// A line at `step`, whose text is read out there: settings were changed.
  void mark(double step, const QString& text);
  int pointCount() const;

  void setLogarithmic(bool isLogarithmic);  // values of 0 and below leave a gap
  bool isLogarithmic() const;
  void setSmoothing(double weight);  // debiased exponential moving average, 0 to 0.99; 0: none
  double smoothing() const;
  void setFollowing(bool isFollowing);  // the newest steps stay in sight
  bool isFollowing() const;
  void showAll();

  /// The shown range of steps, and of values, for tests and for linking charts.
  struct View {
    double firstStep = 0;
    double lastStep = 0;
    double low = 0;
    double high = 0;
  };
  View view() const;
  /// "step 120 · loss 4.1 · on-diagonal 3.9", of the nearest step that has values.
  QString readOut(double step) const;
  /// The steps that stand as numbers below the plot and the values beside it, as last drawn.
  std::vector<double> numberedSteps() const;
  std::vector<double> numberedValues() const;

 Q_SIGNALS:
  void followingChanged(bool isFollowing);
  void hovered(const QString& text);

 protected:
  void changeEvent(QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow::ui
