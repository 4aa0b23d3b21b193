#include "core/recording/run_journal.h"

#include <fmt/format.h>

namespace barlow {
namespace {

std::string logText(const SessionEvent& event) {
  if (event.evaluation) {
    return fmt::format("step {}: kNN top-1 {:.2f} %, top-5 {:.2f} % ({} queries, bank {})",
                       event.step,
                       100 * event.evaluation->top1,
                       100 * event.evaluation->top5,
                       event.evaluation->queries,
                       event.evaluation->bankSize);
  }
  std::string text = fmt::format("step {}: {}", event.step, toText(event.kind));
  for (const std::string& part :
       {event.text, event.path, event.error.message, event.error.detail}) {
    if (!part.empty()) {
      text += ": " + part;
    }
  }
  return text;
}

}  // namespace

RunJournal::RunJournal(RunFolder folder, Warn warn)
    : folder_(std::move(folder)), warn_(std::move(warn)) {
  openLog();
}

void RunJournal::openLog() {
  log_.emplace(Log::Options{.file = folder_.path() / "log.txt", .listener = {}});
}

void RunJournal::moveTo(const std::filesystem::path& folder) {
  folder_ = folder_.copyTo(folder);
  openLog();
}

void RunJournal::writeWaiting() {
  std::size_t written = 0;
  try {
    for (; written < waiting_.size(); ++written) {
      folder_.appendMetric(waiting_[written]);
    }
    isFailing_ = false;
  } catch (const Exception& error) {
    if (!isFailing_) {
      isFailing_ = true;
      warn_({error.info().message +
                 " Training goes on; rows are kept and written once there is room.",
             error.info().detail});
    }
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(written));
}

void RunJournal::metric(const MetricPoint& point) {
  waiting_.push_back(point);
  writeWaiting();
}

void RunJournal::event(const SessionEvent& event) {
  const bool isBad = event.kind == EventKind::Warning || event.kind == EventKind::Failed;
  log_->write(isBad ? LogLevel::Warning : LogLevel::Info, logText(event));
  try {
    folder_.appendEvent(event);
  } catch (const Exception& error) {
    if (!isFailing_) {
      isFailing_ = true;
      warn_(error.info());
    }
  }
}

void RunJournal::record(const RunRecord& record) {
  try {
    folder_.updateRecord(record);
  } catch (const Exception& error) {
    if (!isFailing_) {
      isFailing_ = true;
      warn_(error.info());
    }
  }
}

void RunJournal::flush() {
  for (; !waiting_.empty(); waiting_.erase(waiting_.begin())) {
    folder_.appendMetric(waiting_.front());
  }
  folder_.sync();
}

}  // namespace barlow
