#pragma once

#include "core/base/console.h"
#include "core/studio/session.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

namespace barlow::cli {

/// Shows a session on standard error: one changing line on a terminal, a line every few seconds
/// elsewhere. Callbacks come from the training thread and only note what happened; run() prints
/// from the calling thread.
class Progress final : public SessionObserver {
 public:
  Progress(const InterruptCounter& interrupts, bool isQuiet);
  void onState(SessionState state) override;
  void onEvent(const SessionEvent& event) override;
  void onNews() override {}

  /// Shows `session` until it ends; asks it to stop on the first interrupt and to abort on the
  /// second, or on the first of a run that is held as it cannot be saved. A run whose folder has
  /// vanished is saved beside it. Returns what it ended with: the Finished or Failed event.
  SessionEvent run(Session& session);
  /// Whether an interrupt ended it.
  bool wasInterrupted() const { return interrupts_ > 0; }

 private:
  void showEvent(Session& session, const SessionEvent& event);
  void showHeld(Session& session, const SessionEvent& event);
  void showMetrics(Session& session, bool isLast);
  void line(const std::string& text);
  void obeyInterrupts(Session& session, int count);

  const InterruptCounter& counter_;
  const bool isQuiet_;
  const bool isTerminal_;
  int interrupts_ = 0;
  int holds_ = 0;  // how often a save of a held run failed
  bool hasOpenLine_ = false;
  std::int64_t shownStep_ = -1;
  std::chrono::steady_clock::time_point shownAt_{};
  std::chrono::steady_clock::time_point abortedAt_{};
  std::optional<MetricPoint> newest_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SessionEvent> events_;  // guarded by mutex_
};

}  // namespace barlow::cli
