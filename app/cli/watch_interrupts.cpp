#include "app/cli/watch_interrupts.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace barlow::cli {

// A signal cannot notify, so it is looked for.
std::jthread watchInterrupts(const InterruptCounter& interrupts, std::stop_source& stop) {
  return std::jthread([&interrupts, &stop](const std::stop_token& isOver) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    while (!isOver.stop_requested()) {
      changed.wait_for(lock, isOver, std::chrono::milliseconds(100), [] { return false; });
      if (interrupts.count() > 0) {
        stop.request_stop();
      }
    }
  });
}

}  // namespace barlow::cli
