#include "core/runs/run_folder.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/base/json_text.h"
#include "core/base/system.h"
#include "core/base/watched_folder.h"
#include "core/params/config_io.h"
#include "core/report/schema_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cctype>
#include <random>

namespace barlow {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxConfigBytes = 1 << 20;
constexpr std::uint64_t kMaxMetricsBytes = 1ull << 34;
constexpr int kFormat = 1;

std::string recordJson(const RunRecord& record) {
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["id"] = record.id;
  json["name"] = record.name;
  json["notes"] = record.notes;
  json["tags"] = record.tags;
  json["state"] = record.state;
  json["program"] = record.program;
  json["libtorch"] = record.libtorch;
  json["device"] = record.device;
  json["precision"] = record.precision;
  json["memory_format"] = record.memoryFormat;
  json["loss_form"] = record.lossForm;
  json["views"] = record.views;
  json["threads"] = record.threads;
  json["loader_workers"] = record.loaderWorkers;
  json["data_fingerprint"] = record.dataFingerprint;
  json["started"] = record.started;
  json["ended"] = record.ended;
  json["error"] = record.error;
  json["steps"] = record.steps;
  json["process_id"] = record.processId;
  if (record.metrics) {
    json["metrics"] = schemaToJson(*record.metrics);
  }
  return jsonText(json, 2) + "\n";
}

RunRecord parseRecord(const fs::path& path) {
  try {
    const auto json = parseJson(readFileText(path, kMaxConfigBytes));
    if (json.value("format", kFormat) != kFormat) {
      throw Exception(
          fmt::format("{} was written by a newer program; use that one.", path.string()));
    }
    RunRecord record;
    record.id = json.at("id");
    record.name = json.at("name");
    record.notes = json.value("notes", "");
    record.tags = json.value("tags", std::vector<std::string>{});
    record.state = json.at("state");
    record.program = json.value("program", "");
    record.libtorch = json.value("libtorch", "");
    record.device = json.value("device", "");
    record.precision = json.value("precision", "");
    record.memoryFormat = json.value("memory_format", "");
    record.lossForm = json.value("loss_form", "");
    record.views = json.value("views", "");
    record.threads = json.value("threads", 0);
    record.loaderWorkers = json.value("loader_workers", 0);
    record.dataFingerprint = json.value("data_fingerprint", "");
    record.started = json.value("started", "");
    record.ended = json.value("ended", "");
    record.error = json.value("error", "");
    record.steps = json.value("steps", std::int64_t{0});
    record.processId = json.value("process_id", std::int64_t{0});
    if (json.contains("metrics")) {
      record.metrics = schemaFromJson(json["metrics"]);
    }
    return record;
  } catch (const nlohmann::json::exception& error) {
    throw Exception(fmt::format("{} is damaged: it is no record of a run.", path.string()),
                    error.what());
  }
}

// Whole lines only; what follows the last newline is torn.
std::vector<std::string> completeLines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// A crash can leave half a line, and the next append would make one bad line of two.
void dropTornTail(const fs::path& path) {
  std::error_code ignored;  // no file, no tail
  if (!fs::exists(path, ignored)) {
    return;
  }
  const std::string text = readFileText(path, kMaxMetricsBytes);
  if (!text.empty() && text.back() != '\n') {
    writeFileAtomically(path, std::string_view(text).substr(0, text.find_last_of('\n') + 1));
  }
}

// Files of our names in a folder without a configuration belong to somebody: they would mix with
// our own or be overwritten, so they get another name.
void setAside(const fs::path& path) {
  std::error_code ignored;  // a name that cannot be looked at cannot be in the way
  if (!fs::exists(path, ignored) || fs::is_empty(path, ignored)) {
    return;
  }
  fs::path other = path;
  for (int i = 1; fs::exists(other, ignored); ++i) {
    other = path.string() + fmt::format(".old-{}", i);
  }
  std::error_code error;
  fs::rename(path, other, error);
  if (error) {
    throw Exception(
        fmt::format("{} is in the way and cannot be renamed ({}); choose another --out.",
                    path.string(),
                    error.message()));
  }
}

FileLock requireLock(const fs::path& folder) {
  auto lock = FileLock::tryLock(folder / ".lock");
  if (!lock) {
    throw Exception(fmt::format(
        "{} is being trained by another process; wait for it or stop it first.", folder.string()));
  }
  return std::move(*lock);
}

}  // namespace

