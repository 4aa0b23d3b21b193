#pragma once

#include "core/dataset/open_dataset.h"
#include "core/models/weight_file.h"
#include "core/params/config_io.h"
#include "core/planning/step_tuning.h"
#include "core/report/events.h"
#include "core/report/run_plan.h"
#include "core/report/run_request.h"
#include "core/runs/run_folder.h"

#include <optional>
#include <stop_token>
#include <vector>

namespace barlow {

/// Everything that is settled before the network is built.
struct RunSetup {
  RunConfig config;
  RunPlan plan;
  OpenedDataset data;
  std::optional<RunFolder> folder;  // created or opened, and locked
  std::vector<ErrorInfo> warnings;
  StepChoice step;
  LossForm lossForm = LossForm::Direct;  // never Auto
  std::optional<WeightFile> start;       // Fresh: of model.init
  std::vector<Difference> edits;         // Resume: what the configuration was and is now
};

/// Checks the configuration, opens the data, chooses device and threads (and sets the calling
/// thread's), estimates memory, creates or opens the run folder, in this order, so that a run that
/// cannot work leaves no folder behind. Throws Exception with what is wrong and what to do, and
/// PreparingStopped when asked to stop before the folder is there.
RunSetup prepareRun(const RunRequest& request, const std::stop_token& stop, const EventSink& emit);

/// All problems of a configuration in one sentence each, at most ten.
std::string problemText(const std::vector<Problem>& problems);

}  // namespace barlow
