#include "core/params/advice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace barlow {
namespace {

// Batch and rate. The authors measured from 128 on, and expect about 1.0 for 64.
constexpr std::array<std::pair<double, double>, 7> kTable = {
    {{64, 1.0}, {128, 0.7}, {256, 0.4}, {512, 0.3}, {1024, 0.25}, {2048, 0.2}, {4096, 0.2}}};

double withTwoDigits(double value) {
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1);
  return std::round(value / unit) * unit;
}

}  // namespace

double authorsLearningRate(std::int64_t batchSize) {
  const double batch = std::clamp(static_cast<double>(std::max<std::int64_t>(batchSize, 1)),
                                  kTable.front().first,
                                  kTable.back().first);
  std::size_t i = 1;
  while (kTable[i].first < batch) {
    ++i;
  }
  const auto& [lowBatch, lowRate] = kTable[i - 1];
  const auto& [highBatch, highRate] = kTable[i];
  const double along = std::log(batch / lowBatch) / std::log(highBatch / lowBatch);
  return withTwoDigits(std::exp(std::lerp(std::log(lowRate), std::log(highRate), along)));
}

std::optional<double> suggestedLearningRate(const RunConfig& config) {
  if (config.objective.name != ObjectiveName::BarlowTwins ||
      config.optim.name != OptimizerName::Lars || config.optim.larsClip) {
    return std::nullopt;
  }
  const double rate = authorsLearningRate(config.run.batchSize);
  const bool isNear = std::abs(config.optim.baseLearningRate - rate) <= 0.1 * rate + 1e-12;
  return isNear ? std::nullopt : std::optional(rate);
}

std::optional<int> suggestedWarmupEpochs(const RunConfig& config) {
  return 2 * config.optim.warmupEpochs > config.run.epochs && config.optim.warmupEpochs > 0
             ? std::optional(config.run.epochs / 10)
             : std::nullopt;
}

}  // namespace barlow
