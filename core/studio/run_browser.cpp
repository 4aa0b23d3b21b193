#include "core/studio/run_browser.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/base/json_text.h"
#include "core/base/system.h"
#include "core/image/decode.h"
#include "core/recording/pictures.h"
#include "core/report/json_numbers.h"
#include "core/studio/matrix_files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace barlow {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxEventsBytes = 1ull << 30;

bool isLocked(const fs::path& folder) {
  std::error_code ignored;  // a folder that cannot be looked at is trained by nobody we know
  return fs::exists(folder / ".lock", ignored) && !FileLock::tryLock(folder / ".lock");
}

std::optional<EvaluationResult> evaluationOf(const std::string& line) {
  const auto json = parseJsonQuietly(line);
  if (!json.is_object() || json.value("event", "") != "evaluation") {
    return std::nullopt;
  }
  try {
    EvaluationResult result;
    result.step = json.at("step");
    result.epoch = json.at("epoch");
    result.probe = json.value("probe", "knn");
    result.k = json.value("k", 0);
    result.temperature = json.value("temperature", 0.0);
    result.metric = json.value("metric", "cosine");
    result.bankSplit = json.value("bank", "train");
    result.bankSize = json.value("bank_size", std::int64_t{0});
    result.querySplit = json.value("split", "test");
    result.queries = json.value("queries", std::int64_t{0});
    result.top1 = numberFromJson(json.at("top1")).value_or(0);
    result.top5 = json.contains("top5") ? numberFromJson(json.at("top5")).value_or(0) : 0;
    if (json.contains("online_linear_top1")) {
      result.onlineTop1 = numberFromJson(json.at("online_linear_top1"));
    }
    result.seconds = json.value("seconds", 0.0);
    return result;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // torn, or not ours: the other lines still count
  }
}

std::optional<SessionEvent> editOf(const std::string& line) {
  const auto json = parseJsonQuietly(line);
  if (!json.is_object()) {
    return std::nullopt;
  }
  try {
    if (json.at("event") == "edited") {
      return SessionEvent{
          .kind = EventKind::Edited, .step = json.at("step"), .text = json.at("text")};
    }
  } catch (const nlohmann::json::exception&) {
    // torn, or not ours
  }
  return std::nullopt;
}

// What of events.jsonl is shown. After a resume from an earlier step what came later was not: an
// evaluation may come twice.
void readEvents(const fs::path& folder, StoredRun& run) {
  std::error_code ignored;  // no file, no events
  if (!fs::exists(folder / "events.jsonl", ignored)) {
    return;
  }
  std::istringstream lines(readFileText(folder / "events.jsonl", kMaxEventsBytes));
  for (std::string line; std::getline(lines, line);) {
    if (const auto result = evaluationOf(line)) {
      std::erase_if(run.evaluations,
                    [&](const EvaluationResult& known) { return known.step >= result->step; });
      run.evaluations.push_back(*result);
    } else if (const auto edit = editOf(line)) {
      std::erase_if(run.edits, [&](const SessionEvent& known) { return known.step > edit->step; });
      run.edits.push_back(*edit);
    }
  }
}

// The newest moment that can be read. A damaged one costs nothing but itself: the one before is
// shown.
std::shared_ptr<const EmbeddingBatch> newestMoment(const fs::path& folder) {
  const auto moments = listSnapshots(folder);
  for (auto moment = moments.rbegin(); moment != moments.rend(); ++moment) {
    try {
      return readSnapshot(folder, *moment);
    } catch (const std::exception&) {
      continue;
    }
  }
  return nullptr;
}

}  // namespace

fs::path runsFolder() { return userDataFolder() / "runs"; }

RunHeadline readHeadline(const fs::path& folder) {
  if (!isRunFolder(folder)) {
    throw Exception(
        fmt::format("{} is no run folder: it has no config.json and run.json.", folder.string()));
  }
  RunHeadline headline;
  headline.folder = fs::absolute(folder).lexically_normal();
  headline.record = readRunRecord(folder);
  if (headline.record.state == "running" || headline.record.state == "paused") {
    headline.isTraining = headline.record.processId == processId() || isLocked(folder);
    headline.endedUnexpectedly = !headline.isTraining;
  }
  try {
    headline.source = readRunConfig(folder).data.source;
  } catch (const Exception&) {
    // A list can show the run without it; opening the run says what is wrong.
  }
  return headline;
}

std::vector<RunHeadline> listRuns(const fs::path& root) {
  std::vector<RunHeadline> runs;
  std::error_code ignored;  // no folder yet: no runs
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    if (!isRunFolder(entry.path())) {
      continue;
    }
    try {
      runs.push_back(readHeadline(entry.path()));
    } catch (const Exception&) {
      continue;  // a damaged folder must not hide the others
    }
  }
  std::sort(runs.begin(), runs.end(), [](const RunHeadline& left, const RunHeadline& right) {
    return left.record.started > right.record.started;
  });
  return runs;
}

std::vector<EvaluationResult> listTrainingEvaluations(const fs::path& run) {
  std::error_code error;
  if (!fs::is_regular_file(run / "events.jsonl", error)) {
    return {};
  }
  StoredRun stored;
  try {
    readEvents(run, stored);
  } catch (const Exception&) {
    return {};  // what was evaluated since can be shown all the same
  }
  return stored.evaluations;
}

StoredRun readRun(const fs::path& folder) {
  StoredRun run;
  run.headline = readHeadline(folder);
  run.config = readRunConfig(folder);
  run.schema = metricsOf(run.headline.record, run.config);
  run.metrics = readMetrics(folder);
  readEvents(folder, run);
  run.embeddings = newestMoment(folder);
  if (const auto views = readImage(folder / "views.png")) {
    run.views = sampleViewsOn(*views,
                              run.config.data.imageSize,
                              run.config.augment.smallCrops,
                              run.config.augment.smallCropSize);
  }
  return run;
}

}  // namespace barlow
