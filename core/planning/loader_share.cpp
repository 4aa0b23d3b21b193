#include "core/planning/loader_share.h"

#include "core/base/error.h"
#include "core/loader/sample_maker.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace barlow {

double secondsPerPair(const std::shared_ptr<const Dataset>& dataset, const RunConfig& config) {
  constexpr std::int64_t kImages = 9;
  ViewBatch batch;
  batch.indices.resize(1);
  for (std::size_t view = 0; view < config.augment.views(); ++view) {
    const int side = config.augment.side(view, config.data.imageSize);
    batch.views.push_back({.side = side,
                           .pixels = std::vector<float>(viewNumbers(side)),
                           .plans = std::vector<ViewPlan>(1)});
  }
  const SampleMaker maker(dataset, config);
  const std::int64_t count = std::min(kImages, dataset->size());
  std::vector<double> seconds;
  for (std::int64_t i = 0; i < count; ++i) {
    std::vector<SampleProblem> problems;
    const auto start = std::chrono::steady_clock::now();
    try {
      maker.fillRow(batch, 0, i * (dataset->size() / count), problems);
    } catch (const Exception&) {
      return 0;  // no image can be read: training says so, with the reasons
    }
    if (problems.empty()) {
      seconds.push_back(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  }
  if (seconds.empty()) {
    return 0;
  }
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  return *middle;
}

int loaderShare(double secondsPerPair, double stepSeconds, int batchSize, int cores) {
  if (secondsPerPair <= 0 || stepSeconds <= 0) {
    return std::max(1, cores);
  }
  const double needed = 1.25 * secondsPerPair * batchSize / stepSeconds;
  return static_cast<int>(
      std::clamp(std::ceil(needed), 1.0, static_cast<double>(std::max(1, cores))));
}

}  // namespace barlow
