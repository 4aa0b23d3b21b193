#pragma once

#include <functional>

namespace barlow {

/// Training time: the wall time of a run's steps, waits for data and device included, and nothing
/// that is held out of it (evaluation, checkpoints, pauses, preparing). One thread.
class TrainingClock {
 public:
  /// `now`: seconds of a clock that never goes back; a test gives its own.
  explicit TrainingClock(std::function<double()> now = steadySeconds) : now_(std::move(now)) {}

  /// Nothing where it is running, or stopped, already. It begins stopped.
  void start();
  void stop();
  double seconds() const { return elapsed_ + (isRunning_ ? now_() - since_ : 0.0); }

  /// Stopped while it lives.
  class Hold {
   public:
    explicit Hold(TrainingClock& clock) : clock_(clock), wasRunning_(clock.isRunning_) {
      clock_.stop();
    }
    ~Hold() {
      if (wasRunning_) {
        clock_.start();
      }
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    TrainingClock& clock_;
    bool wasRunning_;
  };

 private:
  static double steadySeconds();

  std::function<double()> now_;
  bool isRunning_ = false;
  double since_ = 0;
  double elapsed_ = 0;
};

}  // namespace barlow
