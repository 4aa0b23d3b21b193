#include "core/training/estimate.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace barlow {
namespace {

// Counts one convolution + BatchNorm (+ ReLU) after the other.
struct Counter {
  NetworkCost cost;
  std::int64_t side;

  void conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
    side = (side + stride - 1) / stride;
    const std::int64_t pixels = side * side;
    cost.parameters += in * out * kernel * kernel + 2 * out;  // BatchNorm: weight and bias
    // The convolution's output is BatchNorm's saved input; ReLU works in place and its output is
    // the next input.
    cost.activations += 2 * out * pixels;
    cost.multiplyAdds += static_cast<double>(in * out * kernel * kernel * pixels);
  }
  void shortcut(std::int64_t in, std::int64_t out, std::int64_t inSide) {
    const std::int64_t stride = inSide / side > 1 ? 2 : 1;
    const std::int64_t after = side;
    side = inSide;
    conv(in, out, 1, stride);
    side = after;
  }
};

void countResNet(Counter& counter, const ModelParams& model) {
  const bool isBottleneck = model.backbone == Backbone::ResNet50;
  const std::array<int, 4> blocks = model.backbone == Backbone::ResNet18
                                        ? std::array<int, 4>{2, 2, 2, 2}
                                        : std::array<int, 4>{3, 4, 6, 3};
  const std::int64_t expansion = isBottleneck ? 4 : 1;
  std::int64_t in = model.width;
  if (model.stem == Stem::Cifar) {
    counter.conv(3, model.width, 3, 1);
  } else {
    counter.conv(3, model.width, 7, 2);
    counter.side = (counter.side + 1) / 2;  // max-pool
    counter.cost.activations +=
        3 * model.width * counter.side * counter.side;  // output and 64-bit indices
  }
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t planes = static_cast<std::int64_t>(model.width) << stage;
    for (int block = 0; block < blocks[static_cast<std::size_t>(stage)]; ++block) {
      const std::int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      const std::int64_t inSide = counter.side;
      if (isBottleneck) {
        counter.conv(in, planes, 1, 1);
        counter.conv(planes, planes, 3, stride);
        counter.conv(planes, planes * expansion, 1, 1);
      } else {
        counter.conv(in, planes, 3, stride);
        counter.conv(planes, planes, 3, 1);
      }
      if (stride != 1 || in != planes * expansion) {
        counter.shortcut(in, planes * expansion, inSide);
      }
      in = planes * expansion;
    }
  }
}

void countTiny(Counter& counter, const ModelParams& model) {
  std::int64_t in = 3;
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t out = static_cast<std::int64_t>(model.width) << stage;
    counter.conv(in, out, 3, 2);
    in = out;
  }
}

std::int64_t featuresOf(const ModelParams& model) {
  return static_cast<std::int64_t>(model.width) * 8 *
         (model.backbone == Backbone::ResNet50 ? 4 : 1);
}

std::uint64_t memoryFor(const RunConfig& config, const NetworkCost& cost, std::int64_t batch) {
  constexpr std::uint64_t kProgram = 350ull
                                     << 20;  // LibTorch's libraries and thread pools, measured
  const bool isAdam =
      config.optim.name == OptimizerName::Adam || config.optim.name == OptimizerName::AdamW;
  const auto n = static_cast<std::uint64_t>(batch);
  const auto dimensions = static_cast<std::uint64_t>(config.model.projector.back());
  const auto pixels = static_cast<std::uint64_t>(config.data.imageSize) *
                      static_cast<std::uint64_t>(config.data.imageSize);
  // Weights, gradients, optimiser state, and one copy while a checkpoint is written.
  const std::uint64_t weights = static_cast<std::uint64_t>(cost.parameters) * 4 * (isAdam ? 5 : 4);
  // Both views stay until the backward pass, but for micro-batches, of which one goes through at a
  // time; gradients of the widest layers and oneDNN's buffers add about a third.
  const auto micro = static_cast<std::uint64_t>(config.run.microBatchSize);
  const std::uint64_t images = micro > 0 ? std::min(micro, n) : 2 * n;
  const std::uint64_t activations =
      static_cast<std::uint64_t>(cost.activations) * 4 * images * 4 / 3;
  // Direct form: C, its square and its gradient. Gram form: N x N, negligible beside.
  const std::uint64_t matrix =
      dimensions * 3 > n * 4 ? 8 * n * dimensions * 4 : 4 * dimensions * dimensions * 4;
  const std::uint64_t batches = 4 * 2 * n * pixels * 3 * 4;  // the loader's, and the one in use
  return kProgram + weights + activations + matrix + batches;
}

