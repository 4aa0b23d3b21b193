#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace barlow {

/// One slot between two threads, newest wins: for pictures, of which a slow viewer should see only
/// the last. Any thread may call any function; none blocks for longer than a pointer swap.
template <class T>
class LatestValue {
 public:
  void publish(std::shared_ptr<const T> value) {
    std::lock_guard lock(mutex_);
    value_.swap(value);  // the old value dies outside the lock, with the argument
  }
  /// The newest value since the last call, or null.
  std::shared_ptr<const T> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(value_, nullptr);
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace barlow
