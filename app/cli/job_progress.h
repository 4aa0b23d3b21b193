#pragma once

#include "app/cli/commands.h"
#include "core/base/console.h"
#include "core/base/job_control.h"

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace barlow::cli {

/// Shows a long computation on standard error, a line every few seconds, and ends it at an
/// interrupt.
class JobProgress {
 public:
  explicit JobProgress(const Output& output);
  /// Both refer to this object.
  JobControl control();
  std::function<void(const std::string&)> tell();

 private:
  void show(double share);

  const bool isQuiet_;
  std::string stage_;
  std::chrono::steady_clock::time_point shownAt_;
  InterruptCounter interrupts_;
  std::stop_source stop_;
  std::jthread watch_;  // last: it ends first
};

}  // namespace barlow::cli
