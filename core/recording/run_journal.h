#pragma once

#include "core/base/log.h"
#include "core/runs/run_folder.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

/// What a running training writes down: metrics, events, log, record. A full disk does not end
/// training: rows wait in memory and are written once there is room; the first failure is told as a
/// warning. One thread.
class RunJournal {
 public:
  using Warn = std::function<void(const ErrorInfo&)>;

  /// `warn` is called with what could not be written; it must not call back.
  RunJournal(RunFolder folder, Warn warn);

  RunFolder& folder() { return folder_; }
  const RunFolder& folder() const { return folder_; }
  void metric(const MetricPoint& point);
  void event(const SessionEvent& event);
  /// Updates run.json.
  void record(const RunRecord& record);
  /// Goes on in another folder, with all rows so far. Throws Exception, and stays then.
  void moveTo(const std::filesystem::path& folder);
  /// Writes what waits and syncs. Throws Exception when rows still cannot be written.
  void flush();

 private:
  void openLog();
  void writeWaiting();

  RunFolder folder_;
  Warn warn_;
  std::optional<Log> log_;
  std::vector<MetricPoint> waiting_;
  bool isFailing_ = false;
};

}  // namespace barlow
