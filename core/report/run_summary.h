#pragma once

#include "core/report/metric_point.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace barlow {

/// How a run stands when it ends: summary.json, and what `barlow train --json` prints.
struct RunSummary {
  std::string run;    // the folder
  std::string state;  // finished, stopped, failed
  std::int64_t steps = 0;
  double epochs = 0;                                  // whole and part ones
  double loss = 0;                                    // of the last step, like the terms
  std::vector<std::pair<std::string, double>> terms;  // by their keys
  std::optional<double> knnTop1;                      // of the last evaluation
  std::optional<double> onlineTop1;
  double pairsPerSecond = 0;  // mean over the training time
  double seconds = 0;         // training time over all parts of the run
};

/// The terms of a row by their keys.
std::vector<std::pair<std::string, double>> namedTerms(const MetricPoint& point,
                                                       const MetricSchema& schema);

/// One line.
std::string toJson(const RunSummary& summary);

}  // namespace barlow
