#pragma once

#include <limits>
#include <string>
#include <vector>

namespace barlow {

/// Where a number is good and where it is poor; which of the two is larger says which way is up.
/// NaN: there is nothing to judge by.
struct GoodRange {
  double good = std::numeric_limits<double>::quiet_NaN();
  double poor = std::numeric_limits<double>::quiet_NaN();
  bool operator==(const GoodRange&) const = default;
};

/// One number of every step, as whoever computes it declares it: files, charts, cards and summaries
/// are made from this.
struct MetricColumn {
  std::string key;           // in metrics.jsonl
  std::string label;         // in charts and cards
  std::string unit;          // may be empty
  std::string help;          // what it is, what is healthy, what is a bad sign
  std::string chart;         // title of the chart that shows it; empty: none
  bool isReference = false;  // a line to compare the others of its chart with
  bool isCard = false;       // shown as a number as well
  bool isLogarithmic = false;
  GoodRange range = {};
  bool operator==(const MetricColumn&) const = default;
};

}  // namespace barlow
