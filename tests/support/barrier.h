#pragma once

#include <condition_variable>
#include <mutex>

namespace barlow {

/// Two parties take turns: one waits in arrive() until the other lets it pass. Steps a thread under
/// test without sleeping.
class Gate {
 public:
  /// Called by the stepped thread: blocks until allow() was called once more, or open() for good.
  void arrive() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return isOpen_ || allowed_ >= arrived_; });
  }
  /// Lets the stepped thread pass once.
  void allow() {
    std::lock_guard lock(mutex_);
    ++allowed_;
    changed_.notify_all();
  }
  /// Lets it pass from now on.
  void open() {
    std::lock_guard lock(mutex_);
    isOpen_ = true;
    changed_.notify_all();
  }
  /// Blocks until the stepped thread has arrived `count` times in all.
  void waitForArrival(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  int allowed_ = 0;
  bool isOpen_ = false;
};

}  // namespace barlow
