#include "core/evaluation/knn_probe.h"

#include "core/base/check.h"
#include "core/base/parallel.h"
#include "core/base/rng.h"
#include "core/base/system.h"
#include "core/device/device_views.h"
#include "core/image/resize.h"

#include <torch/nn/functional/normalization.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <numeric>
#include <span>
#include <utility>

namespace barlow {
namespace {

constexpr std::size_t kBatch = 256;

// Evaluation mode while it lives: BatchNorm uses its running statistics and does not move them.
class EvalScope {
 public:
  explicit EvalScope(const Encoder& network)
      : network_(network), wasTraining_(network->isTraining()) {
    network_->train(false);
  }
  ~EvalScope() { network_->train(wasTraining_); }
  EvalScope(const EvalScope&) = delete;
  EvalScope& operator=(const EvalScope&) = delete;

 private:
  const Encoder network_;
  const bool wasTraining_;
};

// Evaluation views of some images, decoded by all cores: the training stands still meanwhile.
struct Views {
  torch::Tensor bytes;               // uint8 [n, side, side, 3]
  std::vector<std::int64_t> labels;  // [n]
};

Views viewsOf(const Dataset& dataset, std::span<const std::int64_t> indices, int side) {
  const auto most = static_cast<std::int64_t>(indices.size());
  const auto pixels = static_cast<std::int64_t>(side) * side * 3;
  const torch::Tensor bytes = torch::empty({most, side, side, 3}, torch::kUInt8);
  std::vector<char> isReadable(indices.size(), 0);
  std::atomic<std::size_t> next = 0;
  runOnThreads(usableCores(), "decode", [&] {
    for (std::size_t i = next++; i < indices.size(); i = next++) {
      if (const Result<RgbImage> image = dataset.image(indices[i])) {
        const RgbImage view = evaluationView(*image, side);
        std::copy(view.pixels.begin(),
                  view.pixels.end(),
                  bytes.data_ptr<std::uint8_t>() + static_cast<std::int64_t>(i) * pixels);
        isReadable[i] = 1;
      }
    }
  });
  Views views;
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (isReadable[i] != 0) {
      rows.push_back(static_cast<std::int64_t>(i));
      views.labels.push_back(dataset.label(indices[i]));
    }
  }
  const bool isWhole = rows.size() == indices.size();
  views.bytes = isWhole ? bytes : bytes.index_select(0, torch::tensor(rows, torch::kInt64));
  return views;
}

// The first `count` (0: all) of a permutation that stays the same over a run.
std::vector<std::int64_t> chosen(std::int64_t size,
                                 int count,
                                 std::int64_t seed,
                                 std::uint64_t which) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  if (count <= 0 || count >= size) {
    return order;
  }
  Rng rng = Rng::keyed(static_cast<std::uint64_t>(seed), {Rng::kProbe, which});
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    std::swap(order[i], order[i + rng.below(order.size() - i)]);
  }
  order.resize(static_cast<std::size_t>(count));
  return order;
}

}  // namespace

std::optional<Representations> represent(Encoder& network,
                                         const Dataset& dataset,
                                         const std::vector<std::int64_t>& indices,
                                         const DataParams& data,
                                         std::stop_token stop) {
  torch::NoGradGuard noGrad;
  const EvalScope eval(network);
  const torch::Device device = network->parameters().front().device();
  Representations result;
  const DeviceNormalize normalized(device, data.mean, data.std, torch::MemoryFormat::ChannelsLast);
  constexpr std::int64_t kMostOnDevice = 1 << 26;  // floats: 256 MB, several times over in the end
  const bool isLarge =
      static_cast<std::int64_t>(indices.size()) * network->features() > kMostOnDevice;
  const torch::Device home = isLarge ? torch::Device(torch::kCPU) : device;
  std::vector<torch::Tensor> parts;
  for (std::size_t begin = 0; begin < indices.size(); begin += kBatch) {
    if (stop.stop_requested()) {
      return std::nullopt;
    }
    const std::span<const std::int64_t> some(indices.data() + begin,
                                             std::min(kBatch, indices.size() - begin));
    const Views views = viewsOf(dataset, some, data.imageSize);
    if (!views.labels.empty()) {
      parts.push_back(
          network->represent(normalized(views.bytes.to(device))).to(home, torch::kFloat32));
      result.labels.insert(result.labels.end(), views.labels.begin(), views.labels.end());
    }
  }
  result.features =
      parts.empty() ? torch::empty({0, network->features()}, home) : torch::cat(parts);
  return result;
}

