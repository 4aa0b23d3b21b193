#include "ui/plots/series_data.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace barlow::ui {

void SeriesData::reset(std::size_t seriesCount) {
  steps_.clear();
  series_.assign(seriesCount, {});
}

bool SeriesData::append(double step, const std::vector<double>& values) {
  bool hasDropped = false;
  if (!steps_.empty() && step <= steps_.back()) {
    keep(firstAtOrAfter(step));
    hasDropped = true;
  }
  steps_.push_back(step);
  for (std::size_t i = 0; i < series_.size(); ++i) {
    const double value = i < values.size() && std::isfinite(values[i])
                             ? values[i]
                             : std::numeric_limits<double>::quiet_NaN();
    series_[i].raw.push_back(value);
    push(series_[i], value);
  }
  return hasDropped;
}

bool SeriesData::cutAfter(double step) {
  const auto kept = static_cast<std::size_t>(std::upper_bound(steps_.begin(), steps_.end(), step) -
                                             steps_.begin());
  if (kept == steps_.size()) {
    return false;
  }
  keep(kept);
  return true;
}

void SeriesData::keep(std::size_t count) {
  steps_.resize(count);
  for (Series& series : series_) {
    series.raw.resize(count);
  }
  restart();
}

void SeriesData::setWeight(double weight) {
  weight_ = std::clamp(weight, 0.0, 0.999);
  restart();
}

std::size_t SeriesData::firstAtOrAfter(double step) const {
  return static_cast<std::size_t>(std::lower_bound(steps_.begin(), steps_.end(), step) -
                                  steps_.begin());
}

std::size_t SeriesData::nearest(double step) const {
  const std::size_t after = std::min(firstAtOrAfter(step), steps_.size() - 1);
  const bool isBeforeNearer =
      after > 0 && std::abs(steps_[after - 1] - step) <= std::abs(steps_[after] - step);
  return isBeforeNearer ? after - 1 : after;
}

void SeriesData::push(Series& series, double value) const {
  if (std::isnan(value)) {
    series.smoothed.push_back(value);
    return;
  }
  series.average = weight_ * series.average + (1 - weight_) * value;
  series.bias *= weight_;
  series.smoothed.push_back(series.average / (1 - series.bias));
}

void SeriesData::restart() {
  for (Series& series : series_) {
    series.smoothed.clear();
    series.average = 0;
    series.bias = 1;
    for (const double value : series.raw) {
      push(series, value);
    }
  }
}

}  // namespace barlow::ui
