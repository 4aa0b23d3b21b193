#include "core/planning/estimate.h"

#include "core/base/system.h"
#include "core/base/text.h"
#include "core/device/compute_device.h"
#include "core/params/config_io.h"
#include "core/torch.h"

#include <fmt/format.h>

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

constexpr std::uint64_t kMega = 1ull << 20;

bool isAdam(const RunConfig& config) {
  return config.optim.name == OptimizerName::Adam || config.optim.name == OptimizerName::AdamW;
}

// Numbers that the objective keeps to itself: with a momentum network, the network's once more.
double objectiveNumbers(const RunConfig& config, const NetworkCost& cost, std::int64_t images) {
  const ObjectiveSizes sizes = objectiveSizes(config, images);
  const double momentum = config.objective.info().hasMomentumEncoder ? 1.0 : 0.0;
  return momentum * static_cast<double>(cost.parameters) +
         config.objective.withChosen([&](const auto& own) { return own.stateNumbers(sizes); });
}

std::uint64_t weightBytes(const RunConfig& config, const NetworkCost& cost, std::int64_t images) {
  // Weights, gradients, optimiser state, and one copy while a checkpoint is written.
  const ObjectiveSizes sizes = objectiveSizes(config, images);
  const double own =
      objectiveNumbers(config, cost, images) +
      config.objective.withChosen([&](const auto& chosen) { return chosen.workNumbers(sizes); });
  return static_cast<std::uint64_t>(cost.parameters) * 4 * (isAdam(config) ? 5 : 4) +
         static_cast<std::uint64_t>(4 * own);
}

// Pixels of all views of an image, in units of a whole-image view's.
double viewsOf(const RunConfig& config) {
  const double share = static_cast<double>(config.augment.smallCropSize) / config.data.imageSize;
  return 2 + config.augment.smallCrops * share * share;
}

// Images whose activations are kept at a time: all views stay until the backward pass, but for
// micro-batches, of which one goes through at a time.
std::uint64_t keptImages(const RunConfig& config, std::int64_t batch) {
  const auto n = static_cast<std::uint64_t>(batch);
  const auto micro = static_cast<std::uint64_t>(config.run.microBatchSize);
  return micro > 0 ? std::min(micro, n)
                   : static_cast<std::uint64_t>(viewsOf(config) * static_cast<double>(n));
}

// Of the loss. Direct form: C, its square and its gradient. Gram form: N x N, negligible beside.
std::uint64_t matrixBytes(const RunConfig& config, std::int64_t batch) {
  const auto n = static_cast<std::uint64_t>(batch);
  const auto dimensions = static_cast<std::uint64_t>(config.model.projector.back());
  return dimensions * 3 > n * 4 ? 8 * n * dimensions * 4 : 4 * dimensions * dimensions * 4;
}

// A batch in all its views.
std::uint64_t batchBytes(const RunConfig& config, std::int64_t batch) {
  const auto side = static_cast<double>(config.data.imageSize);
  return static_cast<std::uint64_t>(viewsOf(config) * static_cast<double>(batch) * side * side * 3 *
                                    4);
}

std::uint64_t cpuBytes(const RunConfig& config,
                       const NetworkCost& cost,
                       std::uint64_t weights,
                       std::int64_t batch) {
  constexpr std::uint64_t kProgram = 350 * kMega;  // LibTorch's libraries and threads, measured
  constexpr std::uint64_t kBatches = 4;            // the loader's, and the one in use
  // Gradients of the widest layers and oneDNN's buffers add about a third.
  const std::uint64_t activations =
      static_cast<std::uint64_t>(cost.activations) * 4 * keptImages(config, batch) * 4 / 3;
  return kProgram + weights + activations + matrixBytes(config, batch) +
         kBatches * batchBytes(config, batch);
}

std::uint64_t acceleratorBytes(const RunConfig& config,
                               const NetworkCost& cost,
                               std::uint64_t weights,
                               std::int64_t batch,
                               Precision precision) {
  constexpr std::uint64_t kWork = 1500 * kMega;  // of cuDNN and cuBLAS; a guess
  constexpr std::uint64_t kBatches = 3;          // in use, on its way, and what distorting takes
  const bool isShort = precision == Precision::Bf16 || precision == Precision::Auto;
  const std::uint64_t activations =
      static_cast<std::uint64_t>(cost.activations) * (isShort ? 2 : 4) * keptImages(config, batch);
  return kWork + weights + activations + matrixBytes(config, batch) +
         kBatches * batchBytes(config, batch);
}

// Of the machine's memory while an accelerator trains.
std::uint64_t hostBytesBeside(const RunConfig& config, std::uint64_t weights) {
  constexpr std::uint64_t kProgram = 2500 * kMega;  // LibTorch's CUDA libraries; a guess
  constexpr std::uint64_t kBatches = 5;  // page-locked, on their way, and the loader's own
  const std::uint64_t batches = config.run.deviceViews == DeviceViews::On
                                    ? 0
                                    : kBatches * batchBytes(config, config.run.batchSize);
  return kProgram + weights + batches;
}

