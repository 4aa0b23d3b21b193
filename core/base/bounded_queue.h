#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace barlow {

/// A blocking queue of at most `capacity` items between any number of threads.
/// close() wakes everyone: push then drops its item and returns false, pop drains what is left and
/// then returns nothing. So a stop never waits for a slow producer.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Blocks while full. False when closed.
  bool push(T item) {
    std::unique_lock lock(mutex_);
    hasRoom_.wait(lock, [&] { return isClosed_ || items_.size() < capacity_; });
    if (isClosed_) {
      return false;
    }
    items_.push_back(std::move(item));
    lock.unlock();
    hasItem_.notify_one();
    return true;
  }
  /// Blocks while empty and open.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    hasItem_.wait(lock, [&] { return isClosed_ || !items_.empty(); });
    if (items_.empty()) {
      return std::nullopt;
    }
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    hasRoom_.notify_one();
    return item;
  }
  void close() {
    {
      std::lock_guard lock(mutex_);
      isClosed_ = true;
    }
    hasItem_.notify_all();
    hasRoom_.notify_all();
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable hasItem_;
  std::condition_variable hasRoom_;
  std::deque<T> items_;  // guarded by mutex_
  bool isClosed_ = false;
};

}  // namespace barlow
