#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace barlow {

/// How a run stands when it ends: summary.json, and what `barlow train --json` prints.
struct RunSummary {
  std::string run;    // the folder
  std::string state;  // finished, stopped, failed
  std::int64_t steps = 0;
  double epochs = 0;  // whole and part ones
  double loss = 0;    // of the last step, like the next two
  double floor = 0;
  double meanDiagonal = 0;
  std::optional<double> knnTop1;  // of the last evaluation
  double pairsPerSecond = 0;      // mean over the training time
  double seconds = 0;             // training time over all parts of the run
};

/// One line.
std::string toJson(const RunSummary& summary);

}  // namespace barlow
