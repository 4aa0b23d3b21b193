#include "core/step/work_timer.h"

#include <ATen/DeviceAccelerator.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace barlow {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kHopeless = 4;  // times the limit

double secondsOf(const std::function<void()>& work, const std::function<void()>& wait, int calls) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  for (int i = 0; i < calls; ++i) {
    work();
  }
  wait();
  return std::chrono::duration<double>(Clock::now() - start).count() / calls;
}

double fastestOnCpu(const std::function<void()>& work, int repetitions, double limit) {
  double fastest = kNever;
  for (int i = 0; i <= repetitions; ++i) {
    const double seconds = secondsOf(
        work, [] {}, 1);
    if (seconds > kHopeless * limit) {
      return kNever;
    }
    fastest = i == 0 ? fastest : std::min(fastest, seconds);
  }
  return fastest;
}

}  // namespace

double fastestQueuedTime(const std::function<void()>& work,
                         const std::function<void()>& wait,
                         int repetitions,
                         double limit) {
  constexpr int kWarmUp = 3;
  constexpr double kWindow = 0.15;  // seconds between two waits
  double last = 0;
  for (int i = 0; i < kWarmUp; ++i) {
    last = secondsOf(work, wait, 1);
  }
  const int calls = static_cast<int>(std::clamp(kWindow / std::max(last, 1e-4), 2.0, 50.0));
  double fastest = kNever;
  for (int i = 0; i < repetitions; ++i) {
    fastest = std::min(fastest, secondsOf(work, wait, calls));
    if (i > 0 && fastest > kHopeless * limit) {
      return kNever;
    }
  }
  return fastest;
}

double fastestTime(const torch::Device& device,
                   const std::function<void()>& work,
                   int repetitions,
                   double limit) {
  if (device.is_cpu()) {
    return fastestOnCpu(work, repetitions, limit);
  }
  const auto wait = [&] { at::accelerator::synchronizeDevice(device.index()); };
  return fastestQueuedTime(work, wait, repetitions, limit);
}

}  // namespace barlow