// Data sets that are kept decoded: CIFAR's records, with the test split a fifth beside.
std::uint64_t residentDataBytes(const DataParams& data, std::int64_t images) {
  const bool isKept = data.source.starts_with("cifar") || data.source == "shapes";
  return isKept ? static_cast<std::uint64_t>(images) * 3072 / 5 * 6 : 0;
}

}  // namespace

NetworkCost networkCost(const ModelParams& model, int imageSize) {
  Counter counter{.cost = {}, .side = imageSize};
  if (model.backbone == Backbone::Tiny) {
    countTiny(counter, model);
  } else {
    countResNet(counter, model);
  }
  std::int64_t in = featuresOf(model);
  for (std::size_t layer = 0; layer < model.projector.size(); ++layer) {
    const std::int64_t out = model.projector[layer];
    const bool isLast = layer + 1 == model.projector.size();
    const bool hasNorm = !isLast || model.projectorLastNorm;
    counter.cost.parameters += in * out + (hasNorm ? 2 * out : 0) + (model.projectorBias ? out : 0);
    counter.cost.activations += hasNorm ? 2 * out : out;
    counter.cost.multiplyAdds += static_cast<double>(in * out);
    in = out;
  }
  return counter.cost;
}

ResourceEstimate estimateResources(const RunConfig& config,
                                   std::int64_t images,
                                   std::uint64_t availableBytes,
                                   double multiplyAddsPerSecond) {
  const NetworkCost cost = networkCost(config.model, config.data.imageSize);
  ResourceEstimate estimate;
  estimate.availableBytes = availableBytes;
  const std::uint64_t resident = residentDataBytes(config.data, images);
  estimate.memoryBytes = resident + memoryFor(config, cost, config.run.batchSize);
  const bool isAdam =
      config.optim.name == OptimizerName::Adam || config.optim.name == OptimizerName::AdamW;
  estimate.checkpointBytes =
      static_cast<std::uint64_t>(cost.parameters) * 4 * (isAdam ? 3 : 2) + (1u << 20);
  if (multiplyAddsPerSecond > 0) {
    // Two views, forward and twice as much backward; convolutions with what stands between reach
    // 0.3 of a large matrix product.
    const double perPair = cost.multiplyAdds * 2 * 3 / (0.3 * multiplyAddsPerSecond);
    estimate.secondsPerEpoch = perPair * static_cast<double>(images);
  }
  if (availableBytes == 0 || estimate.memoryBytes <= availableBytes / 10 * 9) {
    return estimate;
  }
  std::int64_t batch = config.run.batchSize / 2;
  while (batch >= 2 && resident + memoryFor(config, cost, batch) > availableBytes / 10 * 9) {
    batch /= 2;
  }
  estimate.proposal = batch >= 2
                          ? fmt::format("run.batch_size={} would need about {}",
                                        batch,
                                        formatBytes(resident + memoryFor(config, cost, batch)))
                          : "no batch fits: use a smaller backbone (model.backbone, "
                            "model.width), projector or data.image_size";
  return estimate;
}

double measureMultiplyAddsPerSecond() {
  using Clock = std::chrono::steady_clock;
  torch::NoGradGuard noGrad;
  // One thread, and the fastest of many products: what else the machine does at the moment is not
  // what it can do. The count belongs to the calling thread and is put back.
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const torch::Tensor a = torch::ones({384, 384});
  torch::Tensor product = torch::mm(a, a);
  const auto start = Clock::now();
  double fastest = std::numeric_limits<double>::infinity();
  for (auto before = start; before - start < std::chrono::milliseconds(50);) {
    torch::mm_out(product, a, a);
    const auto now = Clock::now();
    fastest = std::min(fastest, std::chrono::duration<double>(now - before).count());
    before = now;
  }
  at::set_num_threads(threads);
  return threads * 384.0 * 384.0 * 384.0 / fastest;
}

}  // namespace barlow
