#pragma once

#include "core/params/run_config.h"
#include "core/report/events.h"
#include "core/report/metric_point.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

/// run.json: who and what this run is.
struct RunRecord {
  std::string id;  // 2026-01-31-120000-ab12
  std::string name;
  std::string notes;
  std::vector<std::string> tags;
  std::string state = "running";  // running, paused, stopped, finished, failed
  std::string program;            // "Barlow Studio 0.1.0"
  std::string libtorch;           // "2.13.0"
  std::string device;
  std::string precision;     // "fp32"
  std::string memoryFormat;  // "channels_last"
  std::string lossForm;      // "direct" or "gram"
  std::string views;         // where they are distorted: "cpu" or "device"
  int threads = 0;
  int loaderWorkers = 0;
  std::string dataFingerprint;
  std::string started;     // UTC, ISO 8601
  std::string ended;       // empty while it runs
  std::string error;       // of a failed run
  std::int64_t steps = 0;  // completed, when it last ended or paused
  // Who is training it: an entry "running" of a dead process ended unexpectedly.
  std::int64_t processId = 0;
  std::optional<MetricSchema> metrics;  // absent: written before metrics were declared
  bool operator==(const RunRecord&) const = default;
};

/// A run's folder on disk. While a run trains, exactly one process holds its lock.
/// Throws Exception (what, which path, what to do) where a file cannot be read or written.
///   RunFolder run = RunFolder::create(path, config, record);
///   run.appendMetric(point);
class RunFolder {
 public:
  /// `folder` is new, empty, or holds no config.json. Then nothing in it is lost: what has the name
  /// of one of our records is renamed to NAME.old-1 first.
  static RunFolder create(const std::filesystem::path& folder,
                          const RunConfig& config,
                          const RunRecord& record);
  /// For resuming: takes the lock; says so when another process trains there.
  static RunFolder open(const std::filesystem::path& folder);
  RunFolder(RunFolder&&) noexcept;
  RunFolder& operator=(RunFolder&&) noexcept;
  ~RunFolder();

  const std::filesystem::path& path() const;
  const RunConfig& config() const;
  void updateConfig(const RunConfig& config);  // after `resume --epochs`
  const RunRecord& record() const;
  void updateRecord(const RunRecord& record);
  void appendMetric(const MetricPoint& point);
  void appendEvent(const SessionEvent& event);
  /// Cuts rows after `step` and a torn last line; rewrites the file only when something has to go.
  void cutMetricsAfter(std::int64_t step);
  void sync();
  /// Why nothing more can be written here: the folder was removed, moved or renamed, or another one
  /// has its name. Rows are still taken then, in memory of the system; nothing else is written.
  std::optional<ErrorInfo> problem() const;
  /// Throws it. Before a file is written below path().
  void requirePlace() const;
  /// False where the file system has no locks: nothing keeps another process from training here.
  bool isLocked() const;
  /// This run in another folder, as create() makes it, with all rows so far. Works also when
  /// problem().
  RunFolder copyTo(const std::filesystem::path& folder) const;

 private:
  struct Impl;
  static RunFolder make(const std::filesystem::path& folder,
                        const RunConfig& config,
                        const RunRecord& record,
                        const std::string& metrics,
                        const std::string& events);
  explicit RunFolder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// For viewers, without the lock.
bool isRunFolder(const std::filesystem::path& folder);
RunConfig readRunConfig(const std::filesystem::path& folder);
RunRecord readRunRecord(const std::filesystem::path& folder);
/// What the rows of a run mean: as its record says, else what all runs had before records did.
MetricSchema metricsOf(const RunRecord& record, const RunConfig& config);
/// Complete rows only, with the terms of metricsOf(). A torn last line is dropped.
std::vector<MetricPoint> readMetrics(const std::filesystem::path& folder);

/// A new folder's name below the user's data folder: runs/<time>-<name>.
std::filesystem::path newRunFolder(const std::string& name);
std::string newRunId();
/// The first of PATH, PATH-2, PATH-3 ... that does not exist.
std::filesystem::path freePath(const std::filesystem::path& path);

}  // namespace barlow