struct RunFolder::Impl {
  fs::path path;
  RunConfig config;
  RunRecord record;
  FileLock lock;
  AppendFile metrics;
  AppendFile events;
  WatchedFolder place;
  std::optional<MetricSchema> known;  // of record and config; asked for at every step

  const MetricSchema& columns() {
    if (!known) {
      known = metricsOf(record, config);
    }
    return *known;
  }
};

RunFolder::RunFolder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunFolder::RunFolder(RunFolder&&) noexcept = default;
RunFolder& RunFolder::operator=(RunFolder&&) noexcept = default;
RunFolder::~RunFolder() = default;

RunFolder RunFolder::create(const fs::path& folder,
                            const RunConfig& config,
                            const RunRecord& record) {
  return make(folder, config, record, {}, {});
}

RunFolder RunFolder::copyTo(const fs::path& folder) const {
  return make(
      folder, impl_->config, impl_->record, impl_->metrics.content(), impl_->events.content());
}

RunFolder RunFolder::make(const fs::path& folder,
                          const RunConfig& config,
                          const RunRecord& record,
                          const std::string& metrics,
                          const std::string& events) {
  makeFolder(folder);
  const fs::path path = fs::absolute(folder).lexically_normal();
  FileLock lock = requireLock(path);
  if (fs::exists(path / "config.json")) {
    throw Exception(fmt::format(
        "{} already holds a run; choose another --out, or continue it with `barlow resume {}`.",
        path.string(),
        path.string()));
  }
  for (const char* name : {"metrics.jsonl", "events.jsonl", "run.json", "checkpoints"}) {
    setAside(path / name);
  }
  writeFileAtomically(path / "metrics.jsonl", metrics);
  writeFileAtomically(path / "events.jsonl", events);
  makeFolder(path / "checkpoints");
  writeFileAtomically(path / "run.json", recordJson(record));
  writeFileAtomically(path / "config.json",
                      toJson(config));  // last: its presence says that this is a run
  return RunFolder(std::unique_ptr<Impl>(new Impl{path,
                                                  config,
                                                  record,
                                                  std::move(lock),
                                                  AppendFile(path / "metrics.jsonl"),
                                                  AppendFile(path / "events.jsonl"),
                                                  WatchedFolder(path)}));
}

RunFolder RunFolder::open(const fs::path& folder) {
  if (!isRunFolder(folder)) {
    throw Exception(fmt::format("{} is no run: there is no config.json in it.", folder.string()));
  }
  const fs::path path = fs::absolute(folder).lexically_normal();
  FileLock lock = requireLock(path);
  RunConfig config = readRunConfig(path);
  RunRecord record = readRunRecord(path);
  dropTornTail(path / "metrics.jsonl");
  dropTornTail(path / "events.jsonl");
  return RunFolder(std::unique_ptr<Impl>(new Impl{path,
                                                  config,
                                                  record,
                                                  std::move(lock),
                                                  AppendFile(path / "metrics.jsonl"),
                                                  AppendFile(path / "events.jsonl"),
                                                  WatchedFolder(path)}));
}

const fs::path& RunFolder::path() const { return impl_->path; }
const RunConfig& RunFolder::config() const { return impl_->config; }
const RunRecord& RunFolder::record() const { return impl_->record; }

void RunFolder::updateConfig(const RunConfig& config) {
  requirePlace();
  writeFileAtomically(impl_->path / "config.json", toJson(config));
  impl_->config = config;
  impl_->known.reset();
}

void RunFolder::updateRecord(const RunRecord& record) {
  requirePlace();
  writeFileAtomically(impl_->path / "run.json", recordJson(record));
  impl_->record = record;
  impl_->known.reset();
}

void RunFolder::appendMetric(const MetricPoint& point) {
  impl_->metrics.appendLine(toJson(point, impl_->columns()));
}

void RunFolder::appendEvent(const SessionEvent& event) { impl_->events.appendLine(toJson(event)); }

