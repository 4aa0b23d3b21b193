#include "core/training/training_clock.h"

#include <chrono>

namespace barlow {

void TrainingClock::start() {
  if (!isRunning_) {
    since_ = now_();
    isRunning_ = true;
  }
}

void TrainingClock::stop() {
  elapsed_ = seconds();
  isRunning_ = false;
}

double TrainingClock::steadySeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace barlow
