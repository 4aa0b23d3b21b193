#pragma once

#include "core/base/job_control.h"
#include "core/base/system.h"

#include <QString>
#include <QThreadPool>

#include <atomic>
#include <mutex>
#include <string>
#include <utility>

namespace barlow::ui {

/// How far a job is, written by its thread and looked at by the window's.
class JobWatch {
 public:
  void setShare(double share) { share_ = share; }
  double share() const { return share_; }
  void setLine(const std::string& line) {
    const std::lock_guard lock(mutex_);
    line_ = line;
  }
  QString line() const {
    const std::lock_guard lock(mutex_);
    return QString::fromStdString(line_);
  }

 private:
  std::atomic<double> share_ = 0;
  mutable std::mutex mutex_;
  std::string line_;  // guarded by mutex_
};

/// A thread for work that takes long, and one of low priority for the same beside a training. They
/// end, once their job has been told to stop, before this is gone.
class WorkThreads {
 public:
  WorkThreads() {
    plain_.setMaxThreadCount(1);
    yielding_.setMaxThreadCount(1);
  }
  QThreadPool& of(bool yields) { return yields ? yielding_ : plain_; }
  /// How work on that thread is controlled.
  static JobControl control(std::stop_token stop, bool yields, JobWatch* watch) {
    if (yields) {
      lowerThreadPriority();
    }
    return {.stop = std::move(stop),
            .progress = [watch](double share) { watch->setShare(share); },
            .yields = yields};
  }

 private:
  QThreadPool plain_;
  QThreadPool yielding_;
};

}  // namespace barlow::ui