void RunFolder::cutMetricsAfter(std::int64_t step) {
  const fs::path path = impl_->path / "metrics.jsonl";
  const std::string text = readFileText(path, kMaxMetricsBytes);
  std::string kept;
  const MetricSchema& columns = impl_->columns();
  for (const std::string& line : completeLines(text)) {
    const auto point = metricPointFromJson(line, columns);
    if (point && point->step <= step) {
      kept += line + "\n";
    }
  }
  if (kept != text) {
    writeFileAtomically(path, kept);
    impl_->metrics = AppendFile(path);  // the old descriptor belongs to the replaced file
  }
}

std::optional<ErrorInfo> RunFolder::problem() const {
  const std::string path = impl_->path.string();
  if (!impl_->place.isInPlace()) {
    const fs::path now = impl_->place.movedTo();
    return ErrorInfo{fmt::format("The run folder {} has vanished while it was trained ({}).",
                                 path,
                                 now.empty() ? "it was removed"
                                             : fmt::format("it was moved to {}", now.string())),
                     ""};
  }
  // A removal that met a write of ours leaves the folder and takes what makes it a run.
  std::error_code error;
  if (!fs::exists(impl_->path / "config.json", error) && !error) {
    return ErrorInfo{fmt::format("The run folder {} has vanished while it was trained (its "
                                 "config.json was removed).",
                                 path),
                     ""};
  }
  return std::nullopt;
}

void RunFolder::requirePlace() const {
  if (auto found = problem()) {
    throw Exception(*std::move(found));
  }
}

bool RunFolder::isLocked() const { return impl_->lock.keepsOthersAway(); }

void RunFolder::sync() {
  impl_->metrics.sync();
  impl_->events.sync();
}

bool isRunFolder(const fs::path& folder) {
  std::error_code ignored;  // an unreadable folder is no run
  return fs::is_regular_file(folder / "config.json", ignored);
}

RunConfig readRunConfig(const fs::path& folder) {
  const fs::path path = folder / "config.json";
  RunConfig config;
  const auto problems = applyJson(readFileText(path, kMaxConfigBytes), config);
  if (!problems.empty()) {
    throw Exception(fmt::format("{} cannot be used: {}{}{}.",
                                path.string(),
                                problems[0].key,
                                problems[0].key.empty() ? "" : ": ",
                                problems[0].message));
  }
  // Programs that knew one set of shapes called it so; since then a run names its edition.
  if (config.data.source == "shapes") {
    config.data.source = "shapes:1";
  }
  return config;
}

RunRecord readRunRecord(const fs::path& folder) { return parseRecord(folder / "run.json"); }

MetricSchema metricsOf(const RunRecord& record, const RunConfig& config) {
  return record.metrics ? *record.metrics : schemaOfOlderRuns(config);
}

std::vector<MetricPoint> readMetrics(const fs::path& folder) {
  std::vector<MetricPoint> points;
  const RunRecord record = readRunRecord(folder);
  const MetricSchema columns =
      record.metrics ? *record.metrics : schemaOfOlderRuns(readRunConfig(folder));
  for (const std::string& line :
       completeLines(readFileText(folder / "metrics.jsonl", kMaxMetricsBytes))) {
    if (auto point = metricPointFromJson(line, columns)) {
      points.push_back(*point);
    }
  }
  return points;
}

std::string newRunId() {
  std::string time = utcNow();  // 2026-01-31T12:00:00.000Z
  time = time.substr(0, 10) + "-" + time.substr(11, 2) + time.substr(14, 2) + time.substr(17, 2);
  std::random_device device;  // only to tell apart runs of the same second
  return fmt::format("{}-{:04x}", time, device() & 0xffff);
}

fs::path freePath(const fs::path& path) {
  fs::path free = path;
  std::error_code ignored;  // a name that cannot be looked at is tried, and fails with a reason
  for (int i = 2; fs::exists(fs::symlink_status(free, ignored)); ++i) {
    free = path.string() + fmt::format("-{}", i);
  }
  return free;
}

fs::path newRunFolder(const std::string& name) {
  constexpr std::size_t kMostCharacters = 80;  // file systems allow 255 bytes
  std::string safe;
  for (const char c : name.substr(0, kMostCharacters)) {
    safe += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  }
  return userDataFolder() / "runs" / (newRunId() + (safe.empty() ? "" : "-" + safe));
}

}  // namespace barlow
