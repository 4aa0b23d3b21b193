// Training on a CUDA device against what it has to equal. All of it in under a minute on an H100.
#include "core/device/compute_device.h"
#include "core/models/encoder.h"
#include "core/objectives/barlow_twins_loss.h"
#include "core/optim/optimizer.h"
#include "core/params/config_io.h"
#include "core/planning/step_tuning.h"
#include "core/step/step_runner.h"
#include "core/studio/process_setup.h"
#include "core/studio/session.h"
#include "tests/support/temp_dir.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/DeviceAccelerator.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <mutex>
#include <string>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;

class TrainingOnGpu : public testing::Test {
 protected:
  static void SetUpTestSuite() { configureProcess(); }  // before the first product of the process
  void SetUp() override {
    const ResolvedDevice resolved = resolveDevice("auto");
    if (!resolved.device.is_cuda()) {
      GTEST_SKIP() << "no CUDA device that works here. " << resolved.warning;
    }
    device = resolved.device;
  }
  void TearDown() override { releaseDeviceMemory(device); }

  torch::Device device = torch::kCPU;
};

Tensor noise(std::uint64_t seed, std::int64_t batch, std::int64_t side) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return torch::randn({batch, 3, side, side}, generator);
}

ModelParams cifarNetwork(int width) {
  return {.backbone = Backbone::ResNet18,
          .stem = Stem::Cifar,
          .width = width,
          .projector = {512, 512, 512}};
}

RunConfig trainingOf(int width, std::int64_t batch, const OptimParams& optim = {}) {
  RunConfig config;
  config.model = cifarNetwork(width);
  config.optim = optim;
  config.run.batchSize = static_cast<int>(batch);
  config.run.seed = 3;
  return config;
}

Learner learnerOn(const torch::Device& device, const RunConfig& config) {
  return {config,
          objectiveSizes(config, config.run.batchSize),
          device,
          torch::MemoryFormat::ChannelsLast};
}

Tensor samplesOn(const torch::Device& device, std::int64_t batch) {
  return torch::arange(batch, torch::kInt64).to(device);
}

// One step's embeddings, loss and gradient, on the CPU in double.
struct Computed {
  Tensor z;         // [2 N, D]
  Tensor loss;      // []
  Tensor gradient;  // [parameters]
};

Computed computed(const torch::Device& device, torch::ScalarType type, bool isTf32) {
  constexpr std::int64_t kBatch = 48;
  Learner learner = learnerOn(device, trainingOf(32, kBatch));
  Encoder& network = learner.network;
  network->to(type);
  TrainingStep step(learner, {.isTf32 = isTf32});
  const auto view = [&](std::uint64_t seed) {
    return noise(seed, kBatch, 32).to(device, type).contiguous(torch::MemoryFormat::ChannelsLast);
  };
  const TrainingStep::Output output =
      step.forward({view(1), view(2)}, samplesOn(device, kBatch), {});
  step.backward();
  std::vector<Tensor> gradients;
  for (const Tensor& parameter : network->parameters()) {
    gradients.push_back(parameter.grad().flatten());
  }
  const auto onCpu = [](const Tensor& tensor) { return tensor.cpu().to(torch::kFloat64); };
  return {.z = onCpu(torch::cat(output.inputs.online)),
          .loss = onCpu(output.loss),
          .gradient = onCpu(torch::cat(gradients))};
}

double distance(const Tensor& left, const Tensor& right) {
  return ((left - right).norm() / right.norm()).item<double>();
}

// Gradients pass ReLUs, of which some round to the other side of zero: they are compared in units
// of what single precision does to them on the CPU.
TEST_F(TrainingOnGpu, Fp32IsIeeeWhateverTheEnvironmentSays) {
  at::globalContext().setAllowTF32CuBLAS(true);
  at::globalContext().setAllowTF32CuDNN(true);
  setArithmetic(device, true);
  const Computed exact = computed(torch::kCPU, torch::kFloat64, false);
  const Computed onCpu = computed(torch::kCPU, torch::kFloat32, false);
  const Computed onGpu = computed(device, torch::kFloat32, false);
  const Computed inTf32 = computed(device, torch::kFloat32, true);
  EXPECT_LT(distance(onGpu.z, exact.z), 1e-4);
  EXPECT_LT(distance(onGpu.loss, exact.loss), 1e-4);
  EXPECT_LT(distance(onGpu.gradient, exact.gradient),
            1e-4 + 3 * distance(onCpu.gradient, exact.gradient));
  std::cout << "embeddings, gradient: CPU " << distance(onCpu.z, exact.z) << ", "
            << distance(onCpu.gradient, exact.gradient) << "; GPU " << distance(onGpu.z, exact.z)
            << ", " << distance(onGpu.gradient, exact.gradient) << "; TF32 "
            << distance(inTf32.z, exact.z) << ", " << distance(inTf32.gradient, exact.gradient)
            << "\n";
  EXPECT_LT(distance(inTf32.z, exact.z), 5e-2);
}

