#pragma once

#include "core/params/config_io.h"
#include "core/params/run_config.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

/// What to train, and where its folder is.
struct RunRequest {
  enum class Mode { Fresh, Resume };
  RunConfig config;              // of a fresh run; a resumed one has its folder's config.json
  std::filesystem::path folder;  // Fresh: new, empty or without a config.json. Resume: a run folder
  Mode mode = Mode::Fresh;
  std::optional<std::string> data;      // Resume: where the same data is now (a SPEC)
  std::optional<int> epochs;            // Resume: the new total
  std::optional<int> maxSteps;          // Resume: the new limit
  std::vector<std::int64_t> dumpSteps;  // steps to write whole into dump/step-N (the first is 1)
  std::vector<Setting> edits;  // Resume: settings that change from here on (canChangeMidRun())
  // How many steps may be queued on an accelerator before the numbers of the first are waited for;
  // absent: 2 there, 0 on the CPU, where nothing is queued.
  std::optional<int> metricLag;
};

/// How a run ended; the state in run.json.
enum class RunEnd { Finished, Stopped, Aborted, Failed };

}  // namespace barlow
