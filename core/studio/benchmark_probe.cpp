#include "core/base/system.h"
#include "core/evaluation/knn_probe.h"
#include "core/evaluation/logistic_regression.h"
#include "core/studio/benchmark_parts.h"
#include "core/torch.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

namespace barlow {
namespace {

using torch::Tensor;

// Ten overlapping classes in d dimensions, as app/bench/compare_probes.py makes them.
Representations clusters(std::int64_t n, std::int64_t d, std::uint64_t seed) {
  const Tensor centers = torch::randn({10, d}, at::detail::createCPUGenerator(1), torch::kFloat32);
  const Tensor labels = torch::arange(n) % 10;
  Representations made;
  made.features = torch::randn({n, d}, at::detail::createCPUGenerator(seed), torch::kFloat32);
  made.features.mul_(4).add_(centers.index_select(0, labels)).relu_();
  made.labels.assign(labels.const_data_ptr<std::int64_t>(),
                     labels.const_data_ptr<std::int64_t>() + n);
  return made;
}

double megabytesSince(std::uint64_t before) {
  const std::uint64_t peak = peakResidentBytes();
  return peak > before ? static_cast<double>(peak - before) / (1 << 20) : 0;
}

}  // namespace

void benchmarkProbe(const BenchmarkSetting& setting) {
  const std::int64_t n = setting.isShort ? 10'000 : 50'000;
  constexpr std::int64_t kWidth = 512;
  const Representations bank = clusters(n, kWidth, 2);
  const Representations queries = clusters(n / 5, kWidth, 3);
  std::uint64_t before = residentBytes();
  resetPeakResidentBytes();
  double top1 = 0;
  const Timing knn = timed(setting.repetitions(5, 20), setting.stop, [&] {
    top1 = accuracyOf(classifyByNeighbours(bank, queries.features, 10, {}), queries.labels).top1;
  });
  setting.emit(fmt::format(
      R"({{"bench":"knn","bank":{},"queries":{},"d":{},"k":200,"top1":{},"ms_median":{:.1f},"ms_min":{:.1f},"reps":{},"threads":{},"extra_mb":{:.1f}}})",
      n,
      n / 5,
      kWidth,
      top1,
      knn.median,
      knn.minimum,
      knn.repetitions,
      setting.threads,
      megabytesSince(before)));
  before = residentBytes();
  resetPeakResidentBytes();
  LogisticFit fit;
  const Timing linear = timed(setting.repetitions(5, 20), setting.stop, [&] {
    fit = *fitLogistic(
        bank.features, bank.labels, {.classes = 10, .l2 = 1.0 / static_cast<double>(n)});
  });
  top1 = fit.iterations > 0
             ? accuracyOf(rankedByHead(fit.head, queries.features), queries.labels).top1
             : 0;
  setting.emit(fmt::format(
      R"({{"bench":"linear","n":{},"d":{},"classes":10,"iterations":{},"top1":{},"ms_median":{:.1f},"ms_min":{:.1f},"reps":{},"threads":{},"extra_mb":{:.1f}}})",
      n,
      kWidth,
      fit.iterations,
      top1,
      linear.median,
      linear.minimum,
      linear.repetitions,
      setting.threads,
      megabytesSince(before)));
}

}  // namespace barlow
