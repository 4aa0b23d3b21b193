#pragma once

#include <functional>
#include <stop_token>
#include <string>

namespace barlow {

/// Milliseconds of one repetition; zeros when none was made.
struct Timing {
  double median = 0;
  double minimum = 0;
  int repetitions = 0;
};

/// At most `most` repetitions, and no more than `seconds` once there are three.
struct Repetitions {
  int warmUp = 2;
  int most = 25;
  double seconds = 4;
};
Timing timed(const Repetitions& repetitions,
             const std::stop_token& stop,
             const std::function<void()>& work);

/// What every benchmark is given. Internal to core/studio.
struct BenchmarkSetting {
  int threads = 1;
  std::string device = "cpu";  // of the step
  bool isShort = false;
  std::function<void(const std::string& json)> emit;
  std::stop_token stop;

  Repetitions repetitions(int most, double seconds) const {
    return isShort ? Repetitions{.warmUp = 0, .most = 1, .seconds = 0}
                   : Repetitions{.warmUp = 2, .most = most, .seconds = seconds};
  }
};

void benchmarkLoss(const BenchmarkSetting& setting);
void benchmarkStep(const BenchmarkSetting& setting);
void benchmarkAugment(const BenchmarkSetting& setting);
void benchmarkLoader(const BenchmarkSetting& setting);
void benchmarkProbe(const BenchmarkSetting& setting);

}  // namespace barlow
