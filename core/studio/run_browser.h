#pragma once

#include "core/params/run_config.h"
#include "core/report/events.h"
#include "core/report/live_snapshot.h"
#include "core/report/metric_point.h"
#include "core/runs/run_folder.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace barlow {

/// One line of a list of runs.
struct RunHeadline {
  std::filesystem::path folder;
  RunRecord record;
  bool isTraining = false;         // another living process trains there now
  bool endedUnexpectedly = false;  // says "running" or "paused", and nobody trains there
  std::string source;              // data.source of its configuration; empty when unreadable
  bool operator==(const RunHeadline&) const = default;
};

/// The runs directly below `root`, newest first; folders that are no runs or cannot be read are
/// left out. Blocks on the disk: call it on a worker.
std::vector<RunHeadline> listRuns(const std::filesystem::path& root);
/// Where runs go when no folder is named: below the user's data folder.
std::filesystem::path runsFolder();
/// Of one run. Throws Exception when it is no run folder.
RunHeadline readHeadline(const std::filesystem::path& folder);

/// What a run left behind, for looking at.
struct StoredRun {
  RunHeadline headline;
  RunConfig config;
  MetricSchema schema;  // of the metrics
  std::vector<MetricPoint> metrics;
  std::vector<EvaluationResult> evaluations;
  std::vector<SessionEvent> edits;  // settings that were changed on the way: step and text
  std::shared_ptr<const EmbeddingBatch> embeddings;  // the newest kept moment; null: there is none
  std::vector<SampleViews> views;  // on views.png: which images they are of is not known
};

/// What a run measured of itself while it trained, by step; empty where that cannot be read.
std::vector<EvaluationResult> listTrainingEvaluations(const std::filesystem::path& run);

/// Reads a run folder, finished, stopped, killed or just training. Blocks: call it on a worker.
/// Throws Exception (what, which path, what to do).
StoredRun readRun(const std::filesystem::path& folder);

}  // namespace barlow
