#include "core/studio/benchmark.h"

#include "core/base/error.h"
#include "core/device/compute_device.h"
#include "core/studio/benchmark_parts.h"
#include "core/torch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace barlow {

Timing timed(const Repetitions& repetitions,
             const std::stop_token& stop,
             const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  for (int i = 0; i < repetitions.warmUp && !stop.stop_requested(); ++i) {
    work();
  }
  std::vector<double> milliseconds;
  const auto begin = Clock::now();
  while (!stop.stop_requested() && static_cast<int>(milliseconds.size()) < repetitions.most) {
    const auto start = Clock::now();
    work();
    const auto now = Clock::now();
    milliseconds.push_back(std::chrono::duration<double, std::milli>(now - start).count());
    const double seconds = std::chrono::duration<double>(now - begin).count();
    if (seconds > repetitions.seconds && static_cast<int>(milliseconds.size()) >= 3) {
      break;
    }
  }
  if (milliseconds.empty()) {
    return {};
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  return {.median = milliseconds[milliseconds.size() / 2],
          .minimum = milliseconds.front(),
          .repetitions = static_cast<int>(milliseconds.size())};
}

const std::vector<std::string>& benchmarkNames() {
  static const std::vector<std::string> kNames = {"loss", "step", "augment", "loader", "probe"};
  return kNames;
}

void runBenchmarks(const BenchmarkRequest& request,
                   const std::function<void(const std::string& json)>& emit,
                   std::stop_token stop) {
  BenchmarkSetting setting{.threads = resolveThreads(request.threads),
                           .device = resolveDevice(request.device).device.str(),
                           .isShort = request.isShort,
                           .emit = emit,
                           .stop = stop};
  at::set_num_threads(setting.threads);
  for (const std::string& name : request.names) {
    if (name == "loss") {
      benchmarkLoss(setting);
    } else if (name == "step") {
      benchmarkStep(setting);
    } else if (name == "augment") {
      benchmarkAugment(setting);
    } else if (name == "loader") {
      benchmarkLoader(setting);
    } else if (name == "probe") {
      benchmarkProbe(setting);
    } else {
      throw Exception(fmt::format("There is no benchmark '{}'.", name));
    }
  }
}

}  // namespace barlow
