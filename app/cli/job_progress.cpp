#include "app/cli/job_progress.h"

#include "app/cli/say.h"
#include "app/cli/watch_interrupts.h"
#include "core/base/text.h"

namespace barlow::cli {

JobProgress::JobProgress(const Output& output)
    : isQuiet_(output.isQuiet),
      shownAt_(std::chrono::steady_clock::now()),
      watch_(watchInterrupts(interrupts_, stop_)) {}

JobControl JobProgress::control() {
  return {.stop = stop_.get_token(), .progress = [this](double share) { show(share); }};
}

std::function<void(const std::string&)> JobProgress::tell() {
  return [this](const std::string& line) {
    stage_ = plainLine(line);
    if (!isQuiet_) {
      say("{}\n", stage_);
    }
  };
}

void JobProgress::show(double share) {
  const auto now = std::chrono::steady_clock::now();
  if (!isQuiet_ && now - shownAt_ > std::chrono::seconds(3)) {
    shownAt_ = now;
    say("{:.0f} %: {}\n", 100 * share, stage_);
  }
}

}  // namespace barlow::cli
