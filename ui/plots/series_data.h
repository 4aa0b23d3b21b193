#pragma once

#include <cstddef>
#include <vector>

namespace barlow::ui {

/// Values of several series over ascending steps, each also smoothed by a debiased exponential
/// moving average: m_n / (1 - w^n) with m_n = w m_(n-1) + (1 - w) v_n. A value that is not finite
/// is a gap (NaN) in both and does not enter the average.
class SeriesData {
 public:
  void reset(std::size_t seriesCount);
  /// A step that is not after the last one replaces what came from there on, as after a resume.
  /// Returns whether anything was dropped.
  bool append(double step, const std::vector<double>& values);
  /// Forgets what came after `step`. Returns whether anything was dropped.
  bool cutAfter(double step);
  void setWeight(double weight);  // 0: no smoothing
  double weight() const { return weight_; }

  std::size_t size() const { return steps_.size(); }
  double step(std::size_t index) const { return steps_[index]; }
  double raw(std::size_t series, std::size_t index) const { return series_[series].raw[index]; }
  double smoothed(std::size_t series, std::size_t index) const {
    return series_[series].smoothed[index];
  }
  /// The index of the step nearest to `step`; size() must not be 0.
  std::size_t nearest(double step) const;
  std::size_t firstAtOrAfter(double step) const;

 private:
  struct Series {
    std::vector<double> raw;
    std::vector<double> smoothed;
    double average = 0;
    double bias = 1;  // w^n
  };
  void keep(std::size_t count);
  void push(Series& series, double value) const;
  void restart();

  std::vector<double> steps_;
  std::vector<Series> series_;
  double weight_ = 0;
};

}  // namespace barlow::ui