// Data sets that are kept decoded: CIFAR's records, with the test split a fifth beside.
std::uint64_t residentDataBytes(const DataParams& data, std::int64_t images) {
  const bool isKept = data.source.starts_with("cifar") || isGenerated(data.source);
  return isKept ? static_cast<std::uint64_t>(images) * 3072 / 5 * 6 : 0;
}

// On the device of `place`, for a batch. Small images that are kept decoded lie on an accelerator
// as well as in the machine's memory, where they may be distorted there.
std::uint64_t deviceBytes(const RunConfig& config,
                          const NetworkCost& cost,
                          const RunPlace& place,
                          std::uint64_t weights,
                          std::uint64_t resident,
                          std::int64_t batch) {
  if (!place.isAccelerator) {
    return resident + cpuBytes(config, cost, weights, batch);
  }
  return (config.run.deviceViews == DeviceViews::Off ? 0 : resident) +
         acceleratorBytes(config, cost, weights, batch, place.precision);
}

bool hasRoom(std::uint64_t bytes, std::uint64_t available) {
  return available == 0 || bytes <= available / 10 * 9;
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

RunPlace placeOf(const torch::Device& device, Precision precision) {
  return {.isAccelerator = !device.is_cpu(),
          .precision = precision,
          .availableBytes = availableDeviceBytes(device),
          .availableHostBytes = device.is_cpu() ? 0 : availableMemoryBytes(),
          .multiplyAddsPerSecond = 0};
}

ResourceEstimate estimateResources(const RunConfig& config,
                                   std::int64_t images,
                                   const RunPlace& place) {
  const NetworkCost cost = networkCost(config.model, config.data.imageSize);
  const std::uint64_t resident = residentDataBytes(config.data, images);
  const std::uint64_t weights = weightBytes(config, cost, images);
  const auto bytesOf = [&](std::int64_t batch) {
    return deviceBytes(config, cost, place, weights, resident, batch);
  };
  ResourceEstimate estimate;
  estimate.availableBytes = place.availableBytes;
  estimate.memoryBytes = bytesOf(config.run.batchSize);
  if (place.isAccelerator) {
    estimate.hostBytes = resident + hostBytesBeside(config, weights);
    estimate.availableHostBytes = place.availableHostBytes;
  }
  estimate.checkpointBytes =
      static_cast<std::uint64_t>(cost.parameters) * 4 * (isAdam(config) ? 3 : 2) +
      static_cast<std::uint64_t>(4 * objectiveNumbers(config, cost, images)) + kMega;
  if (place.multiplyAddsPerSecond > 0) {
    // All views, forward and twice as much backward, and A and B through a momentum network;
    // convolutions with what stands between reach 0.3 of a large matrix product.
    const double passes =
        viewsOf(config) * 3 + (config.objective.info().hasMomentumEncoder ? 2.0 : 0.0);
    const double perPair = cost.multiplyAdds * passes / (0.3 * place.multiplyAddsPerSecond);
    estimate.secondsPerEpoch = perPair * static_cast<double>(images);
  }
  if (hasRoom(estimate.memoryBytes, place.availableBytes)) {
    return estimate;
  }
  std::int64_t batch = config.run.batchSize / 2;
  while (batch >= 2 && !hasRoom(bytesOf(batch), place.availableBytes)) {
    batch /= 2;
  }
  estimate.proposal =
      batch >= 2
          ? fmt::format("run.batch_size={} would need about {}", batch, formatBytes(bytesOf(batch)))
          : "no batch fits: use a smaller backbone (model.backbone, "
            "model.width), projector or data.image_size";
  return estimate;
}

std::string memoryAdvice(const RunConfig& config, const RunPlace& place) {
  const NetworkCost cost = networkCost(config.model, config.data.imageSize);
  const std::uint64_t weights = weightBytes(config, cost, 0);
  const std::int64_t batch = config.run.batchSize;
  const std::int64_t tried = config.run.microBatchSize > 0 ? config.run.microBatchSize : batch;
  RunConfig smaller = config;
  for (std::int64_t parts = batch / tried + 1; parts <= batch / 2; ++parts) {
    const std::int64_t micro = batch / parts;
    smaller.run.microBatchSize = static_cast<int>(micro);
    if (batch % parts == 0 && micro <= tried / 2 &&
        hasRoom(deviceBytes(smaller, cost, place, weights, 0, batch), place.availableBytes)) {
      return fmt::format(
          "Set run.micro_batch_size={} (same loss, less memory), or use "
          "run.batch_size={}",
          micro,
          micro);
    }
  }
  return "Use a smaller run.batch_size, backbone (model.backbone, model.width), model.projector or "
         "data.image_size";
}

double measureMultiplyAddsPerSecond(int threads) {
  using Clock = std::chrono::steady_clock;
  torch::NoGradGuard noGrad;
  // One thread, and the fastest of many products: what else the machine does at the moment is not
  // what it can do. The count belongs to the calling thread and is put back.
  const int own = at::get_num_threads();
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
  at::set_num_threads(own);
  return threads * 384.0 * 384.0 * 384.0 / fastest;
}

}  // namespace barlow