KnnAccuracy classifyByNeighbours(const Representations& bank,
                                 const Representations& queries,
                                 int classes,
                                 int k,
                                 double temperature) {
  torch::NoGradGuard noGrad;
  const std::int64_t n = queries.features.size(0);
  BARLOW_CHECK(bank.features.size(0) > 0 && n > 0 && classes > 0) << "kNN needs a bank and queries";
  const torch::Tensor unitBank = torch::nn::functional::normalize(bank.features);
  const torch::Tensor bankLabels = torch::tensor(bank.labels);
  const std::int64_t neighbours = std::min<std::int64_t>(k, unitBank.size(0));
  const std::int64_t best = std::min(5, classes);
  std::int64_t hits1 = 0;
  std::int64_t hits5 = 0;
  for (std::int64_t begin = 0; begin < n; begin += 1000) {
    const std::int64_t end = std::min(begin + 1000, n);
    const torch::Tensor unit = torch::nn::functional::normalize(
        queries.features.slice(0, begin, end).to(unitBank.device()));
    const auto nearest = torch::mm(unit, unitBank.t()).topk(neighbours);
    // The rest is little, and the same everywhere on the CPU.
    const torch::Tensor similarity = std::get<0>(nearest).to(torch::kCPU);
    const torch::Tensor index = std::get<1>(nearest).to(torch::kCPU);
    // Divided by the nearest one's weight, which changes no order: exp(1 / 0.01) overflows a float.
    const torch::Tensor weights =
        ((similarity - similarity.slice(1, 0, 1)).to(torch::kFloat64) / temperature).exp();
    const torch::Tensor classOf = bankLabels.index({index});  // [queries, neighbours]
    const torch::Tensor hasVote =
        torch::zeros({end - begin, classes}, torch::kBool).scatter_(1, classOf, true);
    // A weight can be too small for a double, and is a vote all the same: others rank behind.
    const torch::Tensor votes = torch::zeros({end - begin, classes}, torch::kFloat64)
                                    .scatter_add_(1, classOf, weights)
                                    .masked_fill_(hasVote.logical_not(), -1);
    // Stable: of equal votes the lower class wins, on every machine.
    const torch::Tensor ranked =
        std::get<1>(votes.sort(/*stable=*/true, /*dim=*/1, /*descending=*/true)).slice(1, 0, best);
    const torch::Tensor counts = hasVote.sum(1);  // classes with a vote, of each query
    for (std::int64_t i = 0; i < end - begin; ++i) {
      const auto* row = ranked[i].const_data_ptr<std::int64_t>();
      const auto* last = row + std::min(best, counts.const_data_ptr<std::int64_t>()[i]);
      const std::int64_t label = queries.labels[static_cast<std::size_t>(begin + i)];
      hits1 += row[0] == label ? 1 : 0;
      hits5 += std::find(row, last, label) != last ? 1 : 0;
    }
  }
  return {static_cast<double>(hits1) / static_cast<double>(n),
          static_cast<double>(hits5) / static_cast<double>(n)};
}

std::optional<EvaluationResult> knnProbe(Encoder& network,
                                         const Dataset& bank,
                                         const Dataset& queries,
                                         const RunConfig& config,
                                         std::stop_token stop) {
  const auto start = std::chrono::steady_clock::now();
  const EvaluateParams& params = config.evaluate;
  if (!bank.hasLabels() || !queries.hasLabels()) {
    return std::nullopt;
  }
  const auto bankFeatures = represent(
      network, bank, chosen(bank.size(), params.bank, config.run.seed, 0), config.data, stop);
  if (!bankFeatures || bankFeatures->labels.empty()) {
    return std::nullopt;
  }
  const auto queryFeatures = represent(network,
                                       queries,
                                       chosen(queries.size(), params.queries, config.run.seed, 1),
                                       config.data,
                                       stop);
  if (!queryFeatures || queryFeatures->labels.empty()) {
    return std::nullopt;
  }
  const KnnAccuracy accuracy = classifyByNeighbours(*bankFeatures,
                                                    *queryFeatures,
                                                    static_cast<int>(bank.classNames().size()),
                                                    params.k,
                                                    params.temperature);
  EvaluationResult result;
  result.k = static_cast<int>(std::min<std::int64_t>(params.k, bankFeatures->features.size(0)));
  result.temperature = params.temperature;
  result.bankSize = bankFeatures->features.size(0);
  result.queries = queryFeatures->features.size(0);
  result.top1 = accuracy.top1;
  result.top5 = accuracy.top5;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace barlow
