#include "core/base/job_control.h"

#include "core/base/check.h"
#include "core/base/system.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

namespace barlow {

bool forEachBand(std::int64_t count,
                 std::int64_t band,
                 const JobControl& control,
                 const std::function<void(std::int64_t, std::int64_t, int)>& work,
                 ProgressShare share) {
  BARLOW_CHECK(count >= 0 && band > 0) << count << " indices in bands of " << band;
  std::atomic<std::int64_t> next{0};
  std::atomic<std::int64_t> done{0};
  std::atomic<bool> hasFailed{false};
  std::exception_ptr errors[2];
  const auto drain = [&](int worker) {
    try {
      while (!hasFailed && !control.stop.stop_requested()) {
        const std::int64_t first = next.fetch_add(band);
        if (first >= count) {
          return;
        }
        const std::int64_t last = std::min(count, first + band);
        work(first, last, worker);
        const std::int64_t finished = done.fetch_add(last - first) + last - first;
        if (worker == 0 && control.progress) {
          control.progress(share.from + (share.to - share.from) * static_cast<double>(finished) /
                                            static_cast<double>(count));
        }
      }
    } catch (...) {
      errors[worker] = std::current_exception();
      hasFailed = true;
    }
  };
  {
    std::jthread helper;
    if (control.threads > 1 && count > band) {
      helper = std::jthread([&] {
        nameThread("helper");
        if (control.yields) {
          lowerThreadPriority();
        }
        drain(1);
      });
    }
    drain(0);
  }
  for (const std::exception_ptr& error : errors) {
    if (error) {
      std::rethrow_exception(error);
    }
  }
  return done == count;
}

}  // namespace barlow