bool hasTf32(const torch::Device& device) {
  const Tensor a = noise(5, 1, 256).to(device)[0][0];
  const Tensor ieee = a.mm(a);
  const Tf32Scope scope(device, true);
  return !torch::equal(a.mm(a), ieee);
}

TEST_F(TrainingOnGpu, Tf32IsTheNetworksAndNotTheLosss) {
  setArithmetic(device, true);
  if (!hasTf32(device)) {
    GTEST_SKIP() << "this GPU has no TF32";
  }
  const Tensor views = noise(1, 32, 32).to(device);
  const auto step = [&](bool isTf32, std::int64_t micro) {
    Learner learner = learnerOn(device, trainingOf(32, 32));
    return TrainingStep(learner, {.isTf32 = isTf32, .microBatchSize = micro})
        .forward({views, views.flip(0)}, samplesOn(device, 32), {});
  };
  const auto embeddings = [](const TrainingStep::Output& output) {
    return output.inputs.online[0];
  };
  const TrainingStep::Output plain = step(false, 0);
  const TrainingStep::Output rounded = step(true, 0);
  EXPECT_GT(distance(embeddings(rounded), embeddings(plain)), 1e-5);
  EXPECT_LT(distance(embeddings(rounded), embeddings(plain)), 5e-2);
  // TF32 in the loss' products would be off by 1e-4.
  const double exact = barlowTwinsLoss(rounded.inputs.online[0].to(torch::kCPU, torch::kFloat64),
                                       rounded.inputs.online[1].to(torch::kCPU, torch::kFloat64),
                                       BarlowTwinsParams{})
                           .loss.item<double>();
  EXPECT_NEAR(rounded.loss.item<double>() / exact, 1.0, 3e-6);
  EXPECT_FALSE(torch::equal(embeddings(step(true, 8)), embeddings(step(false, 8))))
      << "micro-batches as well";
}

struct GraphCase {
  std::string name;
  OptimParams optim;
  torch::ScalarType precision = torch::kFloat32;
  bool isTf32 = false;
  std::int64_t microBatchSize = 0;
};

std::vector<GraphCase> graphCases() {
  const OptimParams lars{.name = OptimizerName::Lars, .weightDecay = 1e-4};
  OptimParams clippedLars = lars;
  clippedLars.larsClip = true;
  OptimParams sgd{.name = OptimizerName::Sgd, .weightDecay = 1e-4};
  OptimParams clippedNorm = sgd;
  clippedNorm.clipNorm = 0.5;
  const OptimParams adam{.name = OptimizerName::Adam, .weightDecay = 1e-4};
  const OptimParams adamw{.name = OptimizerName::AdamW, .weightDecay = 1e-2};
  return {
      {.name = "lars", .optim = lars},
      {.name = "lars_clip", .optim = clippedLars},
      {.name = "sgd", .optim = sgd},
      {.name = "clip_norm", .optim = clippedNorm},
      {.name = "adam", .optim = adam},
      {.name = "adamw", .optim = adamw},
      {.name = "bf16", .optim = lars, .precision = torch::kBFloat16},
      {.name = "tf32", .optim = lars, .isTf32 = true},
      {.name = "micro_batch", .optim = sgd, .microBatchSize = 8},
      {.name = "micro_bf16", .optim = adamw, .precision = torch::kBFloat16, .microBatchSize = 8}};
}

