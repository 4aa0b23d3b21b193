#include "core/base/parallel.h"

#include "core/base/system.h"

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace barlow {

void runOnThreads(int threads, const char* name, const std::function<void()>& work) {
  std::mutex mutex;
  std::exception_ptr failure;  // guarded by mutex
  {
    std::vector<std::jthread> running;
    for (int i = 0; i < threads || i == 0; ++i) {
      running.emplace_back([&] {
        nameThread(name);
        try {
          work();
        } catch (...) {  // a thread entry: thrown below
          const std::lock_guard lock(mutex);
          if (!failure) {
            failure = std::current_exception();
          }
        }
      });
    }
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace barlow