// A small training as the trainer runs it; parameters and buffers at the end.
std::vector<Tensor> trained(const torch::Device& device, const GraphCase& example, bool isGraph) {
  constexpr int kSteps = 30;
  constexpr std::int64_t kBatch = 32;
  Learner learner = learnerOn(device, trainingOf(16, kBatch, example.optim));
  StepRunner runner(learner,
                    device,
                    {.step = {.precision = example.precision,
                              .isTf32 = example.isTf32,
                              .microBatchSize = example.microBatchSize},
                     .isRecorded = isGraph});
  for (int i = 0; i < kSteps; ++i) {
    const double rate = 1e-3 * (1 + i % 7);
    const auto view = [&](int seed) {
      return noise(static_cast<std::uint64_t>(seed), kBatch, 32)
          .to(device)
          .contiguous(torch::MemoryFormat::ChannelsLast);
    };
    runner.beginStep({}, {.weights = rate, .oneDimensional = rate / 3});
    runner.step({view(2 * i), view(2 * i + 1)}, samplesOn(device, kBatch), {});
  }
  EXPECT_EQ(runner.isRecorded(), isGraph) << runner.problem();
  const Encoder& network = learner.network;
  std::vector<Tensor> state = network->parameters();
  const std::vector<Tensor> buffers = network->buffers();
  state.insert(state.end(), buffers.begin(), buffers.end());
  return state;
}

// Issue 15: with a graph a run had other weights than without.
TEST_F(TrainingOnGpu, RecordedStepsGiveTheSameWeightsBitForBit) {
  if (!makeGraphRecorder(device)) {
    GTEST_SKIP() << "built without CUDA's headers: there are no graphs";
  }
  setArithmetic(device, true);
  for (const GraphCase& example : graphCases()) {
    const std::vector<Tensor> plain = trained(device, example, false);
    const std::vector<Tensor> recorded = trained(device, example, true);
    ASSERT_EQ(plain.size(), recorded.size());
    double worst = 0;
    for (std::size_t i = 0; i < plain.size(); ++i) {
      worst = std::max(worst, (plain[i] - recorded[i]).abs().max().item<double>());
      ASSERT_TRUE(torch::isfinite(plain[i]).all().item<bool>()) << example.name;
    }
    EXPECT_EQ(worst, 0) << example.name;
  }
}

std::int64_t activeBytes(const torch::Device& device) {
  at::accelerator::synchronizeDevice(device.index());
  constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  return at::accelerator::getDeviceStats(device.index()).active_bytes[kAll].current;
}

// Issue 15: after a failed recording the allocators went on recording. Memory that two streams
// had used, as every batch is, was never free again, and emptying the cache was an error.
TEST_F(TrainingOnGpu, AFailedRecordingLeavesNoTrace) {
  auto recorder = makeGraphRecorder(device);
  if (!recorder) {
    GTEST_SKIP() << "built without CUDA's headers: there are no graphs";
  }
  setArithmetic(device, false);
  const c10::impl::VirtualGuardImpl streams(torch::kCUDA);
  const c10::Stream other = streams.getStreamFromGlobalPool(device);
  Tensor weight = torch::ones({256, 256}, device).requires_grad_();
  const auto forget = [&] { weight.mutable_grad().reset(); };
  double read = 0;
  StepGraph graph(
      std::move(recorder),
      [&](const std::vector<Tensor>& views) {
        forget();
        TrainingStep::Output output;
        output.loss = views[0].mm(weight);
        output.loss.sum().backward();
        read = output.loss.sum().item<double>();  // waits for the device, which a recording cannot
        return output;
      },
      forget);
  const auto step = [&] {
    const Tensor batch = torch::ones({256, 256}).pin_memory().to(device, /*non_blocking=*/true);
    batch.record_stream(other);
    return graph.step({batch, batch});
  };
  for (int i = 0; i < StepGraph::kWarmUp + 20; ++i) {
    step();
  }
  EXPECT_FALSE(graph.isRecorded());
  EXPECT_NE(graph.problem(), "");
  const std::int64_t before = activeBytes(device);
  for (int i = 0; i < 200; ++i) {
    step();
  }
  EXPECT_EQ(read, 256.0 * 256 * 256);
  EXPECT_LE(activeBytes(device), before + (2 << 20)) << "bytes of 200 batches are 52 MB";
  EXPECT_NO_THROW(at::accelerator::emptyCache());

  // And the next recording works.
  StepGraph next(
      makeGraphRecorder(device),
      [](const std::vector<Tensor>& views) {
        TrainingStep::Output output;
        output.loss = views[0] + views[1];
        return output;
      },
      [] {});
  Tensor sum;
  for (int i = 0; i < StepGraph::kWarmUp + 3; ++i) {
    sum = next.step({torch::full({4}, i, device), torch::full({4}, 1, device)}).loss;
  }
  EXPECT_TRUE(next.isRecorded()) << next.problem();
  EXPECT_EQ(sum.sum().item<double>(), 4 * (StepGraph::kWarmUp + 3));
}

// Issue 15: it was given up in its warm-up, and fp32 was kept for ever.
TEST_F(TrainingOnGpu, TheFastestChoiceForAResNet50IsBf16) {
  const TempDir dir;
  setArithmetic(device, false);
  RunConfig config;
  config.data.imageSize = 224;
  config.model = {.backbone = Backbone::ResNet50,
                  .stem = Stem::Imagenet,
                  .width = 64,
                  .projector = {2048, 2048, 2048}};
  config.run.batchSize = 128;
  std::vector<std::string> told;
  const auto start = std::chrono::steady_clock::now();
  const StepChoice choice =
      resolveStepChoice(config, device, 1, nullptr, dir / "c.json", [&](const std::string& text) {
        told.push_back(text);
      });
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << "measured in " << seconds << " s\n";
  for (const std::string& text : told) {
    std::cout << text << "\n";
  }
  EXPECT_EQ(choice, (StepChoice{Precision::Bf16, MemoryFormat::ChannelsLast}));
  EXPECT_TRUE(at::globalContext().benchmarkCuDNN()) << "as before";
  const std::int64_t left = activeBytes(device);
  releaseDeviceMemory(device);
  std::cout << left << " bytes are left, " << activeBytes(device) << " of them in use\n";
  EXPECT_LT(activeBytes(device), 64 << 20) << "nothing is left on the device";
}

class KeptEnd final : public SessionObserver {
 public:
  void onState(SessionState) override {}
  void onEvent(const SessionEvent& event) override {
    const std::lock_guard lock(mutex_);
    newest_ = event;
  }
  void onNews() override {}
  SessionEvent newest() {
    const std::lock_guard lock(mutex_);
    return newest_;
  }

 private:
  std::mutex mutex_;
  SessionEvent newest_;
};

RunRequest smallRun(const std::filesystem::path& folder) {
  RunRequest request;
  request.config.data.source = "shapes";
  request.config.data.limit = 2048;
  request.config.data.imageSize = 32;
  request.config.model = cifarNetwork(64);
  request.config.run.batchSize = 1024;
  request.config.run.maxSteps = 2;
  request.config.run.epochs = 1;
  request.config.run.device = "cuda";
  request.config.run.precision = Precision::Bf16;
  request.config.run.memoryFormat = MemoryFormat::ChannelsLast;
  request.config.evaluate.everyEpochs = 0;
  request.folder = folder;
  return request;
}

TEST_F(TrainingOnGpu, SaysWhatFitsWhenMemoryIsGoneAndGoesOnAfterwards) {
  const TempDir dir;
  KeptEnd end;
  Session session(end);
  {
    constexpr std::uint64_t kLeft = 2600ull << 20;  // enough to prepare, not for a step
    const std::uint64_t available = availableDeviceBytes(device);
    ASSERT_GT(available, kLeft);
    const Tensor filler = torch::empty({static_cast<std::int64_t>(available - kLeft)},
                                       torch::TensorOptions(device).dtype(torch::kUInt8));
    session.start(smallRun(dir / "full"));
    session.wait();
  }
  releaseDeviceMemory(device);  // what is kept for reuse is in the way of libraries that do not ask
  EXPECT_EQ(session.state(), SessionState::Failed);
  EXPECT_NE(end.newest().error.message.find("run.micro_batch_size="), std::string::npos)
      << end.newest().error.message;
  std::cout << end.newest().error.message << "\n";
  session.start(smallRun(dir / "free"));
  session.wait();
  EXPECT_EQ(session.state(), SessionState::Finished) << end.newest().error.message;
}

}  // namespace
}  // namespace barlow
